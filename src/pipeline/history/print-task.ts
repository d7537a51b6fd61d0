import { FactText } from '../../encode/fact-text.ts'
import type { TextFormat } from '../../encode/row-layout.ts'
import { simulateDays } from '../../simulator/block.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import type { FactName } from '../../tables/index.ts'
import type { Day } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { type Filled, type RingBuffer, slotsOf } from './ring-buffer.ts'
import { type Snapshots, stateAt } from './snapshots.ts'

/** A worker's share of a table on its way to stdout: some blocks, every day. */
export interface PrintTask {
  table: FactName
  format: TextFormat
  blocks: readonly number[]
  from: Day
  /** Inclusive. */
  to: Day
  ring: RingBuffer
  /** The index of its ring buffer. */
  index: number
}

/** Fills the ring buffer with rows, day by day and, within a day, block by block. */
export async function runPrintTask(
  { table, format, blocks, from, to, ring }: PrintTask,
  {
    world,
    workspace,
    send,
    stop,
  }: { world: World; workspace: Snapshots; send: (filled: Filled) => void; stop: () => boolean },
): Promise<void> {
  const cursors = await Promise.all(blocks.map((block) => stateAt(world, world.blocks[block], from * 24, workspace)))
  const text = new FactText(world, table, format)
  const batch = new ColumnBatch(world.schema === 'extended')
  const nextSlot = slotsOf(ring)
  for (const cursor of cursors) {
    for (let day = cursor.hour / 24; day < from && !stop(); day++) {
      batch.clear()
      simulateDays(world, cursor, day + 1, batch)
    }
  }
  for (let day = from; day <= to; day++) {
    for (const cursor of cursors) {
      if (stop()) return
      batch.clear()
      simulateDays(world, cursor, day + 1, batch)
      const all = batch.facts[table].rows.n
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
