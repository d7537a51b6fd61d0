import type { Batch } from '../simulator/batch.ts'
import type { FactName } from '../tables/index.ts'
import { type Day, formatDay } from '../time.ts'
import type { World } from '../world/world.ts'
import { compactDay } from './ids.ts'
import { headOf, rowLayout, type Shared, STRETCH, type TextFormat } from './row-layout.ts'
import { type RowWriter, rowWriterFor } from './row-writer.ts'
import { WORD, writeDigits } from './words.ts'

/**
 * Columnar batches of one fact → CSV or NDJSON, as many rows at a time as a buffer takes.
 * Measured (one busy core, Node 20, stores of 115 lines a day): CSV 12–13 ns a row, NDJSON 17–19; a template string takes 25 times
 * as long. Ten and eighteen stores of 0.6 ns are half of it, the table look-ups the rest. Tried: 4-byte stores (twice as many, no
 * faster), one table of all seconds of a day (no faster, and 0.7 MB), words and lengths in one table (slower).
 */
export class FactText {
  /** the first line of a file, if its format has one */
  readonly head: string
  private readonly table: FactName
  private readonly writer: RowWriter
  /** what the rows of a stretch share, as the writer reads it */
  private readonly shared: DataView
  private batch: Batch | undefined
  /** where it stands: a run, the rows of it that are written, and the next row of the batch */
  private run = 0
  private done = 0
  private row = 0
  private day: Day | undefined

  constructor(world: World, table: FactName, format: TextFormat) {
    this.head = headOf(world.schema, table, format)
    this.table = table
    this.writer = rowWriterFor(world.ids, rowLayout(world, table, format))
    const { buffer, byteOffset, byteLength } = this.writer.template
    this.shared = new DataView(buffer, byteOffset, byteLength)
  }

  /** rows of the batch that are written */
  get rows(): number {
    return this.row
  }

  /** Takes the next batch, when the one before is written. */
  begin(batch: Batch): void {
    this.batch = batch
    this.run = 0
    this.done = 0
    this.row = 0
  }

  /** Writes the next rows, as many as fit. Returns the bytes written: 0 when the batch has no more. */
  fill(bytes: Uint8Array): number {
    const { writer, shared, batch } = this
    if (!batch) return 0
    const { runs, lines, movements } = batch
    const sales = this.table === 'transactions'
    const lengths = sales ? runs.lines : runs.movements
    const first = sales ? runs.firstLine : runs.firstMovement
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let room = Math.floor((bytes.length - 2 * WORD) / writer.rowBytes)
    let at = 0
    while (room > 0 && this.run < runs.n) {
      const left = lengths[this.run] - this.done
      if (left === 0) {
        this.run++
        this.done = 0
        continue
      }
      const number = first[this.run] + this.done
      const own = number % STRETCH
      const rows = Math.min(left, room, STRETCH - own)
      this.share(runs.day[this.run], runs.store[this.run], number)
      at = writer.write(view, at, shared, this.row, this.row + rows, own, sales ? lines : movements)
      this.row += rows
      this.done += rows
      room -= rows
    }
    return at
  }

  /** What the rows of a stretch have in common goes into the template. */
  private share(day: Day, store: number, number: number): void {
    const { template, shared } = this.writer
    for (const { what, at, width } of shared) {
      if (what === 'store') writeDigits(template, at, width, store + 1)
      else if (what === 'thousands') writeDigits(template, at, width, (number / STRETCH) | 0)
      else if (day !== this.day) template.set(Buffer.from(dayText[what](day)), at)
    }
    this.day = day
  }
}

const dayText: Record<Exclude<Shared, 'store' | 'thousands'>, (day: Day) => string> = { day: formatDay, compactDay }
