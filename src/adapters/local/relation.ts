import os from 'node:os'
import path from 'node:path'
import type { DuckDBConnection } from '@duckdb/node-api'
import { withoutSecrets } from '../../config/without-secrets.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import type { Relation, RelationColumn } from '../../ports/index.ts'
import { quote } from '../../tables/emit.ts'
import { cores, type Database, openDatabase } from './duckdb.ts'
import { KeptFiles } from './kept-file.ts'
import { duckdbRelationDialect as dialect, familyOf } from './relation-dialect.ts'
import { type FileFormat, filesOf, filesWithout } from './relation-files.ts'

/**
 * Memory for DuckDB; what does not fit goes to a temporary folder. Not the 32 MB of lines that each thread reads at once:
 * [M] five threads found no room for them in 192 MB, even for small files, and eight did in 384 MB.
 */
const memoryMb = (threads: number): number => Math.max(192, 48 * threads)

function cannotRead(name: string, error: unknown): RetailError {
  const [, column, file] = MISMATCH.exec(String(error)) ?? []
  if (column !== undefined)
    return new RetailError('missing', `${name} has files of several tables`, {
      why: `${file} has no column ${column}, and others have it`,
      hint: "name only the files of one table, with a pattern such as 'out/**/transactions*'",
      cause: error,
    })
  return new RetailError('missing', `${name} cannot be read`, {
    why: String(error instanceof Error ? error.message : error)
      .split('\n')[0]
      .replace(/^[A-Z][\w ]* Error: /, ''),
    hint:
      name === QUERY
        ? 'it is one SELECT of DuckDB, which reads files: "SELECT * FROM \'out/**/*.parquet\'"'
        : 'check the name; a folder, a pattern such as out/**/*.parquet, duckdb:FILE:TABLE, and delta:FOLDER are read, too',
    cause: error,
  })
}

/** The name of a query, for people. */
const QUERY = 'the query'

