import { ColumnBatch } from '../simulator/column-batch.ts'
import {
  type ArrayName,
  type ArrayOf,
  cellsOf,
  type FactName,
  indexOfFact,
  tables,
  type WorldSchema,
} from '../tables/index.ts'
import type { Day } from '../time.ts'

/** The expected rows of store-days that differ, as they cross threads. */
export interface KeptRows {
  table: FactName
  cells: Record<string, ArrayOf[ArrayName]>
  n: number
  spans: KeptSpan[]
}

export interface KeptSpan {
  /** The index of its store-day. */
  index: number
  store: number
  day: Day
  /** The number of its first row, and its place in the cells. */
  first: number
  row: number
  length: number
  /** Its rows [from, end), counted within it, must be there; the others may be. */
  from: number
  end: number
}

/** Rows that are looked at in full. If more differ, a sample of this many rows says why. */
export interface Budget {
  rows: number
  sample: number
}
export const BUDGET: Budget = { rows: 2_000_000, sample: 250_000 }

/** The level of a sample, and the number of rows that all threads keep. */
export const samplingMemory = (): SharedArrayBuffer => new SharedArrayBuffer(8)

/**
 * Which store-days are kept: all at level 0, and half of them at each further level. All threads read the level from
 * shared memory, so that together they stay below the budget.
 */
export class Sampling {
  private readonly level: Int32Array
  private readonly budget: Budget

  constructor(memory: SharedArrayBuffer, budget: Budget) {
    this.level = new Int32Array(memory)
    this.budget = budget
  }

  /** Counts rows that are kept from now on; if negative, rows that no longer are. */
  count(rows: number): void {
    Atomics.add(this.level, 1, rows)
  }

  get isSample(): boolean {
    return Atomics.load(this.level, 0) > 0
  }

  keeps(index: number): boolean {
    const level = Atomics.load(this.level, 0)
    return level === 0 || Math.imul(index + 1, 0x9e37_79b1) >>> (32 - Math.min(31, level)) === 0
  }

  /**
   * Raises the level until the caller's rows, of which `rowsNow` counts those that it keeps, fit. A sample begins when the
   * rows of all threads are too many; the others drop theirs later, so from then on each looks at its own.
   */
  thin(rows: number, rowsNow: () => number): void {
    if (this.isSample ? rows <= this.budget.sample : Atomics.load(this.level, 1) <= this.budget.rows) return
    while (Atomics.load(this.level, 0) < 31 && rowsNow() > this.budget.sample) {
      Atomics.add(this.level, 0, 1)
      if (rowsNow() > 0) continue
      // One store-day alone may be larger than the sample.
      Atomics.sub(this.level, 0, 1)
      return
    }
  }
}

/** Collects the rows of store-days that differ, in a thread. */
export class Keeper {
  private batch: ColumnBatch
  private spans: KeptSpan[] = []
  private readonly table: FactName
  private readonly schema: WorldSchema
  private readonly sampling: Sampling

  constructor(table: FactName, schema: WorldSchema, sampling: Sampling) {
    this.table = table
    this.schema = schema
    this.sampling = sampling
    this.batch = this.empty()
  }

  add(from: ColumnBatch, span: KeptSpan): void {
    if (!this.sampling.keeps(span.index)) return
    this.copy(from, span)
    this.sampling.count(span.length)
    this.sampling.thin(this.rows, () =>
      this.spans.reduce((n, each) => n + (this.sampling.keeps(each.index) ? each.length : 0), 0),
    )
    if (this.spans.every(({ index }) => this.sampling.keeps(index))) return
    const { batch, spans } = this
    this.batch = this.empty()
    this.spans = []
    for (const each of spans)
      if (this.sampling.keeps(each.index)) this.copy(batch, each)
      else this.sampling.count(-each.length)
  }

  /** In memory that threads share: a message would copy them twice more. */
  take(): KeptRows | undefined {
    if (this.spans.length === 0) return undefined
    const rows = this.batch.facts[this.table].rows as unknown as Record<string, ArrayOf[ArrayName]>
    const cells = cellsOf(tables[this.table], this.schema).map(({ name }) => [
      name,
      shared(rows[name].subarray(0, this.rows)),
    ])
    return { table: this.table, cells: Object.fromEntries(cells), n: this.rows, spans: this.spans }
  }

  private get rows(): number {
    return this.batch.facts[this.table].rows.n
  }

  private copy(from: ColumnBatch, span: KeptSpan): void {
    const row = this.rows
    this.batch.copy(from, indexOfFact(this.table), span.row, span.row + span.length)
    this.spans.push({ ...span, row })
  }

  private empty = () => new ColumnBatch(this.schema === 'extended')
}

function shared<Column extends ArrayOf[ArrayName]>(column: Column): Column {
  const copy = new (column.constructor as new (memory: SharedArrayBuffer) => Column)(
    new SharedArrayBuffer(column.byteLength),
  )
  copy.set(column)
  return copy
}
