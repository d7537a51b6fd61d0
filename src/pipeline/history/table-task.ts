import { FactText } from '../../encode/fact-text.ts'
import type { DaySpan, HistoryTables, LoadedPart, RowChunk, TablePart } from '../../ports/index.ts'
import { type BlockCursor, simulateDays } from '../../simulator/block.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { byFact, type FactName } from '../../tables/index.ts'
import type { World } from '../../world/world.ts'
import { type Snapshots, saveState, stateAt } from './snapshots.ts'

/** The months of a block that a database lacks, or has only in part. */
export interface TableTask {
  block: number
  months: readonly DayMonth[]
}
type DayMonth = Omit<TablePart, 'block'>

export type TableMessage =
  | { kind: 'part'; part: LoadedPart; added: Readonly<Record<FactName, number>> }
  /** The database takes no rows; why is undefined if it is only slow. */
  | { kind: 'waiting'; why: string | undefined }

/** Rows in memory at a time; COPY takes them table by table. */
const CHUNK_LINES = 100_000
const PAGE_BYTES = 256 * 1024
const PATIENCE_MS = 5_000

/** Adds the parts of a block to the tables. Between parts, it checks whether to stop. */
export async function runTableTask(
  { block, months }: TableTask,
  {
    world,
    tables,
    snapshots,
    stop,
    send,
  }: {
    world: World
    tables: HistoryTables
    snapshots: Snapshots
    stop: () => boolean
    send: (message: TableMessage) => void
  },
): Promise<void> {
  const simulation = new BlockRows(world, block, snapshots)
  const waiting = setInterval(() => send({ kind: 'waiting', why: tables.trouble }), PATIENCE_MS)
  try {
    for (const month of months) {
      if (stop()) return
      const done = await tables.add({ block, ...month }, (span) => simulation.rowsOf(span))
      waiting.refresh()
      send({ kind: 'part', ...done })
    }
    await simulation.save(months[months.length - 1].through)
  } finally {
    clearInterval(waiting)
  }
}

/** The rows of a block as CSV, span by span; it continues where the span before has ended, if it can. */
class BlockRows {
  private readonly world: World
  private readonly block: number
  private readonly snapshots: Snapshots
  private readonly batch: ColumnBatch
  private readonly texts: Readonly<Record<FactName, FactText>>
  private cursor: BlockCursor | undefined

  constructor(world: World, block: number, snapshots: Snapshots) {
    this.world = world
    this.block = block
    this.snapshots = snapshots
    this.batch = new ColumnBatch(world.schema === 'extended')
    this.texts = byFact((name) => new FactText(world, name, 'csv'))
  }

  async *rowsOf({ from, through }: DaySpan): AsyncGenerator<RowChunk> {
    const { world, batch } = this
    const cursor = await this.cursorAt(from)
    for (let day = from; day <= through; day++) {
      simulateDays(world, cursor, day + 1, batch)
      if (batch.facts.transactions.rows.n < CHUNK_LINES && day < through) continue
      yield this.chunk()
      batch.clear()
    }
    this.cursor = cursor
  }

  /** Keeps the state of the simulation, so that a later run resumes there. */
  async save(through: number): Promise<void> {
    if (this.cursor?.hour === (through + 1) * 24) await saveState(this.world, this.cursor, this.snapshots)
  }

  /** The state at the start of a day. A failed span has moved the state on, so it is not used again. */
  private async cursorAt(day: number): Promise<BlockCursor> {
    const { world, batch, snapshots } = this
    const at = this.cursor
    this.cursor = undefined
    const block = world.blocks[this.block]
    const cursor = at && at.hour <= day * 24 ? at : await stateAt(world, block, day * 24, snapshots)
    batch.clear()
    simulateDays(world, cursor, day, batch, () => batch.clear())
    batch.clear()
    return cursor
  }

  private chunk(): RowChunk {
    const { batch, texts } = this
    return {
      rows: byFact((name) => batch.facts[name].rows.n),
      *pages(name) {
        const text = texts[name]
        text.begin(batch)
        for (;;) {
          const page = Buffer.allocUnsafe(PAGE_BYTES)
          const bytes = text.fill(page)
          if (bytes === 0) return
          yield page.subarray(0, bytes)
        }
      },
    }
  }
}
