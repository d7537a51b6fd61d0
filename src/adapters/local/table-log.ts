import { createHash } from 'node:crypto'
import path from 'node:path'
import { clock } from '../../clock.ts'
import { fs } from '../../disk.ts'
import { errnoOf } from '../../errors.ts'
import { quote } from '../../tables/emit.ts'
import { type ColumnType, columnsOf, type Table, type WorldSchema } from '../../tables/table.ts'
import { openDatabase } from './duckdb.ts'
import { makeFolder, namesIn, readIfThere, removeQuietly, syncFolder, temporaryName, writeFile } from './files.ts'
import { TEMPORARY } from './folder-layout.ts'
import { strangeFolder } from './regular.ts'
import { asideOf, moveAside } from './set-aside.ts'

/**
 * The log that makes a table's folder a Delta Lake table: one file of JSON per commit. Format: github.com/delta-io/delta,
 * PROTOCOL.md. It follows from raw, so writing it again repairs it.
 */
export const LOG = '_delta_log'
const CHECKPOINT_EVERY = 100
/** The protocol's default: commits before a checkpoint stay for 30 days. */
const RETENTION_MS = 30 * 24 * 60 * 60_000

/** A file of the table: its path within the table's folder, in the form of a URL. */
export interface NamedFile {
  path: string
  sizeBytes: number
  month?: string | undefined
}

/** What a log says. */
export interface LogState {
  version: number
  files: ReadonlyMap<string, number>
  schema: string
}

const TYPES: Record<ColumnType, string> = {
  string: 'string',
  int: 'integer',
  money: 'decimal(10,2)',
  // The parts carry no zone.
  timestamp: 'timestamp_ntz',
}

/** The columns as the log describes them. `month` is the column by which the folders are divided. */
export function schemaOf(table: Table, schema: WorldSchema, months: boolean): string {
  const columns = columnsOf(table, schema).map(([name, { type, about }]) =>
    field(name, TYPES[type], { comment: about }),
  )
  return JSON.stringify({ type: 'struct', fields: months ? [...columns, field('month', 'string', {})] : columns })
}

const field = (name: string, type: string, metadata: object) => ({ name, type, nullable: true, metadata })

const nameOf = (version: number): string => String(version).padStart(20, '0')
const PROTOCOL = {
  minReaderVersion: 3,
  minWriterVersion: 7,
  readerFeatures: ['timestampNtz'],
  // A feature that no other program knows: they read the table, and refuse to write into it.
  writerFeatures: ['timestampNtz', 'retail'],
}

interface Action {
  add?: { path: string; size: number }
  remove?: { path: string }
  metaData?: { schemaString: string }
}

/** The state after the last commit; undefined if there is no log. Throws a sentence about what is wrong with it. */
export async function readState(folder: string): Promise<LogState | undefined> {
  const log = path.join(folder, LOG)
  const strange = strangeFolder(log)
  if (strange !== undefined) throw new Error(`it is ${strange}, not a folder`)
  const names = namesIn(log)
  const commits = names.flatMap((name) => (/^\d{20}\.json$/.test(name) ? [Number(name.slice(0, 20))] : []))
  const checkpoint = names.filter((name) => /^\d{20}\.checkpoint\.parquet$/.test(name)).at(-1)
  if (commits.length === 0 && !checkpoint) return undefined
  const files = new Map<string, number>()
  let schema: string | undefined
  let version = -1
  if (checkpoint) {
    version = Number(checkpoint.slice(0, 20))
    const state = await readCheckpoint(path.join(log, checkpoint))
    for (const [name, size] of state.files) files.set(name, size)
    schema = state.schema
  }
  const last = Math.max(version, ...commits)
  while (version < last) {
    const name = `${nameOf(++version)}.json`
    const bytes = readIfThere(path.join(log, name))
    if (!bytes) throw new Error(`${name} is missing`)
    for (const { add, remove, metaData } of actionsOf(bytes, name)) {
      if (remove) files.delete(remove.path)
      if (add) files.set(add.path, add.size)
      schema = metaData?.schemaString ?? schema
    }
  }
  if (schema === undefined) throw new Error('no commit describes the table')
  return { version, files, schema }
}

function actionsOf(bytes: Buffer, name: string): Action[] {
  const lines = bytes.toString().split('\n')
  try {
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Action)
  } catch (error) {
    throw new Error(`${name} is damaged`, { cause: error })
  }
}

async function readCheckpoint(file: string): Promise<Pick<LogState, 'files' | 'schema'>> {
  await using database = await openDatabase(':memory:', { threads: 1 })
  const rows = await database.query<{ path: string | null; size: bigint | null; schema: string | null }>(
    `SELECT add.path AS path, add.size AS size, metaData.schemaString AS schema FROM read_parquet(${quote(file)}, hive_partitioning = false)`,
  )
  const files = rows.flatMap(({ path: name, size }) => (name === null ? [] : [[name, Number(size)] as const]))
  return { files: new Map(files), schema: rows.find(({ schema }) => schema !== null)?.schema ?? '' }
}

