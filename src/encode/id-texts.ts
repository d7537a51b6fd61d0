import { pagesOf, varint } from './columns.ts'
import { type Chunk, type Page, SNAPPY, UNCOMPRESSED } from './parquet.ts'
import { FAR_COPY, FARTHEST, LONGEST_COPY, literal, type SnappyPage, snappyPage } from './snappy.ts'

/** Bytes of a PLAIN string's length. */
const LENGTH = 4
/** Maximum length, so that an id without a source is one literal. */
export const LONGEST_ID = 60 - LENGTH

/**
 * Ids of other rows, in the order of the rows that refer to them: PLAIN strings, as a Snappy stream unless `plain`.
 * Measured (extended, 100 lines a day): 1.9 bytes per row for baskets and 4.7 for references, instead of 24 and 22.
 */
export function idTextChunk(rows: number, ids: Generator<string>, plain: boolean): Chunk {
  let low: string | undefined
  let high = ''
  function* pages(): Generator<Page> {
    for (const [from, to] of pagesOf(rows)) {
      const page = plain ? new PlainTexts() : new TextPage()
      for (let row = from; row < to; row++) {
        const id: string = ids.next().value
        page.add(id)
        if (low === undefined || id < low) low = id
        if (id > high) high = id
      }
      yield { rows: to - from, body: page.body(), plainBytes: page.plainBytes }
    }
  }
  return {
    pages: pages(),
    codec: plain ? UNCOMPRESSED : SNAPPY,
    bounds: () => [Buffer.from(low ?? ''), Buffer.from(high)],
  }
}

let text = Buffer.alloc(1 << 16)

/** Ids as plain text, for a compressor. */
class PlainTexts {
  plainBytes = 0

  add(id: string): void {
    const end = this.plainBytes + LENGTH + id.length
    if (end > text.length) text = Buffer.concat([text, Buffer.alloc(text.length)])
    text.writeUInt32LE(id.length, this.plainBytes)
    text.write(id, this.plainBytes + LENGTH, 'latin1')
    this.plainBytes = end
  }

  body(): Uint8Array[] {
    return [text.subarray(0, this.plainBytes)]
  }
}

/**
 * Ids as a Snappy stream. Each begins as the last one of its length does, and is copied from there up to where it differs:
 *
 *     T240131-0412-000123
 *     D240131-0412
 *     T240131-0412-000124
 *                       ^ from two rows above
 *
 * What one copy can take is not taken by two: rows that are the same as the row above cost a byte or two.
 */
export class TextPage {
  plainBytes = 0
  private readonly page: SnappyPage = snappyPage
  private at = 0
  /** The last id of each length, and the place of its row. */
  private readonly known: string[] = []
  private readonly places: number[] = []
  /** A copy that the next row may extend. */
  private back = 0
  private length = 0

  add(id: string): void {
    this.page.reserve(this.at, 2 * (FAR_COPY + LENGTH + LONGEST_ID))
    const size = id.length
    const place = this.plainBytes
    const back = place - (this.places[size] ?? Number.NEGATIVE_INFINITY)
    const alike = back <= FARTHEST ? LENGTH + firstDifference(id, this.known[size]) : 0
    if (alike > 0) this.copy(back, alike)
    if (alike < LENGTH + size) this.write(id, alike)
    this.known[size] = id
    this.places[size] = place
    this.plainBytes = place + LENGTH + size
  }

  /** The uncompressed length as a varint, and the elements. */
  body(): Uint8Array[] {
    this.flush()
    const head: number[] = []
    varint(head, this.plainBytes)
    return [Uint8Array.from(head), this.page.bytes.subarray(0, this.at)]
  }

  private copy(back: number, length: number): void {
    if (back !== this.back || this.length + length > LONGEST_COPY) {
      this.flush()
      this.back = back
    }
    this.length += length
  }

  private flush(): void {
    if (this.length > 0) this.at = this.page.copy(this.at, this.back, this.length)
    this.length = 0
  }

  /** A literal of everything after the first `alike` bytes of an id's row. */
  private write(id: string, alike: number): void {
    this.flush()
    const { bytes } = this.page
    bytes[this.at++] = literal(LENGTH + id.length - alike)
    let from = alike
    if (from < LENGTH) {
      bytes.writeUInt32LE(id.length, this.at)
      this.at += LENGTH
      from = LENGTH
    }
    for (let i = from - LENGTH; i < id.length; i++) bytes[this.at++] = id.charCodeAt(i)
  }
}

function firstDifference(a: string, b: string): number {
  let i = 0
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  return i
}
