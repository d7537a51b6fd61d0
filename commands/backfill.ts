import { type Command, Option } from 'commander'
import { FILE_FORMATS } from '../src/tables/index.ts'
import type { Day } from '../src/time.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { checkExportFlags, type ExportFlags, runExport, TABLE_NAMES } from './export.ts'
import { choiceFlag, countFlag, dayFlag, overrideOptions, shardFlag } from './flags.ts'
import type { OverrideFlags } from './given.ts'
import { runRemote, tasksAlone } from './remote.ts'
import { shardOf } from './shard.ts'

interface BackfillFlags extends OverrideFlags, ExportFlags {
  from?: Day
  to?: Day
  workers?: number
  shard?: { index: number; count: number }
  remote?: boolean
  tasks?: number
  dryRun?: boolean
}

export function backfill(context: Context, command: Command): Command {
  explain(context, command, {
    about:
      'What is there already is kept; run it again to resume, or with a later --to to go on.\nIn a Cloud Run, Kubernetes or AWS Batch job each task takes its own share by itself.',
    examples: [
      ['retail backfill', 'the history of retail.yaml'],
      ['retail backfill --to 2024-06-30', 'go on to another day'],
      ['retail backfill --shard 1/4', 'the first of four machines'],
      ['retail backfill --remote --tasks 50', 'target gcp: a Cloud Run job makes it, and is followed'],
      ['retail backfill --out export --format csv', 'files of all tables for others to read'],
      ['retail backfill --out - --format csv --table transactions', 'one table, to stdout'],
    ],
    lines: true,
  })
    .option('--from <day>', 'first day, YYYY-MM-DD (default: history.from)', dayFlag)
    .option('--to <day>', 'last day, inclusive (default: history.to)', dayFlag)
    .option('--workers <n>', 'threads that simulate (default: one per core)', countFlag(1, 256))
    .option('--shard <i/n>', 'make only this share of the parts, 1/4 to 4/4', shardFlag)
    .addOption(
      new Option('--remote', 'target gcp: have the Cloud Run job of infra.tfvars make it, and follow it').conflicts([
        ...['shard', 'workers', 'out', 'format', 'table'],
      ]),
    )
    .option(
      '--tasks <n>',
      'with --remote: tasks, each its shard (default: job.tasks of infra.tfvars)',
      countFlag(1, 9_999),
    )
    .addOption(
      new Option('--out <dir>', 'write an export into this folder, or (-) rows to stdout, and leave the lake alone'),
    )
    .addOption(
      new Option('--format <name>', 'what an export is made as (default: parquet)')
        .choices(FILE_FORMATS)
        .argParser(choiceFlag(FILE_FORMATS)),
    )
    .addOption(
      new Option('--table <name>', 'export this table only').choices(TABLE_NAMES).argParser(choiceFlag(TABLE_NAMES)),
    )
    .option('--dry-run', 'say what would be made')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(
    async ({ from, to, workers, shard, remote, tasks, dryRun, out, format, table, ...overrides }: BackfillFlags) => {
      if (remote) return await runRemote(context, { from, to, tasks, dryRun }, overrides)
      if (tasks !== undefined) throw tasksAlone(tasks)
      checkExportFlags(context, { out, format, table }, dryRun)
      const { renderBackfill } = await import('./render/backfill.ts')
      const { config } = await context.load(overrides)
      const share = shardOf(shard, context.io.env)
      if (out !== undefined)
        return await runExport(context, config, { out, format, table }, { from, to, workers, shard: share, dryRun })
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
      context.report(result, renderBackfill, result.complete || dryRun ? 0 : 5)
    },
  )
}
