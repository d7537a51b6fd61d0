import path from 'node:path'
import { fs } from '../../disk.ts'
import type { Packed } from '../../ports/index.ts'
import { quote } from '../../tables/emit.ts'
import type { Database } from './duckdb.ts'
import { makeFolder, namesIn, syncFile, syncFolder } from './files.ts'
import { isAlive } from './owners.ts'

const SCHEMAS = ['raw', 'staging', 'marts']

/**
 * Writes everything that a database shows, views included, as tables of a new file. The file appears complete or not at
 * all.
 */
export async function packDatabase(
  database: Database,
  file: string,
  about: object,
  { signal, onTable }: { signal?: AbortSignal | undefined; onTable?: (table: Packed) => void },
): Promise<Packed[]> {
  const folder = path.dirname(file)
  makeFolder(folder)
  sweep(folder, path.basename(file))
  const beside = path.join(folder, `.${path.basename(file)}.${process.pid}.tmp`)
  const interrupt = () => database.connection.interrupt()
  signal?.addEventListener('abort', interrupt, { once: true })
  try {
    await database.run(`ATTACH ${quote(beside)} AS packed`)
    const packed: Packed[] = []
    for (const { schema, table, comment } of await relations(database)) {
      signal?.throwIfAborted()
      await database.run(`CREATE SCHEMA IF NOT EXISTS packed.${schema}`)
      const name = `${schema}."${table}"`
      await database.run(`CREATE TABLE packed.${name} AS SELECT * FROM ${name}`)
      if (comment !== null) await database.run(`COMMENT ON TABLE packed.${name} IS ${quote(comment)}`)
      for (const column of await columnComments(database, schema, table))
        await database.run(`COMMENT ON COLUMN packed.${name}."${column.name}" IS ${quote(column.comment)}`)
      const [{ n }] = await database.query(`SELECT count(*) AS n FROM packed.${name}`)
      packed.push({ schema, table, rows: Number(n) })
      onTable?.(packed[packed.length - 1])
    }
    await database.run('CREATE SCHEMA packed.meta')
    await database.run(`CREATE TABLE packed.meta.packed AS SELECT ${quote(JSON.stringify(about))} AS about`)
    await database.run('CHECKPOINT packed')
    await database.run('DETACH packed')
    signal?.throwIfAborted()
    syncFile(beside)
    fs.renameSync(beside, file)
    syncFolder(folder)
    return packed
  } catch (error) {
    // The first error is reported, and the file is removed.
    await database.run('DETACH packed').catch(() => {})
    for (const left of [beside, `${beside}.wal`]) fs.rmSync(left, { force: true })
    throw error
  } finally {
    signal?.removeEventListener('abort', interrupt)
  }
}

/** Removes what killed processes left behind. */
function sweep(folder: string, name: string): void {
  for (const left of namesIn(folder)) {
    const pid = left.startsWith(`.${name}.`) ? /\.(\d+)\.tmp(\.wal)?$/.exec(left)?.[1] : undefined
    if (pid !== undefined && !isAlive(Number(pid))) fs.rmSync(path.join(folder, left), { force: true })
  }
}

async function relations(database: Database): Promise<{ schema: string; table: string; comment: string | null }[]> {
  const found = await database.query<{ schema: string; table: string; comment: string | null }>(`
SELECT schema_name AS schema, name AS "table", comment FROM (
  SELECT schema_name, table_name AS name, comment FROM duckdb_tables() WHERE database_name = current_database()
  UNION ALL SELECT schema_name, view_name, comment FROM duckdb_views() WHERE database_name = current_database() AND NOT internal)
ORDER BY schema_name, name`)
  return SCHEMAS.flatMap((schema) => found.filter((relation) => relation.schema === schema))
}

const columnComments = (database: Database, schema: string, table: string) =>
  database.query<{ name: string; comment: string }>(`
SELECT column_name AS name, comment FROM duckdb_columns()
WHERE database_name = current_database() AND schema_name = ${quote(schema)} AND table_name = ${quote(table)} AND comment IS NOT NULL`)
