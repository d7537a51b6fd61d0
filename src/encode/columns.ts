import { bitsFor } from '../random/alias.ts'
import { packerFor } from './pack.ts'
import type { Chunk, Page } from './parquet.ts'
import { PAGE_ROWS, UNCOMPRESSED } from './parquet.ts'

/** Scratch that grows to the largest page and is used again for the next one. */
class Scratch {
  private words = new Uint32Array(0)
  take(words: number): Uint32Array {
    if (this.words.length < words) this.words = new Uint32Array(Math.ceil(words * 1.25))
    return this.words
  }
}
const packed = new Scratch()
const plain = new Scratch()

export const bytesOf = (words: Uint32Array, from: number, length: number): Uint8Array =>
  new Uint8Array(words.buffer, words.byteOffset + from, length)

/** Page bounds [from, to) of `rows` rows. */
export function pagesOf(rows: number): [number, number][] {
  const pages: [number, number][] = []
  for (let from = 0; from < rows; from += PAGE_ROWS) pages.push([from, Math.min(rows, from + PAGE_ROWS)])
  return pages
}

function varint(bytes: number[], value: number): void {
  while (value > 127) {
    bytes.push((value & 127) | 128)
    value >>>= 7
  }
  bytes.push(value)
}

export interface Dictionary {
  /** the values that occur, ascending */
  codes: Int32Array
  /** index in `codes` of value v: map[v − offset] */
  map: Uint32Array
  offset: number
}

/** Rows from which it pays to mark values in a window as wide as their type, and save the pass that looks for their bounds. */
const WINDOW = 1 << 16

/** The distinct values of a column of small integers, in order. About a nanosecond a row. */
export function dictionaryOf(column: ArrayLike<number>, rows: number): Dictionary {
  if (rows >= WINDOW) {
    const offset = column instanceof Int32Array ? -WINDOW / 2 : 0
    const map = new Uint32Array(WINDOW)
    if (markAll(column, rows, offset, map)) return numbered(map, offset)
  }
  let low = column[0]
  let high = low
  for (let i = 1; i < rows; i++) {
    const v = column[i]
    if (v < low) low = v
    if (v > high) high = v
  }
  const map = new Uint32Array(high - low + 1)
  markAll(column, rows, low, map)
  return numbered(map, low)
}

/** False when a value lies outside of the map. */
function markAll(column: ArrayLike<number>, rows: number, offset: number, map: Uint32Array): boolean {
  const size = map.length
  for (let i = 0; i < rows; i++) {
    const at = column[i] - offset
    if (at < 0 || at >= size) return false
    map[at] = 1
  }
  return true
}

function numbered(map: Uint32Array, offset: number): Dictionary {
  const codes: number[] = []
  for (let v = 0; v < map.length; v++) {
    if (map[v] === 0) continue
    map[v] = codes.length
    codes.push(v + offset)
  }
  return { codes: Int32Array.from(codes), map, offset }
}

/** A dictionary column: bit-packed codes behind the values they stand for. */
export function codeChunk(
  column: ArrayLike<number>,
  rows: number,
  valuesOf: (codes: Int32Array) => Uint8Array,
  stat: (code: number) => Uint8Array,
): Chunk {
  const { codes, map, offset } = dictionaryOf(column, rows)
  const width = bitsFor(codes.length)
  const pack = packerFor(width, column)
  const words = packed.take(Math.ceil(Math.min(rows, PAGE_ROWS) / 32) * width + 1)
  function* pages(): Generator<Page> {
    for (const [from, to] of pagesOf(rows)) {
      const n = to - from
      const size = pack(column, from, n, map, offset, words)
      const header = [width]
      varint(header, (((n + 7) >> 3) << 1) | 1)
      yield { rows: n, body: [Uint8Array.from(header), bytesOf(words, 0, size)] }
    }
  }
  return dictionaryChunk(codes, pages(), valuesOf, stat)
}

