import { expect, test } from 'vitest'
import { json, workspace } from './tool.ts'

interface Plan {
  world: { stores: number; linesPerStoreDay: number; from: string; to: string }
  rows: { transactions: number; inventories: number }
  lake: { blocks: number; sizeBytes: number }
  backfill: { processBytes: number; workerBytes: number }
}
interface Backfill {
  rows: Plan['rows']
  sizeBytes: number
  peakRssBytes: number
}

/** Few and many lines in a row group; blocks of few and of many stores. */
const worlds = [
  { rows: '200M', of: { stores: 1000, products: 2000, lines: 100, to: '2024-02-20' } },
  { rows: '100e9', of: { stores: 1000, products: 2000, lines: 100, to: '2024-03-31' }, to: '2024-01-03' },
]

test.each(worlds)(
  'a block of the world that plan --rows $rows describes is as planned, but for time',
  async ({ rows, of, to }) => {
    const planned = await json<Plan>(workspace(of), `plan --rows ${rows}`)
    const { stores, linesPerStoreDay, from } = planned.world
    const world = { ...of, stores, lines: linesPerStoreDay, from, to: to ?? planned.world.to }
    const folder = workspace(world, true)
    // The same world with fewer days: rows and bytes of those, and the memory of the whole.
    const part = to ? await json<Plan>(folder, `plan --to ${to}`) : planned
    const made = await json<Backfill>(folder, `backfill --shard 1/${planned.lake.blocks} --workers 1`)
    const { backfill, lake } = part
    const ratios = {
      transactions: (made.rows.transactions * lake.blocks) / part.rows.transactions,
      inventories: (made.rows.inventories * lake.blocks) / part.rows.inventories,
      sizeBytes: (made.sizeBytes * lake.blocks) / lake.sizeBytes,
      memory: made.peakRssBytes / (backfill.processBytes + backfill.workerBytes),
    }
    for (const [what, ratio] of Object.entries(ratios)) {
      expect(ratio, what).toBeGreaterThan(0.75)
      expect(ratio, what).toBeLessThan(1.25)
    }
  },
)
