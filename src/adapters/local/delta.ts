import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { fs } from '../../disk.ts'
import { quote } from '../../tables/emit.ts'
import type { Database } from './duckdb.ts'
import { duckdbRelationDialect as dialect } from './relation-dialect.ts'

/** A file of the table, and the values of the columns by which the table is partitioned. */
interface DeltaFile {
  path: string
  partitionValues: Record<string, string | null>
}

/** The table as of its last commit. */
interface DeltaTable {
  files: DeltaFile[]
  columns: string[]
  partitionColumns: string[]
}

/** The actions of a commit that say what the table consists of. */
interface Action {
  add?: { path: string; partitionValues?: Record<string, string | null>; deletionVector?: unknown } | null
  remove?: { path: string } | null
  metaData?: { schemaString: string; partitionColumns?: string[]; configuration?: Record<string, string> } | null
  protocol?: { minReaderVersion: number; readerFeatures?: string[] | null } | null
}

/** Features that change nothing for this reader, or that it looks for where they would. */
const READABLE = [
  'columnMapping',
  'deletionVectors',
  'timestampNtz',
  'typeWidening',
  'v2Checkpoint',
  'vacuumProtocolCheck',
]

/**
 * The FROM of a Delta table: reads the table's log, since DuckDB's extension would have to be downloaded. Throws a
 * sentence about what it cannot read. Format: github.com/delta-io/delta, PROTOCOL.md.
 */
export async function deltaSource(database: Database, folder: string): Promise<string> {
  const { files, columns, partitionColumns } = await readLog(database, folder)
  if (files.length === 0)
    return `(SELECT ${columns.map((name) => `CAST(NULL AS VARCHAR) AS ${dialect.column(name)}`).join(', ')} WHERE false)`
  const list = files.map(({ path: file }) => quote(file)).join(', ')
  const read = `read_parquet([${list}], union_by_name = true, hive_partitioning = false`
  if (partitionColumns.length === 0) return `${read})`
  const names = partitionColumns.map((name) => dialect.column(name))
  await database.run(
    `CREATE TABLE partitions AS SELECT * FROM (VALUES ${files.map(({ path: file, partitionValues }) => `(${[file, ...partitionColumns.map((name) => partitionValues[name] ?? null)].map((text) => (text === null ? 'NULL::VARCHAR' : quote(text))).join(', ')})`).join(', ')}) AS v(filename, ${names.join(', ')})`,
  )
  return `(SELECT f.* EXCLUDE (filename), ${names.map((name) => `p.${name}`).join(', ')} FROM ${read}, filename = true) AS f JOIN partitions AS p USING (filename))`
}

async function readLog(database: Database, folder: string): Promise<DeltaTable> {
  const log = path.join(folder, '_delta_log')
  if (!fs.existsSync(log)) throw new Error(`it is not a Delta table: it has no folder _delta_log`)
  const names = fs.readdirSync(log) as string[]
  const commits = names
    .filter((name) => /^\d{20}\.json$/.test(name))
    .map((name) => ({ name, version: Number(name.slice(0, 20)) }))
    .sort((a, b) => a.version - b.version)
  const checkpoint = lastCheckpoint(names)
  const first = checkpoint ? checkpoint.version + 1 : 0
  const later = commits.filter(({ version }) => version >= first)
  const gap = later.find(({ version }, i) => version !== first + i)
  if (gap || (!checkpoint && later.length === 0))
    throw new Error(`its log lacks version ${first + later.findIndex(({ version }, i) => version !== first + i)}`)
  const actions: Action[] = []
  if (checkpoint) actions.push(...(await readCheckpoint(database, log, checkpoint.names)))
  for (const { name } of later)
    for (const line of fs.readFileSync(path.join(log, name), 'utf8').split('\n'))
      if (line.trim() !== '') actions.push(JSON.parse(line))
  return replay(actions, folder)
}

