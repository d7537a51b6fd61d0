import { expect, test } from 'vitest'
import { localShop } from '../../test/history.ts'
import { RetailError } from '../errors.ts'
import type { FileBatch, Ports } from '../ports/index.ts'
import { facts } from '../tables/index.ts'
import { loadBatches } from './load-batches.ts'

const FROM = 'gs://a-bucket/out'

const turn = () => new Promise((resolve) => setImmediate(resolve))

/** A warehouse that finds 40 batches of ten rows, half of them loaded; `load` is what loading one does. */
function shopWith(load: (name: string) => Promise<void>) {
  const { config, ports } = localShop()
  const batches = Array.from({ length: 40 }, (_, i): FileBatch => {
    const [name, loaded] = [`batch-${i}`, i % 2 === 1]
    return { table: facts[(i % 4) >> 1].name, name, rows: loaded ? 0 : 10, loaded, load: () => load(name) }
  })
  const warehouse = { ...ports.warehouse, batchLoading: { can: true, find: async () => batches } }
  return { config, ports: { ...ports, warehouse } as Ports }
}

test('every batch that raw lacks is loaded once; --dry-run only counts them', async () => {
  const loads: string[] = []
  const { config, ports } = shopWith(async (name) => void loads.push(name))
  const result = { batches: { found: 40, loaded: 20 }, rows: { transactions: 100, inventories: 100 }, stopped: false }
  expect(await loadBatches(ports, config, { from: FROM, dryRun: true })).toMatchObject(result)
  expect(loads).toEqual([])
  expect(await loadBatches(ports, config, { from: FROM })).toMatchObject(result)
  expect(loads.sort()).toEqual(Array.from({ length: 20 }, (_, i) => `batch-${2 * i}`).sort())
})

test('asked to stop, it finishes what has started, and says that batches are left', async () => {
  const stop = new AbortController()
  let [begun, done] = [0, 0]
  const { config, ports } = shopWith(async () => {
    if (++begun === 3) stop.abort()
    await Promise.resolve()
    done++
  })
  const { batches, stopped } = await loadBatches(ports, config, { from: FROM, signal: stop.signal })
  expect([batches.loaded, stopped]).toEqual([3, true])
  expect([begun, done]).toEqual([3, 3])
})

test('after a failed load, no other one begins', async () => {
  let begun = 0
  const { config, ports } = shopWith(async () => {
    if (++begun === 8) throw new RetailError('failed', 'BigQuery failed')
    await turn()
  })
  await expect(loadBatches(ports, config, { from: FROM })).rejects.toMatchObject({ message: 'BigQuery failed' })
  // The other seven loads end in the next turn, and would begin seven more.
  await turn()
  await turn()
  expect(begun).toBe(8)
})
