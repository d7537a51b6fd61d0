import type { ColumnBatch } from '../simulator/column-batch.ts'
import type { FactName } from '../tables/index.ts'
import { type Day, formatDay } from '../time.ts'
import type { World } from '../world/world.ts'
import { compactDay } from './ids.ts'
import { HEAD_ROWS, headOf, type RowForm, rowLayout, type Shared } from './row-layout.ts'
import { type RowWriter, rowWriterFor } from './row-writer.ts'
import { WORD, writeDigits } from './words.ts'

/**
 * Columnar batches of one fact → CSV or NDJSON, as many rows at a time as a buffer holds. Measured (one busy core, Node
 * 20, stores with 115 lines a day): CSV 12–13 ns per row, NDJSON 17–19; a template string takes 25 times as long. Half
 * of it is ten and eighteen stores of 0.6 ns each, the rest table lookups. Tried: 4-byte stores (twice as many, no
 * faster), one table of all seconds of a day (no faster, and 0.7 MB), words and lengths in one table (slower).
 */
export class FactText {
  /** The first line of a file, if its format has one. */
  readonly head: string
  private readonly table: FactName
  private readonly writer: RowWriter
  private readonly template: Uint8Array
  /** The values that all rows of a range share, in the form that the writer reads. */
  private readonly shared: DataView
  private batch: ColumnBatch | undefined
  /** The current place: a span, its rows written so far, and the next row of the batch. */
  private span = 0
  private done = 0
  private row = 0
  private day: Day | undefined

  constructor(world: World, table: FactName, form: RowForm) {
    this.head = form === 'csv' ? headOf(world.schema, table, form) : ''
    this.table = table
    this.writer = writerOf(world, table, form)
    this.template = Uint8Array.from(this.writer.template)
    const { buffer, byteOffset, byteLength } = this.template
    this.shared = new DataView(buffer, byteOffset, byteLength)
  }

  /** Rows of the batch written so far. */
  get rows(): number {
    return this.row
  }

  /** Takes the next batch, after the previous one has been written. */
  begin(batch: ColumnBatch): void {
    this.batch = batch
    this.span = 0
    this.done = 0
    this.row = 0
  }

  /** Writes as many of the next rows as fit. Returns the bytes written: 0 if the batch has no more rows. */
  fill(bytes: Uint8Array): number {
    const { writer, shared, batch } = this
    if (!batch) return 0
    const { spans } = batch
    const { rows, length, first } = batch.facts[this.table]
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    let room = Math.floor((bytes.length - 2 * WORD) / writer.rowBytes)
    let at = 0
    while (room > 0 && this.span < spans.n) {
      const left = length[this.span] - this.done
      if (left === 0) {
        this.span++
        this.done = 0
        continue
      }
      const number = first[this.span] + this.done
      const own = number % HEAD_ROWS
      const n = Math.min(left, room, HEAD_ROWS - own)
      this.share(spans.day[this.span], spans.store[this.span], number)
      at = writer.write(view, at, shared, this.row, this.row + n, own, rows)
      this.row += n
      this.done += n
      room -= n
    }
    return at
  }

  /** Maximum number of bytes that a row takes. */
  get rowBytes(): number {
    return this.writer.rowBytes
  }

  /**
   * Writes one row of the batch, which has this number in its span, at an offset; returns the end offset. Rows may be
   * written in any order, but not between two calls of `fill`.
   */
  put(view: DataView, at: number, span: number, row: number, number: number): number {
    const { spans, facts } = this.batch!
    this.share(spans.day[span], spans.store[span], number)
    return this.writer.write(view, at, this.shared, row, row + 1, number % HEAD_ROWS, facts[this.table].rows)
  }

  /** Writes the values that all rows of a range share into the template. */
  private share(day: Day, store: number, number: number): void {
    const { template } = this
    for (const { what, at, width } of this.writer.shared) {
      if (what === 'store') writeDigits(template, at, width, store + 1)
      else if (what === 'thousands') writeDigits(template, at, width, (number / HEAD_ROWS) | 0)
      else if (day !== this.day) template.set(Buffer.from(dayText[what](day)), at)
    }
    this.day = day
  }
}

const writers = new WeakMap<World, Map<string, RowWriter>>()

/** Built once per world: its tables cover all products and prices. */
function writerOf(world: World, table: FactName, form: RowForm): RowWriter {
  const key = `${table} ${form}`
  let known = writers.get(world)
  if (!known) writers.set(world, (known = new Map()))
  let writer = known.get(key)
  if (!writer) known.set(key, (writer = rowWriterFor(world.ids, rowLayout(world, table, form))))
  return writer
}

const dayText: Record<Exclude<Shared, 'store' | 'thousands'>, (day: Day) => string> = { day: formatDay, compactDay }
