import { crc32 } from 'node:zlib'
import type { Column, ColumnType } from '../tables/index.ts'
import { CRC_BLANK, CRC_KEY, crcAt, hex } from './file-checksum.ts'
import { ThriftWriter } from './thrift.ts'

/** Parquet's codes (parquet.thrift). */
const PHYSICAL: Record<ColumnType, number> = { string: 6, int: 1, money: 2, timestamp: 2 }
const PLAIN = 0
const RLE = 3
const RLE_DICTIONARY = 8
export const UNCOMPRESSED = 0
export const SNAPPY = 1
export const ZSTD = 6

/** snappy: written without a search (snappy.ts), so it costs nothing; zstd: half the size, three times the CPU time. */
export type Compression = 'snappy' | 'zstd'

/** Rows per page. Readers hold one page at a time. A multiple of 32, so that bit-packed pages end on whole words. */
export const PAGE_ROWS = 131_072

export interface Page {
  rows: number
  body: readonly Uint8Array[]
  /** Bytes before compression; default: the body's. */
  plainBytes?: number
}

/**
 * One column of one row group, encoded page by page. The bytes may be scratch memory: they are used before the next
 * page is made.
 */
export interface Chunk {
  dictionary?: {
    values: number
    body: Uint8Array
    /** Bytes before compression; default: the body's. */
    plainBytes?: number
  }
  pages: Iterable<Page>
  codec: number
  /** Rows without a value, of an optional column. */
  nulls?: number
  /** Minimum and maximum; requested after the pages are made. */
  bounds(): readonly [Uint8Array, Uint8Array] | undefined
}

export interface ChunkSink {
  write(chunks: readonly Uint8Array[]): void
}

interface ChunkMeta {
  encodings: number[]
  codec: number
  values: number
  plainBytes: number
  bytes: number
  dataOffset: number
  dictionaryOffset: number | undefined
  nulls: number
  bounds: readonly [Uint8Array, Uint8Array] | undefined
}

export interface ParquetOptions {
  columns: readonly [string, Column][]
  /** BigQuery reads a local timestamp as DATETIME, and DuckDB reads a UTC one as TIMESTAMPTZ, so the target decides. */
  utc: boolean
  /** Stored in the footer, before the checksum. */
  metadata: Record<string, string>
  /** The program that writes the file, in the form that parquet-format requires: see `createdBy`. */
  createdBy: string
}

const MAGIC = Buffer.from('PAR1')

/**
 * Writes V1 pages, PLAIN and RLE_DICTIONARY, which every reader supports. The footer contains a checksum of the file.
 */
export class ParquetWriter {
  private readonly sink: ChunkSink
  private readonly options: ParquetOptions
  private readonly thrift = new ThriftWriter()
  private readonly groups: { columns: ChunkMeta[]; rows: number }[] = []
  private group: ChunkMeta[] = []
  private offset = 0
  private crc = 0
  rows = 0

  constructor(sink: ChunkSink, options: ParquetOptions) {
    this.sink = sink
    this.options = options
    this.put([MAGIC])
  }

