import { FAR_COPY, FARTHEST, farCopy, isNear, literal, NEAR_COPY, nearCopy, snappyPage } from './snappy.ts'
import { writeDigits } from './words.ts'

/** Characters of an id: everything before the number, and the number. */
export interface IdWidth {
  prefix: number
  number: number
}

/** Bytes of a PLAIN string's length. */
const LENGTH = 4
/** Number of spans kept as sources: more never helped in a window of 64 kB. */
const SOURCES = 8

/** Ids as plain text, for a compressor. */
export class PlainIds {
  private readonly width: IdWidth
  private readonly bytes: Buffer
  private at = 0

  constructor(width: IdWidth, rows: number) {
    this.width = width
    this.bytes = Buffer.allocUnsafe(rows * (LENGTH + width.prefix + width.number))
  }

  get plainBytes(): number {
    return this.bytes.length
  }

  /** Ids `prefix` + [first, end). */
  add(prefix: string, first: number, end: number): void {
    const { bytes, width } = this
    for (let number = first; number < end; number++) {
      this.at = bytes.writeUInt32LE(width.prefix + width.number, this.at)
      this.at += bytes.write(prefix, this.at, 'latin1')
      writeDigits(bytes, this.at, width.number, number)
      this.at += width.number
    }
  }

  body(): Uint8Array {
    return this.bytes
  }
}

/** A span of ids in the page, for later ones to copy from. */
interface Source {
  prefix: string
  first: number
  end: number
  /** The offset in the page at which the row with number 0 would start. */
  origin: number
}

/**
 * Ids as a Snappy stream that nothing had to search. Three rows before are nearly the same as a row, and each differs in one place:
 *
 *     T240131-0412-000123
 *                       ^ the row above: in the last digit
 *                      ^  ten rows above: in the tens
 *                ^        the same number in the span of another store: in the store
 *
 * Each is copied up to where it differs and the next one takes over, so two rows take three copies: eight bytes.
 */
export class IdPage {
  private readonly width: IdWidth
  private readonly rowBytes: number
  private readonly sources: Source[] = []
  readonly plainBytes: number
  private at: number
  /** Rows in the page so far. */
  private rows = 0

  constructor(width: IdWidth, rows: number, spans: number) {
    this.width = width
    this.rowBytes = LENGTH + width.prefix + width.number
    this.plainBytes = rows * this.rowBytes
    this.at = snappyPage.begin(this.plainBytes, rows * 6 + Math.min(rows, spans) * 2 * this.rowBytes + 1024)
  }

  /** Ids `prefix` + [first, end). */
  add(prefix: string, first: number, end: number): void {
    const origin = (this.rows - first) * this.rowBytes
    const source = this.sourceFor(prefix, first, end, origin)
    let next = first
    if (source) {
      next = Math.min(end, source.end)
      this.copySpan(prefix, first, next, source.prefix, origin - source.origin)
    }
    if (next < end) this.countUp(prefix, first, next, end)
    this.rows += end - first
    this.remember({ prefix, first, end, origin })
  }

  body(): Uint8Array {
    return snappyPage.bytes.subarray(0, this.at)
  }

  /** The latest span that has all these numbers; otherwise the one that has most of them. */
  private sourceFor(prefix: string, first: number, end: number, origin: number): Source | undefined {
    let best: Source | undefined
    for (let i = this.sources.length - 1; i >= 0; i--) {
      const source = this.sources[i]
      const outOfReach = origin - source.origin > FARTHEST || source.first > first || source.end <= first
      if (outOfReach || source.prefix === prefix) continue
      if (source.end >= end) return source
      if (!best || source.end > best.end) best = source
    }
    return best
  }

  /** A later span replaces those whose numbers it all has. */
  private remember(span: Source): void {
    const { sources } = this
    let kept = 0
    for (const source of sources) if (source.first < span.first || source.end > span.end) sources[kept++] = source
    sources.length = kept
    sources.push(span)
    if (sources.length > SOURCES) sources.shift()
  }

