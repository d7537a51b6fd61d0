import { createHash } from 'node:crypto'
import { clock } from '../../clock.ts'
import type { LakeTraits } from '../../ports/index.ts'
import { type ColumnType, columnsOf, type Table, type WorldSchema } from '../../tables/table.ts'
import { BrokenLog, type LogStore } from './log-store.ts'

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

/** What a log says about its table, besides its files. */
export interface TableMetadata {
  table: Table
  world: string
  /** The columns, as JSON. */
  schema: string
  protocol: object
  /** Whether the folders are divided by month. */
  months: boolean
}

const TYPES: Record<Exclude<ColumnType, 'timestamp'>, string> = {
  string: 'string',
  int: 'integer',
  money: 'decimal(10,2)',
}

// A feature that no other program knows: they read the table, and refuse to write into it.
const OURS = 'retail'
/** By the form of timestamps in the files: without a zone, a reader must know the type. BigQuery does not. */
const FORMS = {
  plain: {
    timestamp: 'timestamp_ntz',
    protocol: {
      minReaderVersion: 3,
      minWriterVersion: 7,
      readerFeatures: ['timestampNtz'],
      writerFeatures: ['timestampNtz', OURS],
    },
  },
  utc: { timestamp: 'timestamp', protocol: { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: [OURS] } },
} as const satisfies Record<LakeTraits['timestamps'], unknown>

/** `months`: whether `month` is a column, by which the folders are divided. */
export function metadataOf(
  table: Table,
  world: string,
  { schema, months, timestamps }: { schema: WorldSchema; months: boolean; timestamps: LakeTraits['timestamps'] },
): TableMetadata {
  const { timestamp, protocol } = FORMS[timestamps]
  const types: Record<ColumnType, string> = { ...TYPES, timestamp }
  const columns = columnsOf(table, schema).map(([name, { type, about }]) =>
    field(name, types[type], { comment: about }),
  )
  const fields = months ? [...columns, field('month', 'string', {})] : columns
  return { table, world, schema: JSON.stringify({ type: 'struct', fields }), protocol, months }
}

const field = (name: string, type: string, metadata: object) => ({ name, type, nullable: true, metadata })

const nameOf = (version: number): string => String(version).padStart(20, '0')
const commitOf = (version: number): string => `${nameOf(version)}.json`

interface Action {
  add?: { path: string; size: number }
  remove?: { path: string }
  metaData?: { schemaString: string }
}

/** The state after the last commit; undefined if there is no log. Throws BrokenLog. */
export async function readState(store: LogStore): Promise<LogState | undefined> {
  for (;;) {
    const names = await store.names()
    try {
      return await stateIn(store, [...names].sort())
    } catch (error) {
      // Another writer may have removed an old file in the meantime, or started the log again.
      if (!(error instanceof BrokenLog) || String(names) === String(await store.names())) throw error
    }
  }
}

async function stateIn(store: LogStore, names: readonly string[]): Promise<LogState | undefined> {
  const commits = names.flatMap((name) => (/^\d{20}\.json$/.test(name) ? [Number(name.slice(0, 20))] : []))
  const checkpoint = names.filter((name) => /^\d{20}\.checkpoint\.parquet$/.test(name)).at(-1)
  if (commits.length === 0 && !checkpoint) return undefined
  const files = new Map<string, number>()
  let schema: string | undefined
  let version = -1
  if (checkpoint) {
    const { readCheckpoint } = await import('./checkpoint.ts')
    const state = await store.withFile(checkpoint, readCheckpoint)
    version = Number(checkpoint.slice(0, 20))
    for (const [name, size] of state.files) files.set(name, size)
    schema = state.schema
  }
  const last = Math.max(version, ...commits)
  const later = Array.from({ length: last - version }, (_, i) => commitOf(version + 1 + i))
  const read = await Promise.all(later.map((name) => store.read(name)))
  for (const [i, bytes] of read.entries()) {
    if (!bytes) throw new BrokenLog(`${later[i]} is missing`)
    for (const { add, remove, metaData } of actionsOf(bytes, later[i])) {
      if (remove) files.delete(remove.path)
      if (add) files.set(add.path, add.size)
      schema = metaData?.schemaString ?? schema
    }
  }
  if (schema === undefined) throw new BrokenLog('no commit describes the table')
  return { version: last, files, schema }
}

