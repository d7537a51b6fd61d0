import { ColumnBatch } from '../simulator/column-batch.ts'
import { facts } from '../tables/index.ts'
import { type Day, SECONDS_PER_HOUR, type Second } from '../time.ts'

/** An event whose cells are a row of a batch. */
export interface RowEvent {
  /** Index into `facts`. */
  fact: number
  store: number
  day: Day
  /** Index of the row among those of its fact. */
  row: number
  /** That of its id. */
  number: number
  time: Second
}

/** Copies that arrive within one hour, with the rows they consist of. */
export class Arrivals {
  readonly rows: ColumnBatch
  n = 0
  /** Per copy: second of the hour, event time, store × facts + fact, number, copy, form, and index of its row. */
  second = new Int32Array(64)
  time = new Int32Array(64)
  place = new Int32Array(64)
  number = new Int32Array(64)
  copy = new Uint8Array(64)
  form = new Uint8Array(64)
  row = new Int32Array(64)
  day = new Int32Array(64)

  constructor(extended: boolean) {
    this.rows = new ColumnBatch(extended, 64)
  }

  /** A copy of an event whose row is in `batch`; `second`: of the hour. */
  add(batch: ColumnBatch, event: RowEvent, second: number, copy: number, form: number): void {
    const { n, rows } = this
    const { fact, row } = event
    if (n === this.second.length) this.grow()
    this.second[n] = second
    this.time[n] = event.time
    this.day[n] = event.day
    this.place[n] = event.store * facts.length + fact
    this.number[n] = event.number
    this.copy[n] = copy
    this.form[n] = form
    this.row[n] = rows.facts[facts[fact].name].rows.n
    rows.copy(batch, fact, row, row + 1)
    this.n++
  }

  /** Indexes in order of arrival, event time, store, fact, number, and copy. */
  inOrder(): Int32Array {
    const { n, second, time, place, number, copy } = this
    const ends = new Int32Array(SECONDS_PER_HOUR + 1)
    for (let i = 0; i < n; i++) ends[second[i] + 1]++
    for (let s = 0; s < SECONDS_PER_HOUR; s++) ends[s + 1] += ends[s]
    const begins = ends.slice()
    const order = new Int32Array(n)
    for (let i = 0; i < n; i++) order[ends[second[i]]++] = i
    for (let s = 0; s < SECONDS_PER_HOUR; s++)
      if (begins[s + 1] - begins[s] > 1)
        order
          .subarray(begins[s], begins[s + 1])
          .sort((a, b) => time[a] - time[b] || place[a] - place[b] || number[a] - number[b] || copy[a] - copy[b])
    return order
  }

  private grow(): void {
    const larger = this.second.length * 2
    const to = <A extends Int32Array | Uint8Array>(array: A): A => {
      const grown = new (array.constructor as new (n: number) => A)(larger)
      grown.set(array)
      return grown
    }
    this.second = to(this.second)
    this.time = to(this.time)
    this.day = to(this.day)
    this.place = to(this.place)
    this.number = to(this.number)
    this.copy = to(this.copy)
    this.form = to(this.form)
    this.row = to(this.row)
  }
}
