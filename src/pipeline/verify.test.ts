import { expect, test, vi } from 'vitest'
import { localShop, makeHistory } from '../../test/history.ts'
import type { Ports } from '../ports/index.ts'
import { seedDims } from './seed-dims.ts'
import { verify } from './verify.ts'

/** As where raw holds rows that somebody has to load: it shows what was published, whatever the lake holds. */
const withRowsInRaw = ({ warehouse, ...ports }: Ports, publish: Ports['warehouse']['publish']): Ports => ({
  ...ports,
  warehouse: {
    ...warehouse,
    publish,
    reader: () => warehouse.reader(),
    traits: { ...warehouse.traits, raw: { of: 'rows', removal: () => [] } },
  },
})

test('what is in the lake and not in raw yet is told, not loaded, and not taken for missing rows', async () => {
  const shop = localShop()
  const { ports, config } = shop
  await makeHistory(shop, '2024-01-05')
  await seedDims(ports, config, {})
  await ports.warehouse.publish()
  await makeHistory(shop, '2024-01-09')
  const publish = vi.fn(ports.warehouse.publish)
  expect(await verify(withRowsInRaw(ports, publish), config, { workers: 0 })).toMatchObject({
    ok: true,
    differences: [],
    raw: { history: '2024-01-06T00:00:00Z', live: '2024-01-06T00:00:00Z' },
    unpublished: { history: '2024-01-10T00:00:00Z', live: '2024-01-10T00:00:00Z' },
  })
  expect(publish).not.toHaveBeenCalled()
})
