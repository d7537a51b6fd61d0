import { bitsFor } from '../random/alias.ts'
import { packerFor } from './pack.ts'
import type { Chunk, Page } from './parquet.ts'
import { PAGE_ROWS, UNCOMPRESSED } from './parquet.ts'

/** Scratch memory that grows to the largest page and is reused for the next one. */
class Scratch {
  private words = new Uint32Array(0)
  take(words: number): Uint32Array {
    if (this.words.length < words) this.words = new Uint32Array(Math.ceil(words * 1.25))
    return this.words
  }
}
const packed = new Scratch()

export const bytesOf = (words: Uint32Array, from: number, length: number): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset + from, length)

/** Page bounds [from, to) of `rows` rows. */
export function pagesOf(rows: number): [number, number][] {
  const pages: [number, number][] = []
  for (let from = 0; from < rows; from += PAGE_ROWS) pages.push([from, Math.min(rows, from + PAGE_ROWS)])
  return pages
}

/** A varint: seven bits per byte, lowest first. */
export function varint(bytes: number[], value: number): void {
  while (value > 127) {
    bytes.push((value & 127) | 128)
    value >>>= 7
  }
  bytes.push(value)
}

export interface Dictionary {
  /** The values that occur, ascending. */
  codes: Int32Array
  /** Index in `codes` of value v: indexOf[v − offset]. */
  indexOf: Uint32Array
  offset: number
}

/**
 * From this many rows, it pays to search values in a window as wide as their type, without first finding their bounds.
 */
const WINDOW = 1 << 16

/** The distinct values of a column of small integers, in order. About a nanosecond per row. */
export function dictionaryOf(column: ArrayLike<number>, rows: number): Dictionary {
  if (rows >= WINDOW) {
    const offset = column instanceof Int32Array ? -WINDOW / 2 : 0
    const occurs = occurring(column, rows, offset, WINDOW)
    if (occurs) return numbered(occurs, offset)
  }
  if (rows === 0) return numbered(new Uint8Array(0), 0)
  let low = column[0]
  let high = low
  for (let i = 1; i < rows; i++) {
    const v = column[i]
    if (v < low) low = v
    if (v > high) high = v
  }
  return numbered(occurring(column, rows, low, high - low + 1)!, low)
}

/** 1 at v − offset for each value v that occurs; undefined if a value lies outside the window. */
function occurring(column: ArrayLike<number>, rows: number, offset: number, size: number): Uint8Array | undefined {
  const occurs = new Uint8Array(size)
  for (let i = 0; i < rows; i++) {
    const at = column[i] - offset
    if (at < 0 || at >= size) return undefined
    occurs[at] = 1
  }
  return occurs
}

function numbered(occurs: Uint8Array, offset: number): Dictionary {
  const indexOf = new Uint32Array(occurs.length)
  const codes: number[] = []
  for (let at = 0; at < occurs.length; at++) {
    if (occurs[at] === 0) continue
    indexOf[at] = codes.length
    codes.push(at + offset)
  }
  return { codes: Int32Array.from(codes), indexOf, offset }
}

/** A dictionary column: the values, then bit-packed codes for them. */
export function codeChunk(
  column: ArrayLike<number>,
  rows: number,
  valuesOf: (codes: Int32Array) => Uint8Array,
  stat: (code: number) => Uint8Array,
): Chunk {
  const { codes, packedCodes } = packCodes(column, rows)
  function* pages(): Generator<Page> {
    for (const [from, to] of pagesOf(rows)) yield { rows: to - from, body: packedCodes(from, to - from) }
  }
  return dictionaryChunk(codes, pages(), valuesOf, stat)
}

/** The distinct values of a column, and its pages of codes for them. A page is valid until the next one is made. */
function packCodes(column: ArrayLike<number>, rows: number) {
  const { codes, indexOf, offset } = dictionaryOf(column, rows)
  const width = bitsFor(codes.length)
  const pack = packerFor(width, column)
  const words = packed.take(Math.ceil(Math.min(rows, PAGE_ROWS) / 32) * width + 1)
  return {
    codes,
    packedCodes(from: number, n: number): Uint8Array[] {
      const size = pack(column, from, n, indexOf, offset, words)
      const header = [width]
      varint(header, (((n + 7) >> 3) << 1) | 1)
      return [Uint8Array.from(header), bytesOf(words, 0, size)]
    },
  }
}

/**
 * A dictionary column in which a row may have no value: code 0. Pages begin with one bit per row, which says whether it
 * has one, behind the length of these bits; only the values that exist follow.
 */
