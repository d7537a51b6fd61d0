import { expect, test } from 'vitest'
import { json, retail, workspace } from './tool.ts'

interface Repaired {
  repaired: { file: string; why: string; did: string }[]
}

test('repair finds nothing to repair after a stream', async () => {
  const folder = workspace({ stores: 2, products: 20, lines: 12, to: '2024-01-03' })
  for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-01-05T05:00:00Z'])
    expect(await retail(folder, line)).toMatchObject({ code: 0 })
  expect(await json<Repaired>(folder, 'repair')).toMatchObject({ code: 0, repaired: [] })
})