/**
 * Makes the log name exactly these files, in one commit; without a difference, it writes nothing. The caller holds the
 * publish lock. A log that cannot be read is started again: it holds nothing that raw does not say.
 */
export async function commitFiles(
  folder: string,
  files: readonly NamedFile[],
  { table, schema, world }: { table: Table; schema: string; world: string },
): Promise<void> {
  const log = path.join(folder, LOG)
  let state: LogState | undefined
  try {
    state = await readState(folder)
  } catch (error) {
    if (errnoOf(error) !== undefined) throw error
    if (strangeFolder(log) === undefined) removeQuietly(log)
    else moveAside(asideOf(path.dirname(folder)), log)
  }
  const now = clock.now()
  const named = new Set(files.map((file) => file.path))
  const removed = [...(state?.files.keys() ?? [])].filter((name) => !named.has(name))
  const added = files.filter((file) => state?.files.get(file.path) !== file.sizeBytes)
  const isNew = state?.schema !== schema
  if (state && !isNew && removed.length + added.length === 0) return
  const months = schema.includes('"name":"month"')
  const metaData = {
    id: idOf(`${world} ${table.name}`),
    name: table.name,
    description: table.about,
    format: { provider: 'parquet', options: {} },
    schemaString: schema,
    partitionColumns: months ? ['month'] : [],
    configuration: { 'delta.checkpointInterval': String(CHECKPOINT_EVERY) },
    createdTime: now,
  }
  const actions = [
    {
      commitInfo: { timestamp: now, operation: 'WRITE', operationParameters: { mode: 'Append' }, engineInfo: 'retail' },
    },
    ...(isNew ? [{ protocol: PROTOCOL }, { metaData }] : []),
    ...removed.map((name) => ({ remove: { path: name, deletionTimestamp: now, dataChange: true } })),
    ...added.map((file) => ({ add: addOf(file, now) })),
  ]
  const version = (state?.version ?? -1) + 1
  writeInto(log, `${nameOf(version)}.json`, Buffer.from(`${actions.map((one) => JSON.stringify(one)).join('\n')}\n`))
  if (version > 0 && version % CHECKPOINT_EVERY === 0) await writeCheckpoint(log, version, metaData, files, now)
}

const addOf = ({ path: name, sizeBytes, month }: NamedFile, modificationTime: number) => ({
  path: name,
  partitionValues: month === undefined ? {} : { month },
  size: sizeBytes,
  modificationTime,
  dataChange: true,
})

/** In the lake's own folder for files that are being written, which is swept. */
function temporaryFile(log: string): string {
  const folder = path.join(path.dirname(path.dirname(log)), TEMPORARY)
  makeFolder(folder)
  return temporaryName(folder)
}

/** Under a name that is used once: complete, and synced before it is visible. */
function writeInto(log: string, name: string, bytes: Buffer): void {
  makeFolder(log)
  const beside = temporaryFile(log)
  writeFile(beside, (sink) => sink.write([bytes]))
  fs.renameSync(beside, path.join(log, name))
  syncFolder(log)
}

/** The same table has the same id wherever it is made. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/** All files in one Parquet file, so that a reader needs no commit before it. Then old commits are removed. */
async function writeCheckpoint(
  log: string,
  version: number,
  metaData: object,
  files: readonly NamedFile[],
  now: number,
): Promise<void> {
  const beside = temporaryFile(log)
  const rows = [
    { protocol: PROTOCOL },
    { metaData },
    ...files.map((file) => ({ add: { ...addOf(file, now), dataChange: false } })),
  ]
  const lines = `${beside}.json`
  try {
    writeFile(lines, (sink) => sink.write([Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'))]))
    await using database = await openDatabase(':memory:', { threads: 1 })
    await database.run(`COPY (SELECT * FROM read_json(${quote(lines)}, format = 'newline_delimited', columns = {
  protocol: 'STRUCT(minReaderVersion INTEGER, minWriterVersion INTEGER, readerFeatures VARCHAR[], writerFeatures VARCHAR[])',
  metaData: 'STRUCT(id VARCHAR, name VARCHAR, description VARCHAR, format STRUCT(provider VARCHAR, options MAP(VARCHAR, VARCHAR)), schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR), createdTime BIGINT)',
  add: 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR), size BIGINT, modificationTime BIGINT, dataChange BOOLEAN)'
})) TO ${quote(beside)} (FORMAT parquet)`)
    const bytes = fs.readFileSync(beside)
    writeInto(log, `${nameOf(version)}.checkpoint.parquet`, bytes)
    // A hint for readers, who list the folder if it is old.
    writeInto(log, '_last_checkpoint', Buffer.from(JSON.stringify({ version, size: rows.length })))
  } finally {
    for (const file of [lines, beside]) removeQuietly(file)
  }
  for (const name of namesIn(log)) {
    const of = /^\d{20}\./.test(name) ? Number(name.slice(0, 20)) : version
    if (of < version && fs.statSync(path.join(log, name)).mtimeMs < now - RETENTION_MS) fs.rmSync(path.join(log, name))
  }
}
