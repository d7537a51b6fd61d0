import type { Command } from 'commander'
import type { Day } from '../src/time.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { countFlag, dayFlag, overrideOptions, shardFlag } from './flags.ts'
import type { OverrideFlags } from './given.ts'
import { shardOf } from './shard.ts'

interface BackfillFlags extends OverrideFlags {
  from?: Day
  to?: Day
  workers?: number
  shard?: { index: number; count: number }
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
    ],
    lines: true,
  })
    .option('--from <day>', 'first day, YYYY-MM-DD (default: history.from)', dayFlag)
    .option('--to <day>', 'last day, inclusive (default: history.to)', dayFlag)
    .option('--workers <n>', 'threads that simulate (default: one per core)', countFlag(1, 256))
    .option('--shard <i/n>', 'make only this share of the parts, 1/4 to 4/4', shardFlag)
    .option('--dry-run', 'say what would be made')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ from, to, workers, shard, dryRun, ...overrides }: BackfillFlags) => {
    const { renderBackfill } = await import('./render/backfill.ts')
    const { config } = await context.load(overrides)
    const share = shardOf(shard, context.io.env)
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
  })
}
