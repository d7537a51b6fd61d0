import type { Command } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { overrideOptions } from './flags.ts'
import { refuseLooseWords } from './loose-words.ts'

interface TransformFlags extends OverrideFlags {
  select?: string[]
  fullRefresh?: boolean
  fullTests?: boolean
  allowFailures?: boolean
  dryRun?: boolean
}

export function transform(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about: 'Readers see either the old marts or the new ones, never a mix. Arguments after -- go to dbt.',
    examples: [
      ['retail transform', 'process what changed since the last run'],
      ['retail transform --select daily_sales', 'build one model'],
      ['retail transform -- --threads 2', 'pass flags to dbt'],
    ],
  })
    .argument('[dbt...]', 'arguments for dbt, after --')
    .option('--select <models...>', 'build only these models (dbt selection syntax)')
    .option('--full-refresh', 'rebuild incremental models from scratch')
    .option('--full-tests', 'test all rows, not only the periods that changed')
    .option('--allow-failures', 'publish even if tests fail')
    .option('--dry-run', 'show what would be done')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async (dbtArgs: string[], flags: TransformFlags) => {
    const { renderTransform, renderTransformPlan } = await import('./render/transform.ts')
    refuseLooseWords(context, dbtArgs, {
      why: 'select models with --select; put arguments for dbt after --',
      hint: (words) => advise`${retail('transform', '--select', ...words)}`,
    })
    const { select, fullRefresh, fullTests, allowFailures, dryRun, ...overrides } = flags
    const { config } = await context.load(overrides)
    const options = { select, fullRefresh, fullTests, allowFailures, dbtArgs }
    await using ports = await context.open(config)
    if (dryRun) {
      await context.verbs.enter('transform', ports, config)
      return context.report(
        { dryRun, target: config.target, database: config.local.database, ...options },
        renderTransformPlan,
        0,
        await context.next({ command: 'dry run', again: context.again }),
      )
    }
    const result = await context.verbs.transform(ports, config, {
      ...options,
      signal: context.signal,
      onStep: context.ui.step,
      onOutput: context.ui.output,
      onDetail: context.flags.verbose ? context.ui.output : undefined,
    })
    const failed = result.failed.length > 0
    const next = await context.next({ command: 'transform', again: context.again, failed }, ports, config)
    context.report(result, renderTransform, failed && !(allowFailures && result.published) ? 1 : 0, next)
  })
}
