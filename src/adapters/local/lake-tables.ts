import path from 'node:path'
import { fs } from '../../disk.ts'
import { broken, type DamagedFile } from '../../ports/damage.ts'
import { dimensionKey, keptKey, LAKE_NAMES, lastingKey, parseBatchKey, parseSpan } from '../../ports/layout.ts'
import { dimensions, facts, type Table, type TableName } from '../../tables/index.ts'
import { keysOf, namedFile, whyWrong } from '../delta/table-files.ts'
import { commitFiles, LOG, metadataOf, startState } from '../delta/table-log.ts'
import type { Database } from './duckdb.ts'
import { folderLog } from './folder-log.ts'
import type { LakeContent } from './lake-content.ts'
import { localTarget } from './target.ts'

/**
 * Makes the log of each table name what raw names, without live batches, which join when they are rolled. The caller holds
 * the publish lock, and has published the database: so a log never names what raw does not know, and whatever a log names
 * is still there, because a file is removed only after the publish that replaces it.
 */
export async function commitTables(view: LakeContent): Promise<void> {
  const { root, schema, world, layout, cover } = view
  const commit = async (table: Table, keys: readonly string[], months: boolean) => {
    const folder = path.join(root, table.name)
    if (keys.length === 0 && !fs.existsSync(path.join(folder, LOG))) return
    const files = keys.map((key) => namedFile(table.name as TableName, key, fs.statSync(path.join(root, key)).size))
    const log = folderLog(folder)
    const metadata = metadataOf(table, world, { schema, months, timestamps: localTarget.lake.timestamps })
    await commitFiles(log, await startState(log), files, metadata)
  }
  for (const table of dimensions)
    if (layout.dimensions[table.name]) await commit(table, [dimensionKey(table.name, LAKE_NAMES)], false)
  const kept = new Set(layout.kept)
  for (const table of facts) {
    const keys = keysOf(cover, table.name, (key) => kept.has(keptKey(key)))
    if (keys) await commit(table, keys.map(lastingKey), true)
  }
}

/** The logs that do not name exactly what raw names in a database that was published from this lake. */
export async function logDamage(database: Database, root: string): Promise<DamagedFile[]> {
  const found: DamagedFile[] = []
  const views = await database.query<{ name: TableName; sql: string }>(
    `SELECT view_name AS name, sql FROM duckdb_views() WHERE schema_name = 'raw'`,
  )
  for (const { name, sql } of views) {
    const folder = path.join(root, name)
    const named = namesIn(sql, root, folder)
    // A part that is cut at the end of history has no file of its own that a log could name.
    if (!named || (named.length === 0 && !fs.existsSync(path.join(folder, LOG)))) continue
    const why = await whyWrong(folderLog(folder), named)
    if (why !== undefined) found.push({ file: path.join(folder, LOG), follows: 'raw', ...broken(why) })
  }
  return found
}

/**
 * The paths within a table's folder that a view reads. Undefined if it reads a piece of one of them, or another lake, as in
 * a workspace that was copied: then it says nothing about this one.
 */
function namesIn(sql: string, root: string, folder: string): string[] | undefined {
  if (/WHERE/i.test(sql)) return undefined
  const paths = Array.from(sql.matchAll(/'((?:[^']|'')*)'/g), ([, text]) =>
    text.replaceAll("''", "'").replaceAll(/\[([*?[])\]/g, '$1'),
  )
  if (paths.some((file) => path.isAbsolute(file) && !file.startsWith(`${root}/`))) return undefined
  // Rolled batches behind one that is not rolled yet, as after a repair, join the log together with it.
  const live = paths.flatMap((file) => parseBatchKey(path.dirname(file.slice(root.length + 1))) ?? [])
  const end = Math.min(...live.filter(({ from, to }) => from < to).map(({ from }) => from))
  const names = paths.filter((file) => file.startsWith(`${folder}/`)).map((file) => file.slice(folder.length + 1))
  return names.filter((name) => (parseSpan(path.basename(name, '.parquet'))?.from ?? 0) < end)
}
