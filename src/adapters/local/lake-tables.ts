import path from 'node:path'
import { fs } from '../../disk.ts'
import { errnoOf } from '../../errors.ts'
import { broken, type DamagedFile } from '../../ports/damage.ts'
import {
  batchFile,
  dimensionKey,
  keptKey,
  LAKE_NAMES,
  lastingKey,
  parseBatchKey,
  parseSpan,
  partKey,
} from '../../ports/layout.ts'
import { dimensions, type FactName, facts, type Table, type TableName } from '../../tables/index.ts'
import { SECONDS_PER_DAY } from '../../time.ts'
import type { Database } from './duckdb.ts'
import type { LakeContent } from './lake-content.ts'
import { commitFiles, LOG, type NamedFile, readState, schemaOf } from './table-log.ts'

/**
 * Makes the log of each table name what raw names, without live batches, which join when they are rolled. The caller holds
 * the publish lock, and has published the database: so a log never names what raw does not know, and whatever a log names
 * is still there, because a file is removed only after the publish that replaces it.
 */
export async function commitTables(view: LakeContent): Promise<void> {
  const { root, schema, world, layout } = view
  const commit = async (table: Table, keys: readonly string[], months: boolean) => {
    const folder = path.join(root, table.name)
    if (keys.length === 0 && !fs.existsSync(path.join(folder, LOG))) return
    const files = keys.map((key) => namedFile(root, table.name as TableName, key))
    await commitFiles(folder, files, { table, schema: schemaOf(table, schema, months), world })
  }
  for (const table of dimensions)
    if (layout.dimensions[table.name]) await commit(table, [dimensionKey(table.name, LAKE_NAMES)], false)
  for (const table of facts) {
    const keys = keysOf(view, table.name)
    if (keys) await commit(table, keys, true)
  }
}

function namedFile(root: string, table: TableName, key: string): NamedFile {
  const name = key.slice(table.length + 1)
  return { path: name, sizeBytes: fs.statSync(path.join(root, key)).size, month: /month=([\d-]+)\//.exec(name)?.[1] }
}

/**
 * The files of a fact: parts, and rolled batches up to the first batch that is not rolled. An extension that was interrupted
 * leaves parts that reach further than history; a log cannot name a piece of a file, so it names the parts that they are to
 * replace. Undefined if one of these does not exist: then the log stays as it is until the extension is complete.
 */
function keysOf({ cover, layout }: LakeContent, table: FactName): string[] | undefined {
  const keys = cover.parts.filter((part) => part.table === table).map(({ key }) => key)
  const kept = new Set(layout.kept)
  for (const { block, month } of cover.longParts.filter((part) => part.table === table)) {
    const shorter = partKey(table, block, month, cover.history / SECONDS_PER_DAY - 1)
    if (!kept.has(keptKey(shorter))) return undefined
    keys.push(shorter)
  }
  let position = cover.history
  for (const batch of cover.batches) {
    if (batch.generation !== undefined || batch.from > position) break
    position = batch.to
    keys.push(batchFile(batch, table))
  }
  return keys.map(lastingKey)
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
    const why = await whyWrong(folder, named)
    if (why !== undefined) found.push({ file: path.join(folder, LOG), follows: 'raw', ...broken(why) })
  }
  return found
}

async function whyWrong(folder: string, named: readonly string[]): Promise<string | undefined> {
  let files: ReadonlyMap<string, number>
  try {
    files = (await readState(folder))?.files ?? new Map()
  } catch (error) {
    if (errnoOf(error) !== undefined) throw error
    return (error as Error).message
  }
  const inRaw = new Set(named)
  const [first] = [...named.filter((name) => !files.has(name)), ...[...files.keys()].filter((name) => !inRaw.has(name))]
  if (first === undefined) return undefined
  return files.has(first) ? `it names ${first}, and raw does not` : `it does not name ${first}, and raw does`
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