export function optionalChunk(
  column: ArrayLike<number>,
  rows: number,
  valuesOf: (codes: Int32Array) => Uint8Array,
  stat: (code: number) => Uint8Array,
): Chunk {
  const present = new Int32Array(rows)
  let all = 0
  for (let row = 0; row < rows; row++) if (column[row] !== 0) present[all++] = column[row]
  const { codes, packedCodes } = packCodes(present, all)
  function* pages(): Generator<Page> {
    let done = 0
    for (const [from, to] of pagesOf(rows)) {
      const bits = new Uint8Array((to - from + 7) >> 3)
      let n = 0
      for (let row = from; row < to; row++) {
        if (column[row] === 0) continue
        bits[(row - from) >> 3] |= 1 << ((row - from) & 7)
        n++
      }
      const run: number[] = []
      varint(run, (bits.length << 1) | 1)
      const levels = [int32(run.length + bits.length), Uint8Array.from(run), bits]
      yield { rows: to - from, body: [...levels, ...packedCodes(done, n)] }
      done += n
    }
  }
  return { ...dictionaryChunk(codes, pages(), valuesOf, stat), nulls: rows - all }
}

/** A dictionary column that is constant over ranges of rows, such as the store of a span. */
export function spanChunk(
  values: ArrayLike<number>,
  lengths: ArrayLike<number>,
  spans: number,
  valuesOf: (codes: Int32Array) => Uint8Array,
  stat: (code: number) => Uint8Array,
): Chunk {
  // A span may have no rows in this table; values that only such spans have are not in the column.
  const present = Int32Array.from({ length: spans }, (_, span) => values[span]).filter((_, span) => lengths[span] > 0)
  const { codes, indexOf, offset } = dictionaryOf(present, present.length)
  const width = bitsFor(codes.length)
  const widthBytes = (width + 7) >> 3
  const pages: Page[] = []
  let body = [width]
  let rows = 0
  const close = () => {
    if (rows > 0) pages.push({ rows, body: [Uint8Array.from(body)] })
    body = [width]
    rows = 0
  }
  for (let span = 0; span < spans; span++) {
    const code = indexOf[values[span] - offset]
    for (let left = lengths[span]; left > 0; ) {
      const n = Math.min(left, PAGE_ROWS - rows)
      varint(body, n << 1)
      for (let b = 0; b < widthBytes; b++) body.push((code >>> (8 * b)) & 255)
      rows += n
      left -= n
      if (rows === PAGE_ROWS) close()
    }
  }
  close()
  return dictionaryChunk(codes, pages, valuesOf, stat)
}

/** Codes are ascending, so the first and last are the bounds. */
const dictionaryChunk = (
  codes: Int32Array,
  pages: Iterable<Page>,
  valuesOf: (codes: Int32Array) => Uint8Array,
  stat: (code: number) => Uint8Array,
): Chunk => ({
  dictionary: { values: codes.length, body: valuesOf(codes) },
  pages,
  codec: UNCOMPRESSED,
  bounds: () => (codes.length > 0 ? [stat(codes[0]), stat(codes[codes.length - 1])] : undefined),
})

/** PLAIN strings, of a table whose rows are in memory. */
export function stringChunk(values: readonly string[]): Chunk {
  const bounds = new Bounds()
  function* pages(): Generator<Page> {
    for (const [from, to] of pagesOf(values.length)) {
      const body = stringDictionary(values.slice(from, to))
      bounds.take(body)
      yield { rows: to - from, body: [body] }
    }
  }
  return { pages: pages(), codec: UNCOMPRESSED, bounds: () => bounds.found() }
}

/** The least and the greatest of PLAIN strings, in the order of their bytes. */
class Bounds {
  private low: Buffer | undefined
  private high: Buffer | undefined

  take(body: Buffer): void {
    for (let at = 0; at < body.length; ) {
      const [from, to] = [at + 4, at + 4 + body.readInt32LE(at)]
      if (!this.low || body.compare(this.low, 0, this.low.length, from, to) < 0)
        this.low = Buffer.from(body.subarray(from, to))
      if (!this.high || body.compare(this.high, 0, this.high.length, from, to) > 0)
        this.high = Buffer.from(body.subarray(from, to))
      at = to
    }
  }

  found(): readonly [Uint8Array, Uint8Array] {
    return [this.low ?? Buffer.alloc(0), this.high ?? Buffer.alloc(0)]
  }
}

/** PLAIN integers of 4 or 8 bytes, of a table whose rows are in memory. */
export function numberChunk(values: readonly number[], bytes: 4 | 8): Chunk {
  const one = bytes === 4 ? int32 : int64
  const body = Buffer.alloc(values.length * bytes)
  for (const [i, value] of values.entries()) {
    if (bytes === 4) body.writeInt32LE(value, i * bytes)
    else body.writeBigInt64LE(BigInt(value), i * bytes)
  }
  return {
    pages: pagesOf(values.length).map(([from, to]) => ({
      rows: to - from,
      body: [body.subarray(from * bytes, to * bytes)],
    })),
    codec: UNCOMPRESSED,
    bounds: () => [one(values.reduce((a, b) => Math.min(a, b))), one(values.reduce((a, b) => Math.max(a, b)))],
  }
}

export function stringDictionary(values: readonly string[]): Buffer {
  const body = Buffer.allocUnsafe(values.reduce((sum, value) => sum + 4 + Buffer.byteLength(value), 0))
  let at = 0
  for (const value of values) {
    const length = body.write(value, at + 4)
    at = body.writeInt32LE(length, at) + length
  }
  return body
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}

export function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64LE(BigInt(value))
  return bytes
}
