import { FactText } from '../../encode/fact-text.ts'
import type { TextFormat } from '../../encode/row-layout.ts'
import { Batch } from '../../simulator/batch.ts'
import { simulateDays } from '../../simulator/block.ts'
import type { FactName } from '../../tables/index.ts'
import type { Day } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { type Filled, type Lane, slotsOf } from './lane.ts'
import { type Snapshots, stateAt } from './snapshots.ts'

/** A worker's share of a table on its way to stdout: some blocks, every day. */
export interface PrintTask {
  table: FactName
  format: TextFormat
  blocks: readonly number[]
  from: Day
  /** inclusive */
  to: Day
  lane: Lane
  /** which lane it is */
  index: number
}

/** Fills the lane with the rows of a day, block by block, day by day. */
export async function runPrintTask(
  { table, format, blocks, from, to, lane }: PrintTask,
  {
    world,
    workspace,
    send,
    stop,
  }: { world: World; workspace: Snapshots; send: (filled: Filled) => void; stop: () => boolean },
): Promise<void> {
  const travellers = await Promise.all(blocks.map((block) => stateAt(world, world.blocks[block], from * 24, workspace)))
  const text = new FactText(world, table, format)
  const batch = new Batch(world.schema === 'extended')
  const nextSlot = slotsOf(lane)
  for (const traveller of travellers) {
    for (let day = traveller.hour / 24; day < from && !stop(); day++) {
      batch.clear()
      simulateDays(world, traveller, day + 1, batch)
    }
  }
  for (let day = from; day <= to; day++) {
    for (const traveller of travellers) {
      if (stop()) return
      batch.clear()
      simulateDays(world, traveller, day + 1, batch)
      const all = table === 'transactions' ? batch.lines.n : batch.movements.n
      text.begin(batch)
      for (let rows = 0; rows < all; ) {
        const slot = nextSlot()
        if (!slot) return
        const sizeBytes = text.fill(slot)
        send({ sizeBytes, rows: text.rows - rows, ends: false })
        rows = text.rows
      }
      send({ sizeBytes: 0, rows: 0, ends: true })
    }
  }
}
