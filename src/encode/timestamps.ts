import { bytesOf, int64, pagesOf } from './columns.ts'
import { type Chunk, type Page, SNAPPY, UNCOMPRESSED } from './parquet.ts'
import { FAR_COPY, farCopy, isNear, LONGEST_COPY, literal, NEAR_COPY, nearCopy, snappyPage } from './snappy.ts'

const ROW_BYTES = 8
const HALF = 2 ** 32
/** A second is 15,625 × 2^6 microseconds. */
const UNIT_BITS = 6
const UNIT = 2 ** UNIT_BITS
const UNITS = 1_000_000 / UNIT

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
        const [least, most] = boundsOf(seconds, row, row + n)
        low = Math.min(low, midnight + least)
        high = Math.max(high, midnight + most)
        row += n
        left -= n
      }
      yield { rows: to - from, body: [page.body()], plainBytes }
    }
  }
  return {
    pages: pages(),
    codec: plain ? UNCOMPRESSED : SNAPPY,
    bounds: () => [int64(low * 1_000_000), int64(high * 1_000_000)],
  }
}

/** Branch-free: a later second comes every other row, at random. */
function boundsOf(seconds: Int32Array, from: number, to: number): [number, number] {
  let low = seconds[from]
  let high = low
  for (let i = from + 1; i < to; i++) {
    const below = (seconds[i] - low) | 0
    low = (low + (below & (below >> 31))) | 0
    const above = (high - seconds[i]) | 0
    high = (high - (above & (above >> 31))) | 0
  }
  return [low, high]
}

/** Both forms of a page take the seconds [from, to) of a day that starts at `midnight`. */
interface Stamps {
  add(seconds: Int32Array, from: number, to: number, midnight: number): void
  body(): Uint8Array
}

let words = new Uint32Array(0)

class PlainStamps implements Stamps {
  private at = 0

  constructor(rows: number) {
    if (words.length < rows * 2) words = new Uint32Array(rows * 2)
  }

  add(seconds: Int32Array, from: number, to: number, midnight: number): void {
    for (let i = from; i < to; i++) {
      const micros = (midnight + seconds[i]) * 1_000_000
      words[this.at++] = micros
      words[this.at++] = micros / HALF
    }
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
 * lines: 4 bytes per row.
 */
class SnappyStamps implements Stamps {
  private at: number
  /** Length of the pending copy at `at`. */
  private repeat = 0
  /** Upper half of the row before. */
  private upper = -1

  constructor(rows: number) {
    this.at = snappyPage.begin(rows * ROW_BYTES, rows * (1 + ROW_BYTES + FAR_COPY) + 16)
  }

  /**
   * Without a branch per row: whether a visit continues is random, so the CPU would mispredict every other row. Both
   * elements are written for every row, and the next row overwrites the wrong one.
   */
  add(seconds: Int32Array, from: number, to: number, midnight: number): void {
    const { view } = snappyPage
    let { at, repeat, upper } = this
    // In units of 64 microseconds, a second is still an integer, and a day's lower half with all its seconds fits 31
    // bits.
    const midnightUpper = Math.floor((midnight * 1_000_000) / HALF) | 0
    const midnightUnits = (midnight * UNITS - midnightUpper * (HALF / UNIT)) | 0
    let before = -1
    for (let i = from; i < to; i++) {
      const second = seconds[i]
      if (repeat > LONGEST_COPY - ROW_BYTES) {
        at = (at + FAR_COPY) | 0
        repeat = 0
      }
      const units = (midnightUnits + Math.imul(second, UNITS)) | 0
      const newUpper = (midnightUpper + (units >>> (32 - UNIT_BITS))) | 0
      const turned = newUpper ^ upper
      upper = newUpper
      // This many bytes of the upper half differ from the row before, so they belong to the literal, too.
      let own = (turned | -turned) >>> 31
      if (turned >>> 8 !== 0) own = 4
      // −1 if another visit starts.
      const differs = second ^ before
      const begins = (differs | -differs) >> 31
      before = second
      at = (at + (REPEAT_BYTES[repeat] & begins)) | 0
      view.setUint8(at, literal(4) + (own << 2))
      view.setUint32(at + 1, units << UNIT_BITS, true)
      view.setUint32(at + 5, upper, true)
      at = (at + ((5 + own) & begins)) | 0
      repeat = ((4 - own) & begins) | ((repeat + ROW_BYTES) & ~begins)
      view.setUint32(at, REPEAT[repeat], true)
    }
    this.at = at
    this.repeat = repeat
    this.upper = upper
  }

  body(): Uint8Array {
    return snappyPage.bytes.subarray(0, this.at + REPEAT_BYTES[this.repeat])
  }
}
