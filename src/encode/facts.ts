import { type Batch, MOVEMENT_TYPES, Movement } from '../simulator/batch.ts'
import { columnsOf, type FactName, tables } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { bytesOf, codeChunk, int32, int64, pagesOf, runChunk, stringDictionary, timestampChunk } from './columns.ts'
import { idChunk, idOf, idPrefix } from './ids.ts'
import { type Chunk, type ChunkSink, type Compression, type Page, ParquetWriter, UNCOMPRESSED } from './parquet.ts'
import { zstdChunk } from './zstd.ts'

/** What a file is a function of, for its footer. */
export interface FileIdentity {
  world: string
  generator: string
  /** what it holds: `block 3, 2024-01` or `2024-04-01T00:00:00Z to …` */
  content: string
}

export const productId = (world: World, product: number): string =>
  `P${String(product + 1).padStart(world.ids.product, '0')}`
export const storeId = (world: { ids: { store: number } }, store: number): string =>
  `S${String(store + 1).padStart(world.ids.store, '0')}`

export const metadataOf = (table: string, { world, generator, content }: FileIdentity): Record<string, string> => ({
  'retail.world': world,
  'retail.generator': generator,
  'retail.table': table,
  'retail.content': content,
})

/** Columnar batches of one fact → a Parquet file, one row group a batch. Codes go into the file as they leave the simulator. */
export class FactWriter {
  private readonly world: World
  private readonly table: FactName
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
    this.table = table
    this.compression = compression
    const columns = columnsOf(tables[table], world.schema)
    this.writer = new ParquetWriter(sink, { columns, utc, metadata: metadataOf(table, identity) })
  }

  get rows(): number {
    return this.writer.rows
  }

  add(batch: Batch): void {
    if (this.table === 'transactions') this.addLines(batch)
    else this.addMovements(batch)
  }

  close(): void {
    this.writer.close()
  }

  private column(chunk: Chunk): void {
    this.writer.column(this.compression === 'zstd' ? zstdChunk(chunk) : chunk)
  }

  private addLines({ lines, runs, extended }: Batch): void {
    const { writer, world } = this
    if (lines.n === 0) return
    const { prices } = world.products
    this.column(this.ids('T', runs, runs.firstLine, runs.lines))
    this.column(this.products(lines.product, lines.n))
    this.column(timestampChunk(lines.second, lines.n, runs.day, runs.lines))
    this.column(codeChunk(lines.quantity, lines.n, int32s, int32))
    this.column(
      codeChunk(
        lines.price,
        lines.n,
        (codes) => int64s(codes.map((code) => prices[code])),
        (code) => int64(prices[code]),
      ),
    )
    this.column(this.stores(runs.store, runs.lines, runs.n))
    if (extended) this.column(this.baskets(lines.basket, lines.n, runs))
    writer.endGroup(lines.n)
  }

  private addMovements({ movements, runs, extended }: Batch): void {
    const { writer } = this
    if (movements.n === 0) return
    this.column(this.ids('I', runs, runs.firstMovement, runs.movements))
    this.column(this.products(movements.product, movements.n))
    this.column(timestampChunk(movements.second, movements.n, runs.day, runs.movements))
    this.column(codeChunk(movements.change, movements.n, int32s, int32))
    this.column(this.stores(runs.store, runs.movements, runs.n))
    if (extended) {
      const name = (code: number) => MOVEMENT_TYPES[code]
      this.column(
        codeChunk(
          movements.type,
          movements.n,
          (codes) => stringDictionary(Array.from(codes, name)),
          (code) => Buffer.from(name(code)),
        ),
      )
      this.column(this.references(movements, runs))
    }
    writer.endGroup(movements.n)
  }

  private ids(kind: 'T' | 'I', { n, store, day }: Batch['runs'], first: Int32Array, length: Int32Array): Chunk {
    const ids = { kind, digits: this.world.ids, store, day, first, length, runs: n }
    return idChunk(ids, this.compression === 'zstd')
  }

  private products(column: Uint16Array, rows: number): Chunk {
    const name = (code: number) => productId(this.world, code)
    return codeChunk(
      column,
      rows,
      (codes) => stringDictionary(Array.from(codes, name)),
      (code) => Buffer.from(name(code)),
    )
  }

  private stores(column: Int32Array, lengths: Int32Array, runs: number): Chunk {
    const name = (code: number) => storeId(this.world, code)
    return runChunk(
      column,
      lengths,
      runs,
      (codes) => stringDictionary(Array.from(codes, name)),
      (code) => Buffer.from(name(code)),
    )
  }

  private baskets(basket: Int32Array, rows: number, runs: Batch['runs']): Chunk {
    const { world } = this
    function* values(): Generator<string> {
      let row = 0
      for (let run = 0; run < runs.n; run++) {
        const prefix = idPrefix('B', runs.day[run], runs.store[run], world.ids)
        for (const end = row + runs.lines[run]; row < end; row++)
          yield prefix + String(basket[row]).padStart(world.ids.number, '0')
      }
    }
    return plainStrings(rows, values())
  }

  /** The sale line of a sale or return; the delivery of a receipt; the count that opened the stock or found some gone. */
  private references(movements: Batch['movements'], runs: Batch['runs']): Chunk {
    const { world } = this
    function* values(): Generator<string> {
      let row = 0
      for (let run = 0; run < runs.n; run++) {
        const store = runs.store[run]
        for (const end = row + runs.movements[run]; row < end; row++) {
          const day = movements.referenceDay[row]
          const type = movements.type[row]
          if (type === Movement.sale || type === Movement.return)
            yield idOf('T', day, store, movements.referenceNumber[row], world.ids)
          else yield idPrefix(type === Movement.receipt ? 'D' : 'C', day, store, world.ids).slice(0, -1)
        }
      }
    }
    return plainStrings(movements.n, values())
  }
}

const int32s = (values: Int32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength)

function int64s(values: Int32Array): Uint8Array {
  const words = new Uint32Array(values.length * 2)
  for (let i = 0; i < values.length; i++) words[i * 2] = values[i]
  return bytesOf(words, 0, words.byteLength)
}

let text = Buffer.alloc(1 << 16)

/** PLAIN strings, a page at a time. */
function plainStrings(rows: number, values: Generator<string>): Chunk {
  let low: string | undefined
  let high = ''
  function* pages(): Generator<Page> {
    for (const [from, to] of pagesOf(rows)) {
      let at = 0
      for (let row = from; row < to; row++) {
        const value: string = values.next().value
        if (at + value.length + 4 > text.length) text = Buffer.concat([text, Buffer.alloc(text.length)])
        at = text.writeUInt32LE(value.length, at)
        at += text.write(value, at, 'latin1')
        if (low === undefined || value < low) low = value
        if (value > high) high = value
      }
      yield { rows: to - from, body: [text.subarray(0, at)] }
    }
  }
  return { pages: pages(), codec: UNCOMPRESSED, bounds: () => [Buffer.from(low ?? ''), Buffer.from(high)] }
}
