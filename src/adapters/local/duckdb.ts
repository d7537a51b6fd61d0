import os from 'node:os'
import type { DuckDBConnection, DuckDBInstance, DuckDBResultReader } from '@duckdb/node-api'
import type { Reader, Row } from '../../ports/index.ts'
import { duckdbDialect } from './duckdb-dialect.ts'
import { mustBeFile } from './regular.ts'

export const memoryLimitMb = (): number => Math.max(512, Math.min(4096, Math.floor(os.totalmem() / 1_048_576 / 4)))
export const cores = (): number => Math.max(1, Math.min(8, os.availableParallelism()))

export interface DatabaseOptions {
  readOnly?: boolean
  /** Folder for temporary data that does not fit in memory. */
  temporary?: string
  threads?: number
  memoryMb?: number
}

export interface Database extends Reader {
  connection: DuckDBConnection
  /** A second connection, for a statement that runs beside the others; closed with the database. */
  connect(): Promise<DuckDBConnection>
  run(sql: string): Promise<void>
}

/** Opens a DuckDB file without network access and with a share of the machine's memory and threads. */
export async function openDatabase(
  file: string,
  { readOnly = false, temporary, threads = cores(), memoryMb = memoryLimitMb() }: DatabaseOptions = {},
): Promise<Database> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  if (file !== ':memory:') mustBeFile(file)
  const options: Record<string, string> = {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    memory_limit: `${memoryMb}MB`,
    threads: String(threads),
    TimeZone: 'UTC',
  }
  if (temporary) options.temp_directory = temporary
  if (readOnly) options.access_mode = 'READ_ONLY'
  // TimeZone belongs to ICU, which is loaded with the instance.
  const { TimeZone, ...settings } = options
  const instance: DuckDBInstance = await DuckDBInstance.create(file, settings)
  const connections: DuckDBConnection[] = []
  async function connect(): Promise<DuckDBConnection> {
    const made = await instance.connect()
    connections.push(made)
    await made.run(`SET TimeZone = '${TimeZone}'`)
    return made
  }
  const connection = await connect()
  return {
    connection,
    dialect: duckdbDialect,
    connect,
    async run(sql) {
      await connection.run(sql)
    },
    async query<R extends Row>(sql: string): Promise<R[]> {
      return rowsOf<R>(await connection.runAndReadAll(sql))
    },
    async keep(name, sql) {
      await connection.run(`CREATE OR REPLACE TEMP TABLE ${name} AS ${sql}`)
      return name
    },
    billedBytes: () => undefined,
    async [Symbol.asyncDispose]() {
      for (const each of connections) each.closeSync()
      instance.closeSync()
    },
  }
}

export function rowsOf<R extends Row>(result: DuckDBResultReader): R[] {
  const names = result.deduplicatedColumnNames()
  return result.getRows().map((row) => Object.fromEntries(row.map((value, i) => [names[i], plain(value)])) as R)
}

/** Decimals, dates, and timestamps as text; other values unchanged. */
const plain = (value: unknown): Row[string] =>
  value === null ||
  typeof value === 'number' ||
  typeof value === 'bigint' ||
  typeof value === 'boolean' ||
  typeof value === 'string'
    ? value
    : String(value)
