import type { ColumnBatch } from '../simulator/column-batch.ts'
import {
  type ArrayName,
  type ArrayOf,
  type ByKind,
  type ColumnOf,
  columnsOf,
  compile,
  type DimensionName,
  type FactName,
  factColumns,
  tables,
} from '../tables/index.ts'
import { VERSION } from '../version.ts'
import type { World } from '../world/world.ts'
import { bytesOf, codeChunk, int32, int64, optionalChunk, spanChunk, stringDictionary } from './columns.ts'
import { idTextChunk } from './id-texts.ts'
import { type IdDigits, idChunk, idOf, idPrefix } from './ids.ts'
import { type Chunk, type ChunkSink, type Compression, ParquetWriter } from './parquet.ts'
import { timestampChunk } from './timestamps.ts'
import { zstdChunk } from './zstd.ts'

/** Everything that the content of a file depends on, for its footer. */
export interface FileIdentity {
  world: string
  generator: string
  /** Its content: `block 3, 2024-01 through 2024-01-31` or `2024-04-01T00:00:00Z to …`. */
  content: string
}

/** The key of a member of a dimension: `P00817`. */
export const memberId = <D extends DimensionName>(
  dimension: D,
  { ids }: { ids: Record<D, number> },
  member: number,
): string => tables[dimension].letter + String(member + 1).padStart(ids[dimension], '0')
export const storeId = (world: { ids: { store: number } }, store: number): string => memberId('store', world, store)

export const metadataOf = (table: string, { world, generator, content }: FileIdentity): Record<string, string> => ({
  'retail.world': world,
  'retail.generator': generator,
  'retail.table': table,
  'retail.content': content,
})

/**
 * `<application> version <version> (build <build>)`, the form that parquet-format requires. Apache's readers ignore the
 * statistics of a file whose writer they cannot parse. The build is the generator's version: it distinguishes files
 * with different rows, and it is not a date.
 */
export const createdBy = ({ generator }: FileIdentity): string =>
  `retail-cli version ${VERSION} (build generator-${generator})`

/**
 * Columnar batches of one fact → a Parquet file with one row group per batch. Codes enter the file as they leave the
 * simulator.
 */
export class FactWriter {
  private readonly world: World
  private readonly fact: (typeof tables)[FactName]
  private readonly writer: ParquetWriter

  private readonly compression: Compression

  constructor(
    sink: ChunkSink,
    world: World,
    table: FactName,
    utc: boolean,
    identity: FileIdentity,
    compression: Compression = 'snappy',
  ) {
    this.world = world
    this.fact = tables[table]
    this.compression = compression
    const columns = columnsOf(tables[table], world.schema)
    this.writer = new ParquetWriter(sink, {
      columns,
      utc,
      metadata: metadataOf(table, identity),
      createdBy: createdBy(identity),
    })
  }

  get rows(): number {
    return this.writer.rows
  }

  /** The table's record defines the order of the columns, and each column's kind defines how it is written. */
  add(batch: ColumnBatch): void {
    const { world, fact, writer, compression } = this
    const { rows, length, first } = batch.facts[fact.name]
    if (rows.n === 0) return
    const { spans } = batch
    const at: ChunkContext = {
      world,
      zstd: compression === 'zstd',
      cells: rows as unknown as Record<string, ArrayOf[ArrayName]>,
      n: rows.n,
      spans: { n: spans.n, store: spans.store, day: spans.day, length, first },
    }
    for (const [, column] of factColumns(fact, world.schema)) {
      const chunk = compile(CHUNKS, column, at)
      writer.column(at.zstd ? zstdChunk(chunk) : chunk)
    }
    writer.endGroup(rows.n)
  }

  close(): void {
    this.writer.close()
  }
}

interface ChunkContext {
  world: World
  zstd: boolean
  cells: Record<string, ArrayOf[ArrayName]>
  n: number
  spans: { n: number; store: Int32Array; day: Int32Array; length: Int32Array; first: Int32Array }
}

