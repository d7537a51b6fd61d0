import os from 'node:os'
import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api'
import type { Reader, Row } from '../../ports/index.ts'

export const memoryLimitMb = (): number => Math.max(512, Math.min(4096, Math.floor(os.totalmem() / 1_048_576 / 4)))
export const cores = (): number => Math.max(1, Math.min(8, os.availableParallelism()))

export interface DatabaseOptions {
  readOnly?: boolean
  /** where it may spill */
  temporary?: string
  threads?: number
}

export interface Database extends Reader {
  connection: DuckDBConnection
  run(sql: string): Promise<void>
}

/** Opens a DuckDB file; it takes nothing from the network and no more than a share of the machine. */
export async function openDatabase(
  file: string,
  { readOnly = false, temporary, threads = cores() }: DatabaseOptions = {},
): Promise<Database> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const options: Record<string, string> = {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${memoryLimitMb()}MB`,
    threads: String(threads),
    TimeZone: 'UTC',
  }
  if (temporary) options.temp_directory = temporary
  if (readOnly) options.access_mode = 'READ_ONLY'
  // TimeZone belongs to ICU, which is loaded with the instance.
  const { TimeZone, ...settings } = options
  const instance: DuckDBInstance = await DuckDBInstance.create(file, settings)
  const connection = await instance.connect()
  await connection.run(`SET TimeZone = '${TimeZone}'`)
  return {
    connection,
    dialect: 'duckdb',
    async run(sql) {
      await connection.run(sql)
    },
    async query<R extends Row>(sql: string): Promise<R[]> {
      const result = await connection.runAndReadAll(sql)
      const names = result.deduplicatedColumnNames()
      return result.getRows().map((row) => Object.fromEntries(row.map((value, i) => [names[i], plain(value)])) as R)
    },
    async keep(name, sql) {
      await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} AS ${sql}`)
    },
    async [Symbol.asyncDispose]() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

/** Decimals, dates and timestamps as text; the rest as it is. */
const plain = (value: unknown): Row[string] =>
  value === null ||
  typeof value === 'number' ||
  typeof value === 'bigint' ||
  typeof value === 'boolean' ||
  typeof value === 'string'
    ? value
    : String(value)
