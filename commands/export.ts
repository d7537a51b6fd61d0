import path from 'node:path'
import type { Config } from '../src/config/schema.ts'
import { RetailError } from '../src/errors.ts'
import type { BackfillOptions } from '../src/pipeline/backfill.ts'
import { type FileFormat, type TableName, tables } from '../src/tables/index.ts'
import type { Context } from './context.ts'

/** Where the rows go when they do not go into the lake. */
export interface ExportFlags {
  out?: string
  format?: FileFormat
  table?: TableName
}

type Scope = Pick<BackfillOptions, 'from' | 'to' | 'workers' | 'shard' | 'dryRun'>

const STDOUT = '-'
export const TABLE_NAMES = Object.values(tables).map(({ name }) => name)

/** Refuses flags that do not go together, before anything is loaded. */
export function checkExportFlags(
  context: Context,
  { out, format, table }: ExportFlags,
  dryRun: boolean | undefined,
): void {
  if (out === undefined) {
    const flag = format === undefined ? '--table' : '--format'
    if (format === undefined && table === undefined) return
    throw refused(`${flag} needs --out`, {
      why: 'the lake holds all tables, as Parquet',
      hint: `retail backfill --out DIR ${flag} ${format ?? table}`,
    })
  }
  if (out !== STDOUT) return
  if (table === undefined)
    throw refused('--out - needs --table', {
      why: 'stdout takes the rows of one table',
      hint: `retail backfill --out - --format ${format === 'ndjson' ? format : 'csv'} --table transactions`,
    })
  if (format === undefined || format === 'parquet')
    throw refused(format ? 'Parquet cannot go to stdout' : '--out - needs --format', {
      why: 'rows on stdout are text; Parquet files need their end before they can be read',
      hint: `retail backfill --out - --format csv --table ${table}`,
    })
  if (context.flags.json && !dryRun)
    throw refused('--json and --out - both want stdout', {
      why: 'it carries the rows, nothing else',
      hint: 'leave --json away, or give --out a folder',
    })
}

/** Writes files into a folder, or the rows of one table to stdout. */
export async function runExport(context: Context, config: Config, flags: ExportFlags, scope: Scope): Promise<void> {
  if (flags.out === STDOUT) await print(context, config, flags, scope)
  else await fill(context, config, flags, scope)
}

async function fill(
  context: Context,
  config: Config,
  { out, format = 'parquet', table }: ExportFlags,
  scope: Scope,
): Promise<void> {
  const { renderBackfill } = await import('./render/backfill.ts')
  const folder = path.resolve(context.io.cwd, out!)
  if (folder === path.resolve(config.workspace, config.local.lake))
    throw refused(`${folder} is the lake of this workspace`, {
      why: 'an export beside its parts would be taken for them',
      hint: 'choose another folder with --out',
    })
  const chosen = table ? [table] : TABLE_NAMES
  const ports = await context.verbs.openExport({ folder, format })
  const bar = context.ui.bar('rows')
  const result = await context.verbs.backfill(ports, config, {
    ...scope,
    out: { folder, format, tables: chosen },
    signal: context.signal,
    onProgress(progress) {
      bar.update(progress.doneRows, progress.totalRows, progress.month)
      context.progress(progress)
    },
  })
  bar.end()
  context.report(result, renderBackfill, result.complete || scope.dryRun ? 0 : 5)
}

async function print(context: Context, config: Config, { format, table }: ExportFlags, scope: Scope): Promise<void> {
  const [{ formatCount }, { renderPrint }, { ReaderLeft, rowSink }] = await Promise.all([
    import('./render/format.ts'),
    import('./render/print.ts'),
    import('./row-sink.ts'),
  ])
  // A bar among rows on the same terminal could not be read.
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
    if (result.dryRun) context.report(result, renderPrint)
    else if (result.complete) context.ui.done(renderPrint(result))
    else if (context.stoppedBy) throw cutShort(formatCount(result.rows))
  } catch (error) {
    if (!(error instanceof ReaderLeft)) throw error
    context.ui.clear()
  }
}

const refused = (message: string, about: { why: string; hint: string }): RetailError =>
  new RetailError('bad_flag', message, about)

const cutShort = (rows: string): RetailError =>
  new RetailError('stopped', `stopped after ${rows} rows; they are whole, the table is not`, {
    hint: 'run the same command again for all of it, or give --out a folder: that goes on where it stopped',
  })
