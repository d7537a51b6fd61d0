import path from 'node:path'
import { advise, retail } from '../advice.ts'
import type { Config } from '../config/schema.ts'
import type { PostgresPlace, Where } from '../config/where.ts'
import { RetailError } from '../errors.ts'
import type {
  Destination,
  EventSource,
  ExportPlace,
  ExportPorts,
  HistoryTables,
  Letter,
  Ports,
  Progress,
  Relation,
  Workspace,
} from '../ports/index.ts'
import { targetOf } from './targets.ts'

export type { Target } from './target.ts'
export { targetOf }

/** The composition root: the only place that connects the core's ports with adapters. */
export const openPorts = (config: Config): Promise<Ports> => targetOf(config).open(config)

/** Everything that a worker thread needs: it writes parts and caches snapshots, and uses no warehouse. */
export const openWorkerPorts = (config: Config, out?: ExportPlace): Promise<Pick<Ports, 'lake' | 'workspace'>> =>
  out ? openExport(config, out) : targetOf(config).openLake(config)

/** A folder on this machine, whatever the target; its files have the target's format. */
export async function openExport(config: Config, out: ExportPlace): Promise<ExportPorts> {
  return (await import('./local/export.ts')).openExport(out, targetOf(config).lake.timestamps)
}

/** A destination of events other than the target. `write` is stdout: it takes bytes in order. */
export async function openDestination(
  where: Where,
  { source, signal, write, workspace, settings }: OpeningDestination,
): Promise<Destination> {
  switch (where.kind) {
    case 'stdout':
      return (await import('./destinations/stdout.ts')).stdoutDestination(write)
    case 'ndjson':
      return (await import('./local/ndjson-folder.ts')).openNdjsonFolder(where, source)
    case 'kafka':
      return (await import('./destinations/kafka.ts')).openKafka(where, source, { signal, workspace, google: settings })
    case 'http':
      return (await import('./destinations/http.ts')).openHttp(where, source, {
        signal,
        workspace: mustExist(workspace),
      })
    case 'postgres':
      return (await import('./destinations/postgres.ts')).openPostgres(where, source, signal)
  }
}

/** What a destination records of the events of a world; nothing of it changes. */
export async function readProgress(
  where: Where,
  source: EventSource,
  { workspace, settings }: Pick<OpeningDestination, 'workspace' | 'settings'>,
): Promise<Progress> {
  switch (where.kind) {
    case 'stdout':
      return { since: undefined, position: undefined }
    case 'ndjson':
      return (await import('./local/ndjson-folder.ts')).progressOf(where.folder, source)
    case 'kafka':
      return await (await import('./destinations/kafka.ts')).readKafkaProgress(where, source, {
        workspace,
        google: settings,
      })
    case 'http':
      return await (await import('./destinations/http.ts')).readHttpProgress(where, source, mustExist(workspace))
    case 'postgres':
      return await (await import('./destinations/postgres.ts')).readPostgresProgress(where, source)
  }
}

/** The same of a folder of files that `backfill --out` wrote. */
export async function readExport(folder: string, source: EventSource): Promise<Progress> {
  return await (await import('./local/export-record.ts')).exportProgress(folder, source)
}

/** A session that loads history into tables of a database. */
export async function openHistoryTables(
  place: PostgresPlace,
  source: EventSource,
  signal: AbortSignal | undefined,
): Promise<HistoryTables> {
  return await (await import('./destinations/postgres-history.ts')).openPostgresHistory(place, source, signal)
}

/** What opening a destination needs, besides its place. */
export interface OpeningDestination {
  source: EventSource
  signal: AbortSignal | undefined
  /** Keeps the position of a destination that cannot; undefined without a retail.yaml. */
  workspace: Workspace | undefined
  /** Where the credentials of a cloud are. */
  settings: Pick<Config, 'workspace' | 'gcp'>
  write: (bytes: Uint8Array) => Promise<void>
}

/** The private folder beside retail.yaml, which is on this machine whatever the target. */
export async function openWorkspace(config: Config): Promise<Workspace> {
  const { folderWorkspace } = await import('./local/folder-workspace.ts')
  return folderWorkspace(path.join(config.workspace, '.retail'))
}

/**
 * Anybody's table: `duckdb:FILE:TABLE`, `delta:FOLDER`, `postgres://…`, `bigquery:PROJECT.DATASET.TABLE`, a query of
 * DuckDB, or files. BigQuery is read with the settings of a workspace.
 */
export async function openRelation(
  given: string | { query: string },
  cwd: string,
  settings: Pick<Config, 'workspace' | 'gcp'> = { workspace: cwd, gcp: undefined },
): Promise<Relation> {
  if (typeof given === 'string' && given.startsWith('bigquery:'))
    return await (await import('./gcp/bigquery-relation.ts')).openBigQueryTable(given, settings)
  if (typeof given === 'string' && /^postgres(ql)?:/.test(given))
    return await (await import('./relations/postgres.ts')).openPostgresTable(given)
  const { openDelta, openFiles, openQuery, openTable } = await import('./local/relation.ts')
  if (typeof given !== 'string') return await openQuery(given.query)
  const [, file, table] = /^duckdb:(.+):([^:/\\]+)$/.exec(given) ?? []
  if (given.startsWith('delta:')) return await openDelta(path.resolve(cwd, given.slice('delta:'.length)))
  return file ? await openTable(path.resolve(cwd, file), table) : await openFiles(given, cwd)
}

/** Collects an answer key, and yields it as the bytes of a Parquet file. */
export const answerTable = async () => (await import('./local/answer-table.ts')).answerTable()

/** The dead letters of anybody's consumer: lines of files, or the rows of a table. */
export async function openLetters(
  given: string,
  cwd: string,
  settings?: Pick<Config, 'workspace' | 'gcp'>,
): Promise<AsyncIterable<Letter>> {
  const { linesOf, rowsOf } = await import('./local/letters.ts')
  const isPlace = /^[a-z]+:/.test(given)
  return (!isPlace && (await linesOf(given, cwd))) || rowsOf(await openRelation(given, cwd, settings))
}

function mustExist(workspace: Workspace | undefined): Workspace {
  if (workspace) return workspace
  throw new RetailError('missing', 'a stream to an HTTP endpoint needs a workspace', {
    why: 'an endpoint keeps no position, so the workspace does',
    hint: advise`create one first: ${retail('init')}`,
  })
}