/** A dictionary column that is constant over stretches of rows, such as the store of a run. */
export function runChunk(
  values: ArrayLike<number>,
  lengths: ArrayLike<number>,
  runs: number,
  valuesOf: (codes: Int32Array) => Uint8Array,
  stat: (code: number) => Uint8Array,
): Chunk {
  // A run may have no rows in this table: what only such runs have is not in the column.
  const present = Int32Array.from({ length: runs }, (_, run) => values[run]).filter((_, run) => lengths[run] > 0)
  const { codes, map, offset } = dictionaryOf(present, present.length)
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
  for (let run = 0; run < runs; run++) {
    const code = map[values[run] - offset]
    for (let left = lengths[run]; left > 0; ) {
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

/** Codes are ascending, so the first and the last are the bounds. */
const dictionaryChunk = (
  codes: Int32Array,
  pages: Iterable<Page>,
  valuesOf: (codes: Int32Array) => Uint8Array,
  stat: (code: number) => Uint8Array,
): Chunk => ({
  dictionary: { values: codes.length, body: valuesOf(codes) },
  pages,
  codec: UNCOMPRESSED,
  bounds: () => [stat(codes[0]), stat(codes[codes.length - 1])],
})

/**
 * Seconds of the day in runs of days → PLAIN microseconds: half of a file's bytes. A dictionary of the day's seconds is shorter only
 * from some 120,000 rows a day and row group, which a part of a million and a half a month never has.
 */
export function timestampChunk(seconds: Int32Array, rows: number, days: Int32Array, lengths: Int32Array): Chunk {
  const words = plain.take(Math.min(rows, PAGE_ROWS) * 2)
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  function* pages(): Generator<Page> {
    let run = 0
    let left = lengths[0]
    for (const [from, to] of pagesOf(rows)) {
      for (let row = from; row < to; ) {
        while (left === 0) left = lengths[++run]
        const n = Math.min(left, to - row)
        const [least, most] = writeMicros(seconds, row, n, days[run] * 86_400, words, (row - from) * 2)
        low = Math.min(low, least)
        high = Math.max(high, most)
        row += n
        left -= n
      }
      yield { rows: to - from, body: [bytesOf(words, 0, (to - from) * 8)] }
    }
  }
  return {
    pages: pages(),
    codec: UNCOMPRESSED,
    bounds: () => [int64(low * 1_000_000), int64(high * 1_000_000)],
  }
}

/** Microseconds of `n` seconds of a day, in two halves. Returns the least and the greatest second. */
function writeMicros(
  seconds: Int32Array,
  from: number,
  n: number,
  midnight: number,
  words: Uint32Array,
  at: number,
): [number, number] {
  let low = seconds[from]
  let high = low
  for (let i = from; i < from + n; i++, at += 2) {
    const second = seconds[i]
    if (second < low) low = second
    if (second > high) high = second
    const micros = (midnight + second) * 1_000_000
    words[at] = micros
    words[at + 1] = micros / 4_294_967_296
  }
  return [midnight + low, midnight + high]
}

/** PLAIN strings, for small tables. */
export function stringChunk(values: readonly string[]): Chunk {
  const sorted = values.map((value) => Buffer.from(value)).sort(Buffer.compare)
  return {
    pages: pagesOf(values.length).map(([from, to]) => ({
      rows: to - from,
      body: [stringDictionary(values.slice(from, to))],
    })),
    codec: UNCOMPRESSED,
    bounds: () => [sorted[0], sorted[sorted.length - 1]],
  }
}

/** PLAIN integers of 4 or 8 bytes, for small tables. */
export function numberChunk(values: readonly number[], bytes: 4 | 8): Chunk {
  const one = bytes === 4 ? int32 : int64
  const body = Buffer.concat(values.map(one))
  return {
    pages: pagesOf(values.length).map(([from, to]) => ({
      rows: to - from,
      body: [body.subarray(from * bytes, to * bytes)],
    })),
    codec: UNCOMPRESSED,
    bounds: () => [one(values.reduce((a, b) => Math.min(a, b))), one(values.reduce((a, b) => Math.max(a, b)))],
  }
}

export function stringDictionary(values: readonly string[]): Uint8Array {
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(value)
      return [int32(bytes.length), bytes]
    }),
  )
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
