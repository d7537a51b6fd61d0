import { civilOf, type Day } from '../time.ts'
import { pagesOf } from './columns.ts'
import { IdPage, type IdWidth, PlainIds } from './id-pages.ts'
import { type Chunk, type Page, SNAPPY, UNCOMPRESSED } from './parquet.ts'

export interface IdDigits {
  store: number
  number: number
}

/** yymmdd of a day. */
export function compactDay(day: Day): string {
  const { year, month, day: d } = civilOf(day)
  return String((year % 100) * 10_000 + month * 100 + d).padStart(6, '0')
}

/** `T240131-0412-`: everything before the number. */
export const idPrefix = (kind: string, day: Day, store: number, digits: IdDigits): string =>
  `${kind}${compactDay(day)}-${String(store + 1).padStart(digits.store, '0')}-`

export const idOf = (kind: string, day: Day, store: number, number: number, digits: IdDigits): string =>
  idPrefix(kind, day, store, digits) + String(number).padStart(digits.number, '0')

export interface IdSpans {
  kind: string
  digits: IdDigits
  store: Int32Array
  day: Int32Array
  /** Number of the first row of each span, and its row count. */
  first: Int32Array
  length: Int32Array
  spans: number
}

/** The id column of a row group: PLAIN strings, as a Snappy stream unless `plain`. */
export function idChunk({ kind, digits, store, day, first, length, spans }: IdSpans, plain: boolean): Chunk {
  const width: IdWidth = { prefix: idPrefix(kind, 0, 0, digits).length, number: digits.number }
  let rows = 0
  for (let span = 0; span < spans; span++) rows += length[span]
  const least = new Bound(-1, digits.number)
  const most = new Bound(1, digits.number)

  function* pages(): Generator<Page> {
    let span = 0
    let done = 0
    for (const [from, to] of pagesOf(rows)) {
      const page = plain ? new PlainIds(width, to - from) : new IdPage(width, to - from, spans)
      for (let row = from; row < to; ) {
        while (done === length[span]) {
          span++
          done = 0
        }
        const n = Math.min(to - row, length[span] - done)
        const number = first[span] + done
        const prefix = idPrefix(kind, day[span], store[span], digits)
        page.add(prefix, number, number + n)
        least.take(prefix, number)
        most.take(prefix, number + n - 1)
        done += n
        row += n
      }
      yield { rows: to - from, body: [page.body()], plainBytes: page.plainBytes }
    }
  }
  return {
    pages: pages(),
    codec: plain ? UNCOMPRESSED : SNAPPY,
    bounds: () => [least.id(), most.id()],
  }
}

/** The smallest or largest id; its text is built once, on demand. */
class Bound {
  private readonly side: -1 | 1
  private readonly digits: number
  private prefix: string | undefined
  private number = 0

  constructor(side: -1 | 1, digits: number) {
    this.side = side
    this.digits = digits
  }

  take(prefix: string, number: number): void {
    const known = this.prefix
    if (known !== undefined) {
      const order = prefix === known ? number - this.number : prefix < known ? -1 : 1
      if (order * this.side <= 0) return
    }
    this.prefix = prefix
    this.number = number
  }

  id(): Uint8Array {
    return Buffer.from((this.prefix ?? '') + String(this.number).padStart(this.digits, '0'))
  }
}