/** How to write each kind of column. */
const CHUNKS: ByKind<[at: ChunkContext], Chunk> = {
  rowId: ({ letter }, { world, zstd, spans: { n, store, day, first, length } }) =>
    idChunk({ kind: letter, digits: world.ids, store, day, first, length, spans: n }, zstd),
  siblingId: ({ letter, cells: [number] }, at) =>
    idTextChunk(at.n, siblingIds(letter, at.cells[number.name], at), at.zstd),
  member: ({ references, cells: [{ name }] }, { world, cells, n }) => {
    const text = memberText(world, references)
    return codeChunk(cells[name], n, stringsOf(text), (code) => Buffer.from(text(code)))
  },
  optionalMember: ({ references, cells: [{ name }] }, { world, cells, n }) => {
    const text = memberText(world, references)
    const of = (code: number) => text(code - 1)
    return optionalChunk(cells[name], n, stringsOf(of), (code) => Buffer.from(of(code)))
  },
  spanMember: ({ references }, { world, spans }) => {
    const text = memberText(world, references)
    return spanChunk(spans.store, spans.length, spans.n, stringsOf(text), (code) => Buffer.from(text(code)))
  },
  instant: ({ cells: [{ name }] }, { cells, n, spans, zstd }) =>
    timestampChunk(cells[name] as Int32Array, n, spans.day, spans.length, zstd),
  whole: ({ cells: [{ name }] }, { cells, n }) => codeChunk(cells[name], n, int32s, int32),
  money: ({ list, cells: [{ name }] }, { world, cells, n }) => {
    const cents = world.products[list]
    return codeChunk(
      cells[name],
      n,
      (codes) => int64s(codes.map((code) => cents[code])),
      (code) => int64(cents[code]),
    )
  },
  choice: ({ names, cells: [{ name }] }, { cells, n }) => {
    const text = (code: number) => names[code]
    return codeChunk(cells[name], n, stringsOf(text), (code) => Buffer.from(text(code)))
  },
  cause: (column, at) => idTextChunk(at.n, causes(column, at), at.zstd),
}

const stringsOf = (text: (code: number) => string) => (codes: Int32Array) => stringDictionary(Array.from(codes, text))

/** The key of each member of a dimension. */
export const memberText =
  (world: World, dimension: DimensionName): ((member: number) => string) =>
  (member) =>
    memberId(dimension, world, member)

function* siblingIds(letter: string, number: ArrayLike<number>, { world, spans }: ChunkContext): Generator<string> {
  let row = 0
  for (let span = 0; span < spans.n; span++) {
    const prefix = idPrefix(letter, spans.day[span], spans.store[span], world.ids)
    for (const end = row + spans.length[span]; row < end; row++)
      yield prefix + String(number[row]).padStart(world.ids.number, '0')
  }
}

function* causes(column: ColumnOf<'cause'>, { world, spans, cells }: ChunkContext): Generator<string> {
  const [code, day, number] = [column.by, column.cells[0].name, column.cells[1].name].map((name) => cells[name])
  let row = 0
  for (let span = 0; span < spans.n; span++) {
    for (const end = row + spans.length[span]; row < end; row++)
      yield causeText(column, code[row], day[row], spans.store[span], number[row], world.ids)
  }
}

/** `T240131-0412-000123`, or `D240131-0412` for an id without a number. */
export function causeText(
  { letters, numbered }: ColumnOf<'cause'>,
  code: number,
  day: number,
  store: number,
  number: number,
  digits: IdDigits,
): string {
  const letter = letters[code]
  return letter === numbered
    ? idOf(letter, day, store, number, digits)
    : idPrefix(letter, day, store, digits).slice(0, -1)
}

const int32s = (values: Int32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

function int64s(values: Int32Array): Uint8Array {
  const words = new Uint32Array(values.length * 2)
  for (let i = 0; i < values.length; i++) words[i * 2] = values[i]
  return bytesOf(words, 0, words.byteLength)
}
