import path from 'node:path'
import { type Advice, advise, retail } from '../src/advice.ts'
import type { FaultKind } from '../src/config/fault-kinds.ts'
import type { Config } from '../src/config/schema.ts'
import { RetailError } from '../src/errors.ts'
import type { BackfillOptions } from '../src/pipeline/backfill.ts'
import { type FileFormat, type TableName, tables, tablesOf } from '../src/tables/index.ts'
import { formatDay } from '../src/time.ts'
import type { Context } from './context.ts'

/** Writes rows to a destination other than the lake. */
export interface ExportFlags {
  out?: string
  format?: FileFormat
  table?: TableName
  hive?: boolean
  faults?: string
  without?: FaultKind[]
}

type Scope = Pick<BackfillOptions, 'from' | 'to' | 'workers' | 'shard' | 'dryRun'>

const STDOUT = '-'
export const TABLE_NAMES = Object.values(tables).map(({ name }) => name)

/** Rejects combinations of flags before anything is loaded. */
export function checkExportFlags(
  context: Context,
  { out, format, table, hive, faults, without }: ExportFlags,
  dryRun: boolean | undefined,
): void {
  if (hive && (out === undefined || out === STDOUT))
    throw refused('--hive needs --out with a folder', {
      why: out === undefined ? 'the lake always has these folders' : 'stdout has no folders',
      hint: advise`${retail('backfill', '--out', 'DIR', '--hive')}`,
    })
  if (without !== undefined && faults === undefined)
    throw refused('--without needs --faults', {
      why: 'it changes what a profile of faults does',
      hint: advise`${retail('backfill', '--out', 'DIR', '--format', 'ndjson', '--faults', 'rough')}`,
    })
  if (faults !== undefined && (out === undefined || out === STDOUT))
    throw refused('--faults needs --out with a folder', {
      why: out === undefined ? 'the lake keeps each event exactly once' : 'stdout has rows in the order of the world',
      hint:
        out === undefined
          ? advise`${retail('backfill', '--out', 'DIR', '--format', 'ndjson', '--faults', faults)}`
          : advise`${retail('stream', '--to', '-', '--from', 'DAY', '--faults', faults)}`,
    })
  if (out === undefined) {
    const flag = format === undefined ? '--table' : '--format'
    if (format === undefined && table === undefined) return
    throw refused(`${flag} needs --out`, {
      why: 'the lake always holds all tables, as Parquet',
      hint: advise`${retail('backfill', '--out', 'DIR', flag, `${format ?? table}`)}`,
    })
  }
  if (out !== STDOUT) return
  if (table === undefined)
    throw refused('--out - needs --table', {
      why: 'stdout can carry the rows of only one table',
      hint: advise`${retail('backfill', '--out', '-', '--format', format === 'ndjson' ? format : 'csv', '--table', 'transactions')}`,
    })
  if (format === undefined || format === 'parquet')
    throw refused(format ? 'Parquet cannot be written to stdout' : '--out - needs --format', {
      why: 'stdout carries text; a Parquet file has its metadata at the end, so it cannot be streamed',
      hint: advise`${retail('backfill', '--out', '-', '--format', 'csv', '--table', table)}`,
    })
  if (context.flags.json && !dryRun)
    throw refused('--json and --out - both write to stdout', {
      why: 'with --out -, stdout carries only rows',
      hint: 'omit --json, or give --out a folder',
    })
}

/** Writes files to a folder, or the rows of one table to stdout. */
export async function runExport(context: Context, config: Config, flags: ExportFlags, scope: Scope): Promise<void> {
  if (flags.out === STDOUT) await print(context, config, flags, scope)
  else await fill(context, config, flags, scope)
}

async function fill(
  context: Context,
  config: Config,
  { out, format = 'parquet', table, hive = false, faults, without }: ExportFlags,
  scope: Scope,
): Promise<void> {
  const sent = faults === undefined ? {} : await profileOf(context, faults, without)
  const { renderBackfill } = await import('./render/backfill.ts')
  const folder = path.resolve(context.io.cwd, out!)
  if (folder === path.resolve(config.workspace, config.local.lake))
    throw refused(`${folder} is the lake of this workspace`, {
      why: 'exported files there would be mistaken for parts',
      hint: 'choose another folder with --out',
    })
  refuseUnknown(config, table)
  const chosen = table ? [table] : tablesOf(config.world.schema).map(({ name }) => name)
  const place = {
    folder,
    format,
    hive,
    from: scope.from === undefined ? config.history.from : formatDay(scope.from),
    ...sent,
  }
  const ports = await context.verbs.openExport(config, place)
  const bar = context.ui.bar('rows')
  const result = await context.verbs.backfill(ports, config, {
    ...scope,
    out: { ...place, tables: chosen },
    signal: context.signal,
    onProgress(progress) {
      bar.update(progress.doneRows, progress.totalRows, progress.month)
      context.progress(progress)
    },
  })
  bar.end()
  const { again } = context
  const next = await context.next(scope.dryRun ? { command: 'dry run', again } : { command: 'backfill', again, result })
  context.report(result, renderBackfill, result.complete || scope.dryRun ? 0 : 5, next)
}

async function profileOf({ io }: Context, name: string, without: readonly FaultKind[] | undefined) {
  const { digestOf, loadProfile } = await import('../src/config/faults.ts')
  const profile = loadProfile(name, io.cwd, without)
  return { profile, faults: digestOf(profile) }
}

/** A table that only extended worlds have. */
function refuseUnknown({ world: { schema } }: Config, table: TableName | undefined): void {
  if (table === undefined || tablesOf(schema).some(({ name }) => name === table)) return
  throw refused(`this world has no table ${table}`, {
    why: `world.schema is ${schema}`,
    hint: advise`set world.schema: extended in retail.yaml of a new workspace, or name another table: ${retail('backfill', '--out', '-', '--format', 'csv', '--table', 'store')}`,
  })
}

async function print(context: Context, config: Config, { format, table }: ExportFlags, scope: Scope): Promise<void> {
  refuseUnknown(config, table)
  const [{ formatCount }, { renderPrint }, { ReaderLeft, rowSink }] = await Promise.all([
    import('./render/format.ts'),
    import('./render/print.ts'),
    import('./row-sink.ts'),
  ])
  // A progress bar between rows on the same terminal would be unreadable.
  const bar = context.io.stdout.isTTY ? undefined : context.ui.bar('rows')
  try {
    const result = await context.verbs.printTable(config, {
      ...scope,
      table: table!,
      format: format === 'ndjson' ? format : 'csv',
      write: rowSink(context.io.stdout),
      signal: context.signal,
      onProgress: ({ doneRows, totalRows, month }) => bar?.update(doneRows, totalRows, month),
    })
    bar?.end()
    if (result.dryRun)
      context.report(result, renderPrint, 0, await context.next({ command: 'dry run', again: context.again }))
    else if (result.complete) context.ui.done(renderPrint(result))
    else if (context.stoppedBy) throw cutShort(formatCount(result.rows))
  } catch (error) {
    if (!(error instanceof ReaderLeft)) throw error
    context.ui.clear()
  }
}

const refused = (message: string, about: { why: string; hint: Advice }): RetailError =>
  new RetailError('bad_flag', message, about)

const cutShort = (rows: string): RetailError =>
  new RetailError('stopped', `stopped after ${rows} rows: every row is complete, but the table is not`, {
    hint: 'run the same command again to start over, or give --out a folder: an export to a folder can resume',
  })
