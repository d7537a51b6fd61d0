import { type Advice, advise, retail } from '../src/advice.ts'
import type { LoadedConfig } from '../src/config/load.ts'
import type { PostgresPlace, Where } from '../src/config/where.ts'
import { RetailError } from '../src/errors.ts'
import type { BackfillTablesOptions } from '../src/pipeline/backfill-tables.ts'
import type { Context } from './context.ts'
import { refuseBeside } from './flags.ts'

/** Flags of `backfill` that do not go with a database. */
export const refuseWithDatabase = (flags: Readonly<Record<string, unknown>>): void =>
  refuseBeside('--to a database', flags, (name) => ({
    why: 'a database gets all tables, from this machine',
    hint: `omit ${name}, or omit the address`,
  }))

/** Loads history into a database. */
export async function runBackfillTables(
  context: Context,
  to: string,
  loaded: LoadedConfig,
  scope: Pick<BackfillTablesOptions, 'from' | 'to' | 'workers' | 'shard' | 'dryRun'>,
): Promise<void> {
  const [{ namesWorkspace }, { parseWhere }, { renderBackfill }, { renderTablesWait }] = await Promise.all([
    import('../src/config/load.ts'),
    import('../src/config/where.ts'),
    import('./render/backfill.ts'),
    import('./render/stream-to.ts'),
  ])
  const { config } = loaded
  if (to !== '-' && !to.includes(':') && !Object.hasOwn(config.sinks ?? {}, to)) throw noDay(to)
  const place = databaseAmong(parseWhere(to, context.io.cwd, config), to, config.history.from)
  const bar = context.ui.bar('rows')
  const result = await context.verbs.backfillTables(
    (source, signal) => context.verbs.openHistoryTables(place, source, signal),
    place,
    config,
    {
      ...scope,
      hasWorkspace: namesWorkspace(loaded),
      signal: context.signal,
      onProgress(progress) {
        bar.update(progress.doneRows, progress.totalRows, progress.month)
        context.progress(progress)
      },
      onWait: (waiting) => context.ui.warn(renderTablesWait(waiting)),
    },
  )
  bar.end()
  const { again } = context
  const next = await context.next(
    scope.dryRun ? { command: 'dry run', again } : { command: 'backfill', again, result, to },
  )
  context.report(result, renderBackfill, result.complete || scope.dryRun ? 0 : 5, next)
}

function databaseAmong(where: Where, to: string, from: string): PostgresPlace {
  if (where.kind === 'postgres') return where
  if (where.kind === 'stdout' || where.kind === 'ndjson')
    throw refused(`a backfill does not write to ${to}`, {
      why: 'the only --to of a backfill is a PostgreSQL database; files and stdout are an export',
      hint: advise`${
        where.kind === 'stdout'
          ? retail('backfill', '--out', '-', '--format', 'csv', '--table', 'transactions')
          : retail('backfill', '--out', to.replace(/^ndjson:|\?.*$/g, ''), '--format', 'ndjson')
      }`,
    })
  throw refused(`a backfill does not write to ${to}`, {
    why: 'the only --to of a backfill is a PostgreSQL database; events are a stream, which may begin with history',
    hint: advise`${retail('stream', '--to', to, '--from', from, '--speed', 'max')}`,
  })
}

const noDay = (to: string): RetailError =>
  refused(`--to ${to} is neither a day nor a database`, {
    why: 'expected a day, like 2024-01-31 or yesterday, the address of a PostgreSQL database, or the name of a sink',
    hint: advise`${retail('backfill', '--to', 'postgres://localhost/shop')}`,
  })

const refused = (message: string, about: { why: string; hint: string | Advice }): RetailError =>
  new RetailError('bad_flag', message, about)
