import { type Command, Option } from 'commander'
import { FAULT_KINDS, PROFILE_NAMES } from '../src/config/fault-kinds.ts'
import type { Ran } from '../src/pipeline/next.ts'
import { FILE_FORMATS } from '../src/tables/index.ts'
import type { Day } from '../src/time.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { checkExportFlags, type ExportFlags, runExport, TABLE_NAMES } from './export.ts'
import { namesWorld, type OverrideFlags } from './flag-types.ts'
import { choiceFlag, choicesFlag, countFlag, dayFlag, overrideOptions, shardFlag, type To, toFlag } from './flags.ts'
import { runRemote, tasksAlone } from './remote.ts'
import { shardOf } from './shard.ts'

interface BackfillFlags extends OverrideFlags, ExportFlags {
  from?: Day
  to?: To
  workers?: number
  shard?: { index: number; count: number }
  remote?: boolean
  tasks?: number
  dryRun?: boolean
}

export function backfill(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about:
      'Existing parts are kept. Run it again to resume, or with a later --to to extend history.\nIn a Cloud Run or Kubernetes job, each task picks its own shard.',
    examples: [
      ['retail backfill', 'generate the history that retail.yaml defines'],
      ['retail backfill --to 2024-06-30', 'extend history to a later day'],
      ['retail backfill --shard 1/4', 'the first of four shards, each on its own machine'],
      ['retail backfill --remote --tasks 50', 'target gcp: start a Cloud Run job and follow it'],
      ['retail backfill --out export --format csv', 'export all tables as CSV files'],
      ['retail backfill --out export --format ndjson --faults rough', 'export what arrives through a faulty network'],
      ['retail backfill --out - --format csv --table transactions', 'write one table to stdout'],
      ['retail backfill --to postgres://localhost/shop', 'load history into tables of PostgreSQL'],
    ],
    lines: true,
  })
    .option('--from <day>', 'first day: 2024-01-31, yesterday, -90d (default: history.from)', dayFlag(context.today))
    .option(
      '--to <day|where>',
      'last day, inclusive (default: history.to), or a PostgreSQL database to load; both may be given',
      toFlag(context.today),
    )
    .option('--workers <n>', 'number of worker threads (default: up to one per core)', countFlag(1, 256))
    .option('--shard <i/n>', 'generate only this shard of the parts, such as 1/4', shardFlag)
    .addOption(
      new Option('--remote', 'target gcp: run the Cloud Run job from infra.tfvars and follow it').conflicts([
        ...['shard', 'workers', 'out', 'format', 'table', 'faults', 'without'],
      ]),
    )
    .option(
      '--tasks <n>',
      'with --remote: number of tasks, one shard each (default: job.tasks in infra.tfvars)',
      countFlag(1, 9_999),
    )
    .addOption(new Option('--out <dir>', 'export to this folder, or to stdout (-), instead of writing to the lake'))
    .addOption(
      new Option('--format <name>', 'export format (default: parquet)')
        .choices(FILE_FORMATS)
        .argParser(choiceFlag(FILE_FORMATS)),
    )
    .addOption(
      new Option('--table <name>', 'export this table only').choices(TABLE_NAMES).argParser(choiceFlag(TABLE_NAMES)),
    )
    .option('--hive', 'name the folders of an export month=2024-01, so that readers prune by month')
    .option(
      '--faults <profile>',
      `with --out: lose, repeat, delay, or damage events on their way to the files: ${PROFILE_NAMES.join(', ')}, or a file`,
    )
    .addOption(
      new Option('--without <kinds>', 'with --faults: leave out these kinds, separated by commas').argParser(
        choicesFlag(FAULT_KINDS),
      ),
    )
    .option('--dry-run', 'show what would be generated')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(
    async ({
      from,
      to: { day: to, where } = {},
      workers,
      shard,
      remote,
      tasks,
      dryRun,
      out,
      format,
      table,
      hive,
      faults,
      without,
      ...overrides
    }: BackfillFlags) => {
      if (where !== undefined) {
        const { refuseWithDatabase, runBackfillTables } = await import('./backfill-tables.ts')
        refuseWithDatabase({
          '--out': out,
          '--format': format,
          '--table': table,
          '--hive': hive,
          '--remote': remote,
          '--tasks': tasks,
          '--faults': faults,
          '--without': without,
        })
        return await runBackfillTables(
          context,
          where,
          await context.load(overrides, { named: namesWorld(overrides) }),
          {
            ...{ from, to, workers, shard: shardOf(shard, context.io.env), dryRun },
          },
        )
      }
      if (remote) return await runRemote(context, { from, to, tasks, dryRun }, overrides)
      if (tasks !== undefined) throw tasksAlone(tasks)
      checkExportFlags(context, { out, format, table, hive, faults, without }, dryRun)
      const { renderBackfill } = await import('./render/backfill.ts')
      const { config } = await context.load(overrides, { named: out === undefined ? undefined : namesWorld(overrides) })
      const share = shardOf(shard, context.io.env)
      if (out !== undefined)
        return await runExport(
          context,
          config,
          { out, format, table, hive, faults, without },
          { from, to, workers, shard: share, dryRun },
        )
      await using ports = await context.open(config)
      const bar = context.ui.bar('rows')
      const result = await context.verbs.backfill(ports, config, {
        from,
        to,
        workers,
        shard: share,
        dryRun,
        signal: context.signal,
        onProgress(progress) {
          bar.update(progress.doneRows, progress.totalRows, progress.month)
          context.progress(progress)
        },
      })
      bar.end()
      const ran: Ran = dryRun
        ? { command: 'dry run', again: context.again }
        : { command: 'backfill', again: context.again, result }
      context.report(result, renderBackfill, result.complete || dryRun ? 0 : 5, await context.next(ran, ports, config))
    },
  )
}
