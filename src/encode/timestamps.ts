import { bytesOf, int64, pagesOf } from './columns.ts'
import { type Chunk, PAGE_ROWS, type Page, SNAPPY, UNCOMPRESSED } from './parquet.ts'
import { FAR_COPY, farCopy, isNear, LONGEST_COPY, literal, NEAR_COPY, nearCopy, snappyPage } from './snappy.ts'

const ROW_BYTES = 8
const HALF = 2 ** 32
/** A second is 15,625 × 2^6 microseconds. */
const UNIT_BITS = 6
const UNIT = 2 ** UNIT_BITS
const UNITS = 1_000_000 / UNIT
/** Constants of this module, because V8 loads an imported one at every use. */
const LOWER_HALF = literal(4)
const [LONGEST, FAR_BYTES] = [LONGEST_COPY, FAR_COPY]

/**
 * Seconds of the day, in spans of days → PLAIN microseconds, as a Snappy stream unless `plain`. A dictionary of the
 * day's seconds is shorter only from about 120,000 rows per day and row group, which a part with 1.5 million rows per
 * month never has.
 */
export function timestampChunk(
  seconds: Int32Array,
  rows: number,
  days: Int32Array,
  lengths: Int32Array,
  plain: boolean,
): Chunk {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY

  function* pages(): Generator<Page> {
    let span = 0
    let left = lengths[0]
    for (const [from, to] of pagesOf(rows)) {
      const plainBytes = (to - from) * ROW_BYTES
      const page = plain ? new PlainStamps(to - from) : new SnappyStamps(to - from)
      for (let row = from; row < to; ) {
        while (left === 0) left = lengths[++span]
        const n = Math.min(left, to - row)
        const midnight = days[span] * 86_400
        page.add(seconds, row, row + n, midnight)
        row += n
        left -= n
      }
      low = Math.min(low, page.low)
      high = Math.max(high, page.high)
      yield { rows: to - from, body: [page.body()], plainBytes }
    }
  }
  return {
    pages: pages(),
    codec: plain ? UNCOMPRESSED : SNAPPY,
    bounds: () => [int64(low * 1_000_000), int64(high * 1_000_000)],
  }
}

/** Both forms of a page take the seconds [from, to) of a day that starts at `midnight`. */
interface Stamps {
  add(seconds: Int32Array, from: number, to: number, midnight: number): void
  body(): Uint8Array
  /** The earliest and the latest timestamp so far, in seconds since 1970. */
  readonly low: number
  readonly high: number
}

const starts = new Int32Array(PAGE_ROWS + 1)

/**
 * Finds the visits in rows [from, to): fills `starts` with the row of each visit's first line, then `to`, and returns
 * the number of visits. Without a branch per row: whether a visit continues is random, so the CPU would mispredict
 * every other row.
 */
function startsOf(seconds: Int32Array, from: number, to: number): number {
  let visits = 0
  let before = -1
  for (let row = from; row < to; row++) {
    const second = seconds[row]
    starts[visits] = row
    const differs = second ^ before
    visits = (visits + ((differs | -differs) >>> 31)) | 0
    before = second
  }
  starts[visits] = to
  return visits
}

let words = new Uint32Array(0)

class PlainStamps implements Stamps {
  private at = 0
  low = Number.POSITIVE_INFINITY
  high = Number.NEGATIVE_INFINITY

  constructor(rows: number) {
    if (words.length < rows * 2) words = new Uint32Array(rows * 2)
  }

  add(seconds: Int32Array, from: number, to: number, midnight: number): void {
    let { at } = this
    let least = seconds[from]
    let most = least
    for (let row = from; row < to; row++) {
      const second = seconds[row]
      // Branch-free: a later second comes every other row, at random.
      const below = (second - least) | 0
      least = (least + (below & (below >> 31))) | 0
      const above = (most - second) | 0
      most = (most - (above & (above >> 31))) | 0
      const micros = (midnight + second) * 1_000_000
      words[at++] = micros
      words[at++] = micros / HALF
    }
    this.at = at
    this.low = Math.min(this.low, midnight + least)
    this.high = Math.max(this.high, midnight + most)
  }

  body(): Uint8Array {
    return bytesOf(words, 0, this.at * 4)
  }
}

/** By length: the element that repeats from the row before, and its size in bytes. Length 0 has none. */
const REPEAT = Int32Array.from({ length: LONGEST_COPY + 1 }, (_, length) =>
  length === 0 ? 0 : isNear(ROW_BYTES, length) ? nearCopy(ROW_BYTES, length) : farCopy(ROW_BYTES, length),
)
const REPEAT_BYTES = Uint8Array.from({ length: LONGEST_COPY + 1 }, (_, length) =>
  length === 0 ? 0 : isNear(ROW_BYTES, length) ? NEAR_COPY : FAR_COPY,
)

/**
 * The further lines of a visit repeat its timestamp, and the upper half of a timestamp changes only every 72 minutes.
 * So a visit is its lower half as a literal, and one copy from eight bytes back for the upper half and all further
 * lines: 4 bytes per row, in 4 ns.
 */
class SnappyStamps implements Stamps {
  private at: number
  /** Upper half of the visit before. */
  private upper = -1
  low = Number.POSITIVE_INFINITY
  high = Number.NEGATIVE_INFINITY

  constructor(rows: number) {
    this.at = snappyPage.begin(rows * ROW_BYTES, rows * (1 + ROW_BYTES + FAR_COPY) + 16)
  }

  add(seconds: Int32Array, from: number, to: number, midnight: number): void {
    const { view } = snappyPage
    const visits = startsOf(seconds, from, to)
    let { at, upper } = this
    // In units of 64 microseconds, a second is still an integer, and a day's lower half with all its seconds fits 31
    // bits.
    const midnightUpper = Math.floor((midnight * 1_000_000) / HALF) | 0
    const midnightUnits = (midnight * UNITS - midnightUpper * (HALF / UNIT)) | 0
    let least = seconds[from]
    let most = least
    for (let visit = 0; visit < visits; visit++) {
      const row = starts[visit]
      const second = seconds[row]
      if (second < least) least = second
      if (second > most) most = second
      const units = (midnightUnits + Math.imul(second, UNITS)) | 0
      const newUpper = (midnightUpper + (units >>> (32 - UNIT_BITS))) | 0
      view.setUint8(at, LOWER_HALF)
      view.setUint32(at + 1, units << UNIT_BITS, true)
      // This many bytes of the upper half differ from the visit before, so they belong to the literal, too.
      let own = 0
      if (newUpper !== upper) {
        own = (newUpper ^ upper) >>> 8 === 0 ? 1 : 4
        view.setUint8(at, literal(4 + own))
        view.setUint32(at + 5, newUpper, true)
        upper = newUpper
      }
      at = (at + 5 + own) | 0
      let repeat = (4 - own + ROW_BYTES * (starts[visit + 1] - row - 1)) | 0
      // Every copy ends with a row.
      for (let longest = LONGEST - ((4 + own) & 7); repeat > longest; longest = LONGEST) {
        view.setUint32(at, REPEAT[longest], true)
        at = (at + FAR_BYTES) | 0
        repeat = (repeat - longest) | 0
      }
      view.setUint32(at, REPEAT[repeat], true)
      at = (at + REPEAT_BYTES[repeat]) | 0
    }
    this.at = at
    this.upper = upper
    this.low = Math.min(this.low, midnight + least)
    this.high = Math.max(this.high, midnight + most)
  }

  body(): Uint8Array {
    return snappyPage.bytes.subarray(0, this.at)
  }
}