  private put(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.crc = crc32(chunk, this.crc)
      this.offset += chunk.length
    }
    this.sink.write(chunks)
  }

  /** The next column of the current row group. */
  column({ dictionary, pages, codec, nulls = 0, bounds }: Chunk): void {
    const start = this.offset
    const meta: ChunkMeta = {
      encodings: dictionary ? [PLAIN, RLE, RLE_DICTIONARY] : [PLAIN, RLE],
      codec,
      values: 0,
      plainBytes: 0,
      bytes: 0,
      dataOffset: 0,
      dictionaryOffset: dictionary && start,
      nulls,
      bounds: undefined,
    }
    const page = (header: Buffer, body: readonly Uint8Array[], plainBytes: number) => {
      this.put([header, ...body])
      meta.plainBytes += header.length + plainBytes
    }
    if (dictionary) {
      const { values, body, plainBytes = body.length } = dictionary
      page(this.dictionaryHeader(values, plainBytes, body.length), [body], plainBytes)
    }
    meta.dataOffset = this.offset
    for (const { rows, body, plainBytes } of pages) {
      const size = byteLength(body)
      page(
        this.dataHeader(rows, plainBytes ?? size, size, dictionary ? RLE_DICTIONARY : PLAIN),
        body,
        plainBytes ?? size,
      )
      meta.values += rows
    }
    meta.bytes = this.offset - start
    if (meta.values > 0) meta.bounds = bounds()
    this.group.push(meta)
  }

  /** A file whose columns differ in length is unreadable, so a forgotten or short column is an error here. */
  endGroup(rows: number): void {
    const { columns } = this.options
    columns.forEach(([name], i) => {
      const values = this.group[i]?.values ?? 'none'
      if (values !== rows) throw new Error(`column ${name} of a group of ${rows} rows has ${values} values`)
    })
    if (this.group.length > columns.length)
      throw new Error(`a group has ${this.group.length} columns, its table ${columns.length}`)
    this.groups.push({ columns: this.group, rows })
    this.group = []
    this.rows += rows
  }

  /** Writes the footer, which completes the file. */
  close(): void {
    const metadata = { ...this.options.metadata, 'retail.rows': String(this.rows), [CRC_KEY]: CRC_BLANK }
    const footer = this.footer(metadata)
    const tail = Buffer.alloc(8)
    tail.writeUInt32LE(footer.length)
    MAGIC.copy(tail, 4)
    footer.write(hex(crc32(tail, crc32(footer, this.crc))), crcAt(footer), 'latin1')
    this.put([footer, tail])
  }

  private dictionaryHeader(values: number, plainBytes: number, bytes: number): Buffer {
    const t = this.thrift
    t.structElement(() => {
      t.i32(1, 2).i32(2, plainBytes).i32(3, bytes)
      t.struct(7, () => t.i32(1, values).i32(2, PLAIN))
    })
    return t.finish()
  }

  private dataHeader(rows: number, plainBytes: number, bytes: number, encoding: number): Buffer {
    const t = this.thrift
    t.structElement(() => {
      t.i32(1, 0).i32(2, plainBytes).i32(3, bytes)
      t.struct(5, () => t.i32(1, rows).i32(2, encoding).i32(3, RLE).i32(4, RLE))
    })
    return t.finish()
  }

  private footer(metadata: Record<string, string>): Buffer {
    const t = this.thrift
    const { columns, utc, createdBy } = this.options
    t.structElement(() => {
      t.i32(1, 1)
      t.list(2, 'struct', columns.length + 1)
      t.structElement(() => t.binary(4, 'schema').i32(5, columns.length))
      for (const [name, column] of columns) t.structElement(() => schemaElement(t, name, column, utc))
      t.i64(3, this.rows)
      t.list(4, 'struct', this.groups.length)
      for (const group of this.groups) {
        t.structElement(() => {
          t.list(1, 'struct', group.columns.length)
          group.columns.forEach((meta, i) => {
            t.structElement(() => {
              t.i64(2, meta.dictionaryOffset ?? meta.dataOffset)
              t.struct(3, () => columnMeta(t, columns[i], meta))
            })
          })
          t.i64(
            2,
            group.columns.reduce((sum, { plainBytes }) => sum + plainBytes, 0),
          )
          t.i64(3, group.rows)
        })
      }
      t.list(5, 'struct', Object.keys(metadata).length)
      for (const [key, value] of Object.entries(metadata)) t.structElement(() => t.binary(1, key).binary(2, value))
      t.binary(6, createdBy)
      // Bounds follow each type's own order; without this field, readers may not use them.
      t.list(7, 'struct', columns.length)
      for (const _ of columns) t.structElement(() => t.struct(1, () => {}))
    })
    return t.finish()
  }
}

function schemaElement(t: ThriftWriter, name: string, { type, optional }: Column, utc: boolean): void {
  t.i32(1, PHYSICAL[type])
    .i32(3, optional ? 1 : 0)
    .binary(4, name)
  switch (type) {
    case 'string':
      t.i32(6, 0).struct(10, () => t.struct(1, () => {}))
      break
    case 'timestamp':
      // The old annotation means UTC, so a local timestamp is written without it.
      if (utc) t.i32(6, 10)
      t.struct(10, () => t.struct(8, () => t.bool(1, utc).struct(2, () => t.struct(2, () => {}))))
      break
    case 'money':
      t.i32(6, 5).i32(7, 2).i32(8, 10)
      t.struct(10, () => t.struct(5, () => t.i32(1, 2).i32(2, 10)))
      break
    case 'int':
      break
  }
}

function columnMeta(t: ThriftWriter, [name, { type }]: [string, Column], meta: ChunkMeta): void {
  t.i32(1, PHYSICAL[type])
  t.list(2, 'i32', meta.encodings.length)
  for (const encoding of meta.encodings) t.intElement(encoding)
  t.list(3, 'binary', 1).element(name)
  t.i32(4, meta.codec).i64(5, meta.values).i64(6, meta.plainBytes).i64(7, meta.bytes).i64(9, meta.dataOffset)
  if (meta.dictionaryOffset !== undefined) t.i64(11, meta.dictionaryOffset)
  const { bounds, nulls } = meta
  if (bounds) t.struct(12, () => t.i64(3, nulls).binary(5, bounds[1]).binary(6, bounds[0]))
}

const byteLength = (chunks: readonly Uint8Array[]): number => chunks.reduce((sum, { length }) => sum + length, 0)