function actionsOf(bytes: Buffer, name: string): Action[] {
  const lines = bytes.toString().split('\n')
  try {
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Action)
  } catch (error) {
    throw new BrokenLog(`${name} is damaged`, { cause: error })
  }
}

/**
 * The state from which a commit starts; undefined: a new log. One that cannot be read is removed: it holds nothing that raw
 * does not say.
 */
export async function startState(store: LogStore): Promise<LogState | undefined> {
  try {
    return await readState(store)
  } catch (error) {
    if (!(error instanceof BrokenLog)) throw error
    await store.clear()
    return undefined
  }
}

/**
 * Makes the log name exactly these files, in one commit; without a difference, it writes nothing. `state`: what `startState`
 * returned before the files were listed. False: another writer has committed since.
 */
export async function commitFiles(
  store: LogStore,
  state: LogState | undefined,
  files: readonly NamedFile[],
  metadata: TableMetadata,
): Promise<boolean> {
  const now = clock.now()
  const named = new Set(files.map((file) => file.path))
  const removed = [...(state?.files.keys() ?? [])].filter((name) => !named.has(name))
  const added = files.filter((file) => state?.files.get(file.path) !== file.sizeBytes)
  const isNew = state?.schema !== metadata.schema
  if (state && !isNew && removed.length + added.length === 0) return true
  const described = [{ protocol: metadata.protocol }, { metaData: metaDataOf(metadata, now) }]
  const actions = [
    {
      commitInfo: { timestamp: now, operation: 'WRITE', operationParameters: { mode: 'Append' }, engineInfo: 'retail' },
    },
    ...(isNew ? described : []),
    ...removed.map((name) => ({ remove: { path: name, deletionTimestamp: now, dataChange: true } })),
    ...added.map((file) => ({ add: addOf(file, now) })),
  ]
  const version = (state?.version ?? -1) + 1
  const text = `${actions.map((one) => JSON.stringify(one)).join('\n')}\n`
  if (!(await store.create(commitOf(version), Buffer.from(text)))) return false
  if (version > 0 && version % CHECKPOINT_EVERY === 0) {
    const whole = [...described, ...files.map((file) => ({ add: { ...addOf(file, now), dataChange: false } }))]
    await writeCheckpoint(store, version, whole, now)
  }
  return true
}

const metaDataOf = ({ table, world, schema, months }: TableMetadata, now: number) => ({
  id: idOf(`${world} ${table.name}`),
  name: table.name,
  description: table.about,
  format: { provider: 'parquet', options: {} },
  schemaString: schema,
  partitionColumns: months ? ['month'] : [],
  configuration: { 'delta.checkpointInterval': String(CHECKPOINT_EVERY) },
  createdTime: now,
})

const addOf = ({ path: name, sizeBytes, month }: NamedFile, modificationTime: number) => ({
  path: name,
  partitionValues: month === undefined ? {} : { month },
  size: sizeBytes,
  modificationTime,
  dataChange: true,
})

/** The same table has the same id wherever it is made. */
function idOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  )
}

/** All files in one Parquet file, so that a reader needs no commit before it. Then old commits are removed. */
async function writeCheckpoint(
  store: LogStore,
  version: number,
  actions: readonly object[],
  now: number,
): Promise<void> {
  const { encodeCheckpoint } = await import('./checkpoint.ts')
  const bytes = await store.withFolder((folder) => encodeCheckpoint(actions, folder))
  await store.replace(`${nameOf(version)}.checkpoint.parquet`, bytes)
  // A hint for readers, who list the folder if it is old.
  await store.replace('_last_checkpoint', Buffer.from(JSON.stringify({ version, size: actions.length })))
  const before = (name: string) => /^\d{20}\./.test(name) && Number(name.slice(0, 20)) < version
  await store.removeOld((await store.names()).filter(before), now - RETENTION_MS)
}