/** CSV files whose headers differ. */
const MISMATCH = /column "([^"]*)" was read from the original file .* but could not be found in file "([^"]*)"/

const unknownForm = (given: string, scheme: string): RetailError =>
  scheme.toLowerCase() === 'duckdb'
    ? new RetailError('bad_flag', `${given} names no table`, {
        why: 'the form is duckdb:FILE:TABLE',
        hint: 'add the table, with its schema if that is not main: duckdb:mine.db:main.sales',
      })
    : new RetailError('bad_flag', `${withoutSecrets(given)} is not a table that can be read`, {
        why: `${scheme}: is not one of delta:FOLDER, duckdb:FILE:TABLE, postgres://HOST/DATABASE.SCHEMA.TABLE, and bigquery:PROJECT.DATASET.TABLE`,
        hint: 'export it to Parquet files, and name their folder or a pattern such as out/**/*.parquet',
      })

/** A query of DuckDB, which reads files by itself. */
export async function openQuery(sql: string): Promise<Relation> {
  if (sql.trim() === '')
    throw new RetailError('bad_flag', 'the query of --query is empty', {
      hint: `it returns rows: "SELECT * FROM 'out/**/*.parquet'"`,
    })
  // The line end closes a comment.
  return await opened(QUERY, async () => ({ from: `(${sql.trim().replace(/;$/, '')}\n) AS theirs` }))
}

/** A table of a DuckDB file. */
export function openTable(file: string, table: string): Promise<Relation> {
  const name = `duckdb:${file}:${table}`
  return opened(name, async (database) => {
    if (!fs.existsSync(file)) throw new Error(`${file} does not exist`)
    await database.run(`ATTACH ${quote(file)} AS theirs (TYPE duckdb, READ_ONLY)`)
    return { from: `theirs.${table.split('.').map(dialect.column).join('.')}` }
  })
}

/** A Delta table as of its last commit. */
export const openDelta = (folder: string): Promise<Relation> =>
  opened(`delta:${folder}`, async (database) => ({
    from: await (await import('./delta.ts')).deltaSource(database, folder),
  }))

/** Files: a path, a pattern, or a folder with everything below it. Files of a Delta table count only if its log says so. */
export async function openFiles(given: string, cwd: string, threads = cores()): Promise<Relation> {
  const [, scheme] = /^([a-z][a-z0-9+-]+):/i.exec(given) ?? []
  if (scheme !== undefined && !fs.existsSync(path.resolve(cwd, given))) throw unknownForm(given, scheme)
  if (fs.existsSync(path.resolve(cwd, given, '_delta_log'))) return await openDelta(path.resolve(cwd, given))
  const find = async (database: Database) => {
    const found = await filesOf(database, path.resolve(cwd, given))
    const source = await READ[found.format](database, `[${found.files.map(quote).join(', ')}]`)
    return { ...source, without: (column: string) => filesWithout(database, found, column) }
  }
  return await opened(given, find, threads)
}

interface Source {
  from: string
  /** Where DuckDB records lines that are no rows. */
  rejects?: boolean
  without?: Relation['without']
}

/** Text stays text: a cell that cannot be converted must not fail the query. */
const READ: Record<FileFormat, (database: Database, source: string) => Promise<Source>> = {
  parquet: async (_, source) => ({ from: `read_parquet(${source}, union_by_name = true)` }),
  csv: async (_, source) => ({
    from: `read_csv(${source}, all_varchar = true, ignore_errors = true, store_rejects = true, rejects_limit = 10000)`,
    rejects: true,
  }),
  async ndjson(database, source) {
    const rows = await database.query<{ name: string }>(
      `SELECT DISTINCT name FROM (SELECT unnest(json_keys(json)) AS name FROM (SELECT json FROM read_ndjson_objects(${source}, ignore_errors = true) WHERE json_type(json) = 'OBJECT' LIMIT 10000)) ORDER BY name`,
    )
    const names = new Map(rows.map(({ name }) => [name.toLowerCase(), name]))
    if (names.size === 0) throw new Error('it has no JSON objects')
    const columns = [...names.values()].map((name) => `${quote(name)}: 'VARCHAR'`)
    return { from: `read_ndjson(${source}, ignore_errors = true, columns = {${columns.join(', ')}})` }
  },
}

async function opened(
  name: string,
  find: (database: Database) => Promise<Source>,
  threads = cores(),
): Promise<Relation> {
  const temporary = path.join(os.tmpdir(), `retail-grade-${process.pid}`)
  const database = await openDatabase(':memory:', { threads, memoryMb: memoryMb(threads), temporary })
  try {
    await database.run('SET preserve_insertion_order = false')
    // Otherwise freed memory stays with the process until the same thread allocates again.
    await database.run('SET allocator_background_threads = true')
    // The system caches files; [M] a second copy of parts of them took 35 MB of 3 GB, and saved no time.
    await database.run('SET enable_external_file_cache = false')
    const { from, rejects, without } = await find(database)
    const described = await database.query<{ column_name: string; column_type: string }>(
      `DESCRIBE SELECT * FROM ${from}`,
    )
    const columns = described.map(
      ({ column_name, column_type }): RelationColumn => ({
        name: column_name,
        type: column_type,
        family: familyOf(column_type),
      }),
    )
    return { ...relationOf(name, database, from, columns, rejects ?? false), ...(without && { without }) }
  } catch (error) {
    await database[Symbol.asyncDispose]()
    throw error instanceof RetailError ? error : cannotRead(name, error)
  }
}

function relationOf(
  name: string,
  database: Database,
  from: string,
  columns: RelationColumn[],
  rejects: boolean,
): Relation {
  const kept = new KeptFiles(database)
  return {
    name,
    from,
    columns,
    dialect,
    async *query(sql) {
      try {
        yield* chunksOf(database.connection, sql)
      } catch (error) {
        throw cannotRead(name, error)
      }
    },
    async keep(as, sql) {
      try {
        return await kept.keep(as, sql)
      } catch (error) {
        throw cannotRead(name, error)
      }
    },
    stop: () => database.connection.interrupt(),
    without: async () => [],
    async unreadable() {
      if (!rejects) return 0
      const [{ n }] = await database.query<{ n: bigint }>(
        'SELECT count(*) AS n FROM (SELECT DISTINCT s.file_path, e.line FROM reject_errors e JOIN reject_scans s USING (scan_id, file_id))',
      )
      return Number(n)
    },
    async [Symbol.asyncDispose]() {
      await database[Symbol.asyncDispose]()
      kept[Symbol.dispose]()
    },
  }
}

async function* chunksOf(connection: DuckDBConnection, sql: string): AsyncGenerator<unknown[][]> {
  const stream = await connection.stream(sql)
  for (;;) {
    const chunk = await stream.fetchChunk()
    if (!chunk || chunk.rowCount === 0) return
    yield Array.from({ length: chunk.columnCount }, (_, column) => chunk.getColumnValues(column) as unknown[])
  }
}