  /**
   * Rows [next, end), each from the row above: a copy, and the digits that changed. The first row of the span is a
   * literal.
   */
  private countUp(prefix: string, first: number, next: number, end: number): void {
    const { rowBytes, width } = this
    const { view, bytes } = snappyPage
    let { at } = this
    if (next === first) {
      bytes[at] = literal(rowBytes)
      view.setUint32(at + 1, rowBytes - LENGTH, true)
      bytes.write(prefix, at + 1 + LENGTH, 'latin1')
      at += 1 + rowBytes
      writeDigits(bytes, at - width.number, width.number, next)
      next++
    }
    for (; next < end; next++) {
      const changed = digitsChanged(next)
      view.setUint32(at, farCopy(rowBytes, rowBytes - changed) | (literal(changed) << 24), true)
      at += FAR_COPY + 1
      writeDigits(bytes, at, changed, next)
      at += changed
    }
    this.at = at
  }

  /** Rows [first, end), whose numbers are `back` bytes earlier under another prefix. */
  private copySpan(prefix: string, first: number, end: number, other: string, back: number): void {
    const { rowBytes } = this
    const differs = LENGTH + firstDifference(prefix, other)
    // Each row's last copy extends to the place where the prefix of the next row differs.
    const alike = LENGTH + lastDifference(prefix, other) + 1
    let at = snappyPage.copy(this.at, back, differs)
    at = snappyPage.text(at, prefix.slice(differs - LENGTH, alike - LENGTH))
    at = snappyPage.copy(at, back, rowBytes - alike + (first + 1 < end ? differs : 0))
    for (let next = first + 1; next < end; ) {
      const pairs = next % 2 === 1 && next - 10 >= first ? (end - next) >> 1 : 0
      if (pairs > 0) {
        at = this.copyPairs(at, next, next + 2 * pairs, end, differs, back)
        next += 2 * pairs
      } else {
        const changed = digitsChanged(next)
        at = snappyPage.copy(at, rowBytes, rowBytes - changed - differs)
        at = snappyPage.copy(at, back, changed + (next + 1 < end ? differs : 0))
        next++
      }
    }
    this.at = at
  }

  /**
   * Rows [next, to), in pairs of an odd number and the even one after it: the row above up to the last digit of the odd
   * one, ten rows above from there to the tens of the even one, and the other span up to the prefix of the next pair.
   */
  private copyPairs(at: number, next: number, to: number, end: number, differs: number, back: number): number {
    const { rowBytes } = this
    const { view } = snappyPage
    const near = isNear(rowBytes, rowBytes - 1 - differs)
    const above = near ? nearCopy(rowBytes, rowBytes - 1 - differs) : farCopy(rowBytes, rowBytes - 1 - differs)
    const aboveBytes = near ? NEAR_COPY : FAR_COPY
    const usualTen = farCopy(10 * rowBytes, rowBytes - 1)
    const usualOther = farCopy(back, 2 + differs)
    for (let even = next + 1; even < to; even += 2) {
      let ten = usualTen
      let other = usualOther
      if (even % 100 < 10 || even + 1 === end) {
        const changed = digitsChanged(Math.floor(even / 10))
        ten = farCopy(10 * rowBytes, rowBytes - changed)
        other = farCopy(back, 1 + changed + (even + 1 < end ? differs : 0))
      }
      view.setUint32(at, above, true)
      at += aboveBytes
      view.setUint32(at, ten, true)
      view.setUint32(at + FAR_COPY, other, true)
      at += 2 * FAR_COPY
    }
    return at
  }
}

/** Number of digits in which a number differs from the one before it. */
function digitsChanged(number: number): number {
  let changed = 1
  for (; number % 10 === 0; number /= 10) changed++
  return changed
}

function firstDifference(a: string, b: string): number {
  let i = 0
  while (i < a.length && a.charCodeAt(i) === b.charCodeAt(i)) i++
  return i
}

function lastDifference(a: string, b: string): number {
  let i = a.length - 1
  while (i >= 0 && a.charCodeAt(i) === b.charCodeAt(i)) i--
  return i
}
