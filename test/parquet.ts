import fs from 'node:fs'
import path from 'node:path'
import { type Database, openDatabase } from '../src/adapters/local/duckdb.ts'
import { FactWriter, type FileIdentity } from '../src/encode/facts.ts'
import type { Row } from '../src/ports/index.ts'
import type { ColumnBatch } from '../src/simulator/column-batch.ts'
import { quote } from '../src/tables/emit.ts'
import type { FactName } from '../src/tables/index.ts'
import type { World } from '../src/world/world.ts'
import { freshFolder } from './front-door.ts'

export const identity: FileIdentity = { world: 'w', generator: '1', content: 'a test' }

/** A Parquet file of one table, a row group a batch, as bytes. */
export function fileOf(world: World, table: FactName, batches: readonly ColumnBatch[], utc = false): Buffer {
  const chunks: Buffer[] = []
  const sink = {
    write: (written: readonly Uint8Array[]) => void chunks.push(...written.map((chunk) => Buffer.from(chunk))),
  }
  const writer = new FactWriter(sink, world, table, utc, identity)
  for (const batch of batches) writer.add(batch)
  writer.close()
  return Buffer.concat(chunks)
}

export interface ParquetReader extends AsyncDisposable {
  database: Database
  /** Answers a question about a file; `FILE` stands for its name. */
  ask<R extends Row>(bytes: Buffer, sql: string): Promise<R[]>
}

/** DuckDB as the judge of our files. */
export async function openParquetReader(): Promise<ParquetReader> {
  const database = await openDatabase(':memory:', { threads: 1 })
  return {
    database,
    async ask(bytes, sql) {
      const file = path.join(freshFolder(), 'rows.parquet')
      fs.writeFileSync(file, bytes)
      return database.query(sql.replaceAll('FILE', quote(file)))
    },
    [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
  }
}
