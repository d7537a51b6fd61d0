import type { ColumnBatch } from '../simulator/column-batch.ts'
import { byFact, type FactName, facts } from '../tables/index.ts'
import { SECONDS_PER_DAY } from '../time.ts'
import type { World } from '../world/world.ts'
import { FactText } from './fact-text.ts'
import type { RowForm } from './row-layout.ts'
import { WORD } from './words.ts'

/** Large enough that a system call per page is cheap, small enough to stay in the cache. */
const PAGE_BYTES = 1 << 18

/** Consecutive rows as text: `starts`, `tables` (index into `facts`), and `stores` (number − 1) have one entry per row. */
export interface Page {
  n: number
  bytes: Uint8Array
  starts: Int32Array
  tables: Uint8Array
  stores: Int32Array
}

/**
 * The rows of a batch as lines in timeline order: by second, store, table, and number. A page is overwritten by the next
 * one. Measured (one busy core, Node 20): 70 to 90 ns per row, a third of it for the order.
 */
export function* pagesOf(world: World, batch: ColumnBatch, form: RowForm, names: readonly FactName[]): Generator<Page> {
  const order = timelineOrder(batch, names)
  const texts = facts.map(({ name }) => new FactText(world, name, form))
  for (const text of texts) text.begin(batch)
  const most = Math.max(...texts.map((text) => text.rowBytes))
  const room = Math.floor((PAGE_BYTES - 2 * WORD) / most)
  const bytes = new Uint8Array(PAGE_BYTES)
  const view = new DataView(bytes.buffer)
  const page = { starts: new Int32Array(room + 1), tables: new Uint8Array(room), stores: new Int32Array(room) }
  const { store } = batch.spans
  for (let done = 0; done < order.n; ) {
    const n = Math.min(room, order.n - done)
    let at = 0
    for (let i = 0; i < n; i++, done++) {
      const [table, span, row] = [order.table[done], order.span[done], order.row[done]]
      page.starts[i] = at
      page.tables[i] = table
      page.stores[i] = store[span]
      at = texts[table].put(view, at, span, row, order.base[table][span] + row)
    }
    page.starts[n] = at
    yield { n, bytes: bytes.subarray(0, at), ...page }
  }
}

/** Rows in timeline order; the number of a row in its store and day is `base` of its table and span, plus `row`. */
interface Order {
  n: number
  table: Uint8Array
  span: Int32Array
  row: Int32Array
  base: readonly Int32Array[]
}

/**
 * Sorts by second only, and keeps the order of equal ones: spans are in order of hours, and within an hour in order of
 * stores, and the rows of a span are in order of time and number.
 */
function timelineOrder(batch: ColumnBatch, names: readonly FactName[]): Order {
  const { spans } = batch
  const chosen = byFact((name) => names.includes(name))
  const n = names.reduce((sum, name) => sum + batch.facts[name].rows.n, 0)
  const origin = batch.firstSecond()
  const seconds = facts.map(({ name }) => batch.facts[name].rows.second)
  const offsetOf = (span: number) => spans.day[span] * SECONDS_PER_DAY - origin
  const lengths = facts.map(({ name }) => batch.facts[name].length)
  /** First row of each span. */
  const begins = lengths.map((length) => beginsOf(length, spans.n))

  // How many rows are before each second.
  let last = 0
  eachRange((offset, table, from, to) => {
    if (to > from) last = Math.max(last, offset + seconds[table][to - 1])
  })
  const place = new Int32Array(last + 2)
  eachRange((offset, table, from, to) => {
    for (let row = from; row < to; row++) place[offset + seconds[table][row] + 1]++
  })
  for (let second = 0; second <= last; second++) place[second + 1] += place[second]

  const order = { n, table: new Uint8Array(n), span: new Int32Array(n), row: new Int32Array(n) }
  eachRange((offset, table, from, to, span) => {
    for (let row = from; row < to; row++) {
      const at = place[offset + seconds[table][row]]++
      order.table[at] = table
      order.span[at] = span
      order.row[at] = row
    }
  })
  const base = facts.map(({ name }, table) => {
    const { first } = batch.facts[name]
    return Int32Array.from({ length: spans.n }, (_, span) => first[span] - begins[table][span])
  })
  return { ...order, base }

  function eachRange(visit: (offset: number, table: number, from: number, to: number, span: number) => void): void {
    for (let span = 0; span < spans.n; span++) {
      const offset = offsetOf(span)
      for (const [table, { name }] of facts.entries())
        if (chosen[name]) visit(offset, table, begins[table][span], begins[table][span] + lengths[table][span], span)
    }
  }
}

function beginsOf(length: Int32Array, spans: number): Int32Array {
  const begins = new Int32Array(spans)
  for (let span = 1; span < spans; span++) begins[span] = begins[span - 1] + length[span - 1]
  return begins
}
