import {
  type ArrayName,
  type ArrayOf,
  cellsOf,
  type FactName,
  type FactRows,
  facts,
  type WorldSchema,
} from '../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../time.ts'
import { type Copy, type Put, rowCode } from './row-code.ts'

export { Movement } from '../tables/index.ts'

/** Spans: ranges of rows of one store on one UTC day. */
export interface Spans {
  n: number
  /** Store number − 1. */
  store: Int32Array
  day: Int32Array
}

/** The rows of one fact, in span order; those of a span are in time order and have consecutive numbers. */
export interface FactBatch<F extends FactName> {
  /** One array per cell; row i of all arrays is one row. Arrays of columns that the schema omits are empty. */
  rows: FactRows<F>
  /** Per span: its row count, and the number of its first row. */
  length: Int32Array
  first: Int32Array
  /** Reserves space for this many more rows. */
  reserve(more: number): void
}

type FactBatches = { readonly [F in FactName]: FactBatch<F> }
type Putters = { readonly [F in FactName]: Put<F> }

const SPANS = 256

/** The rows of all facts of a range of simulated time. Grows as needed and is reused after `clear`. */
export class ColumnBatch {
  readonly facts: FactBatches
  readonly spans: Spans = { n: 0, store: new Int32Array(SPANS), day: new Int32Array(SPANS) }
  readonly extended: boolean
  /** Writes a row of a fact; the caller increments `rows.n`. */
  readonly put: Putters
  /** The same, in the order of facts: code that runs per store and hour does not look up facts by name. */
  private readonly inOrder: Part[]

  constructor(extended: boolean, capacity = 1024) {
    this.extended = extended
    const schema = extended ? 'extended' : 'strict'
    const code = rowCode[schema]
    this.inOrder = facts.map(({ name }) => new Part(name, schema, capacity, code[name].copy as Copy<FactName>))
    this.facts = Object.fromEntries(facts.map(({ name }, i) => [name, this.inOrder[i]])) as unknown as FactBatches
    this.put = Object.fromEntries(facts.map(({ name }) => [name, code[name].put])) as unknown as Putters
  }

  /** Number of rows of all facts. */
  get n(): number {
    let n = 0
    for (const { rows } of this.inOrder) n += rows.n
    return n
  }

  clear(): void {
    for (const part of this.inOrder) part.clear()
    this.spans.n = 0
  }

  /** The earliest second of any row; infinite if there is none. */
  firstSecond(): Second {
    const { spans } = this
    let earliest = Number.POSITIVE_INFINITY
    for (const { rows, length } of this.inOrder) {
      for (let span = 0, row = 0; span < spans.n; row += length[span++])
        if (length[span] > 0) earliest = Math.min(earliest, spans.day[span] * SECONDS_PER_DAY + rows.second[row])
    }
    return earliest
  }

  /** Appends the rows [start, end) of the fact at that index of another batch; `close` assigns them to a span. */
  copy(from: ColumnBatch, fact: number, start: number, end: number): void {
    const part = this.inOrder[fact]
    part.reserve(end - start)
    part.copy(from.inOrder[fact].rows, part.rows, start, end)
  }

  /**
   * Assigns the rows added since the last call to a span of (store, day); if the last span has the same, it continues.
   * `next` has, in the order of facts, numbers at `at`: the number of the first of these rows, which this advances past
   * the last one.
   */
  close(store: number, day: number, next: readonly Int32Array[], at: number): void {
    const { spans, inOrder } = this
    let added = 0
    for (const part of inOrder) added += part.rows.n - part.closed
    if (added === 0) return
    let span = spans.n - 1
    const goesOn = span >= 0 && spans.store[span] === store && spans.day[span] === day
    if (!goesOn) span = this.begin(store, day)
    for (let i = 0; i < inOrder.length; i++) {
      const part = inOrder[i]
      const rows = part.rows.n - part.closed
      part.closed = part.rows.n
      if (!goesOn) part.first[span] = next[i][at]
      part.length[span] = goesOn ? part.length[span] + rows : rows
      next[i][at] += rows
    }
  }

  /**
   * Appends one row of the fact at that index of another batch. Unlike `copy` and `close`, this keeps any order: a row
   * that does not continue the last span, by store, day, fact, and number, starts a span.
   */
  append(from: ColumnBatch, fact: number, row: number, store: number, day: number, number: number): void {
    const { spans, inOrder } = this
    const part = inOrder[fact]
    this.copy(from, fact, row, row + 1)
    part.closed = part.rows.n
    let span = spans.n - 1
    const goesOn =
      span >= 0 &&
      spans.store[span] === store &&
      spans.day[span] === day &&
      part.length[span] > 0 &&
      part.first[span] + part.length[span] === number
    if (!goesOn) {
      span = this.begin(store, day)
      for (const each of inOrder) each.length[span] = 0
      part.first[span] = number
    }
    part.length[span]++
  }

  private begin(store: number, day: number): number {
    const { spans } = this
    if (spans.n === spans.store.length) {
      spans.store = grown(spans.store, spans.n + 1)
      spans.day = grown(spans.day, spans.n + 1)
      for (const part of this.inOrder) {
        part.length = grown(part.length, spans.n + 1)
        part.first = grown(part.first, spans.n + 1)
      }
    }
    spans.store[spans.n] = store
    spans.day[spans.n] = day
    return spans.n++
  }
}

const ARRAYS = { u8: Uint8Array, u16: Uint16Array, i32: Int32Array } satisfies Record<ArrayName, unknown>
type Column = ArrayOf[ArrayName]

class Part implements FactBatch<FactName> {
  readonly rows: FactRows<FactName>
  length = new Int32Array(SPANS)
  first = new Int32Array(SPANS)
  /** Rows that belong to a span. */
  closed = 0
  readonly copy: Copy<FactName>
  private capacity: number

  constructor(name: FactName, schema: WorldSchema, capacity: number, copy: Copy<FactName>) {
    this.capacity = capacity
    this.copy = copy
    const fact = facts.find((each) => each.name === name)!
    const used = new Set(cellsOf(fact, schema).map((cell) => cell.name))
    const arrays = cellsOf(fact, 'extended').map((cell): [string, Column] => [
      cell.name,
      new ARRAYS[cell.array](used.has(cell.name) ? capacity : 0),
    ])
    this.rows = Object.fromEntries<unknown>([['n', 0], ...arrays]) as FactRows<FactName>
  }

  clear(): void {
    this.rows.n = 0
    this.closed = 0
  }

  reserve(more: number): void {
    const needed = this.rows.n + more
    if (needed <= this.capacity) return
    const columns = this.rows as unknown as Record<string, Column | number>
    for (const [name, column] of Object.entries(columns)) {
      if (typeof column === 'number' || column.length === 0) continue
      const larger = grown(column, needed)
      columns[name] = larger
      this.capacity = larger.length
    }
  }
}

/** Large ones grow by a quarter: excess memory stays for the life of a thread. */
function grown<Array extends Column>(column: Array, needed: number): Array {
  const wanted = Math.ceil(column.length * (column.length < 1 << 20 ? 2 : 1.25))
  const larger = new (column.constructor as new (n: number) => Array)(Math.max(needed, wanted))
  larger.set(column)
  return larger
}