/** The newest checkpoint of which all parts exist; its files, sorted. */
function lastCheckpoint(names: readonly string[]): { version: number; names: string[] } | undefined {
  const parts = names.flatMap((name) => {
    const [, version, part, of] = /^(\d{20})\.checkpoint(?:\.(\d{10})\.(\d{10}))?\.parquet$/.exec(name) ?? []
    return version ? [{ name, version: Number(version), part: Number(part ?? 1), of: Number(of ?? 1) }] : []
  })
  const whole = parts.filter(
    (one) => parts.filter(({ version, of }) => version === one.version && of === one.of).length === one.of,
  )
  const newest = whole.reduce<(typeof whole)[number] | undefined>(
    (a, b) => (a && a.version > b.version ? a : b),
    undefined,
  )
  return (
    newest && {
      version: newest.version,
      names: whole.filter((one) => one.version === newest.version && one.of === newest.of).map(({ name }) => name),
    }
  )
}

async function readCheckpoint(database: Database, log: string, names: readonly string[]): Promise<Action[]> {
  const files = `[${names.map((name) => quote(path.join(log, name))).join(', ')}]`
  const there = await database.query<{ column_name: string }>(`DESCRIBE SELECT * FROM read_parquet(${files})`)
  const has = (column: string) => there.some(({ column_name }) => column_name === column)
  const sidecars = has('sidecar')
    ? await database.query(`SELECT 1 FROM read_parquet(${files}) WHERE sidecar IS NOT NULL LIMIT 1`)
    : []
  if (sidecars.length > 0) throw new Error('its log has a checkpoint with sidecar files, which retail does not read')
  const kinds = ['add', 'metaData', 'protocol'].filter(has)
  const rows = await database.query(
    `SELECT ${kinds.map((kind) => `CAST(to_json(${kind}) AS VARCHAR) AS ${kind}`).join(', ')} FROM read_parquet(${files}) WHERE ${kinds.map((kind) => `${kind} IS NOT NULL`).join(' OR ')}`,
  )
  return rows.map((row) =>
    Object.fromEntries(kinds.flatMap((kind) => (row[kind] ? [[kind, JSON.parse(String(row[kind]))]] : []))),
  )
}

function replay(actions: readonly Action[], folder: string): DeltaTable {
  const files = new Map<string, NonNullable<Action['add']>>()
  let meta: Action['metaData']
  let protocol: Action['protocol']
  for (const action of actions) {
    if (action.remove) files.delete(action.remove.path)
    if (action.add) files.set(action.add.path, action.add)
    meta = action.metaData ?? meta
    protocol = action.protocol ?? protocol
  }
  if (!meta) throw new Error('its log does not describe the table')
  const mapping = meta.configuration?.['delta.columnMapping.mode'] ?? 'none'
  if (mapping !== 'none') throw new Error(`it uses column mapping (${mapping}), which retail does not read`)
  const feature = protocol?.readerFeatures?.find((name) => !READABLE.includes(name))
  if (feature || (protocol?.minReaderVersion ?? 1) > 3)
    throw new Error(
      `it needs ${feature ? `the feature ${feature}` : `reader version ${protocol!.minReaderVersion}`}, which retail does not read`,
    )
  if ([...files.values()].some(({ deletionVector }) => deletionVector != null))
    throw new Error('it uses deletion vectors, which retail does not read; REORG TABLE … APPLY (PURGE) removes them')
  const { fields } = JSON.parse(meta.schemaString) as { fields: { name: string }[] }
  return {
    files: [...files.values()].map((file) => ({
      path: placeOf(file.path, folder),
      partitionValues: file.partitionValues ?? {},
    })),
    columns: fields.map(({ name }) => name),
    partitionColumns: meta.partitionColumns ?? [],
  }
}

/** A path of the log is a URL, relative to the table. */
function placeOf(url: string, folder: string): string {
  if (!/^[a-z][a-z0-9+.-]*:/i.test(url)) return path.join(folder, decodeURIComponent(url))
  if (url.startsWith('file:')) return fileURLToPath(url.replace(/^file:\/(?!\/)/, 'file:///'))
  throw new Error(`its file ${url} is not on this machine`)
}
