import type { Command } from 'commander'
import { RetailError } from '../src/errors.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { overrideOptions } from './flags.ts'
import type { OverrideFlags } from './given.ts'
import { shellLine } from './stop.ts'

interface TransformFlags extends OverrideFlags {
  select?: string[]
  fullRefresh?: boolean
  allowFailures?: boolean
  dryRun?: boolean
}

export function transform(context: Context, command: Command): Command {
  explain(context, command, {
    about: 'Readers see the old marts or the new ones, never a mixture. What follows -- goes to dbt.',
    examples: [
      ['retail transform', 'what changed since the last time'],
      ['retail transform --select daily_sales', 'one model'],
      ['retail transform -- --threads 2', 'with flags of dbt'],
    ],
  })
    .argument('[dbt...]', 'arguments for dbt, after --')
    .option('--select <models...>', 'only these models, in the words of dbt')
    .option('--full-refresh', 'build incremental models from nothing')
    .option('--allow-failures', 'publish although tests failed')
    .option('--dry-run', 'say what would be done')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async (dbtArgs: string[], flags: TransformFlags) => {
    const { renderTransform, renderTransformPlan } = await import('./render/transform.ts')
    refuseLooseWords(context, dbtArgs)
    const { select, fullRefresh, allowFailures, dryRun, ...overrides } = flags
    const { config } = await context.load(overrides)
    const options = { select, fullRefresh, allowFailures, dbtArgs }
    if (dryRun)
      return context.report(
        { dryRun, target: config.target, database: config.local.database, ...options },
        renderTransformPlan,
      )
    await using ports = await context.open(config)
    const result = await context.verbs.transform(ports, config, {
      ...options,
      signal: context.signal,
      onStep: context.ui.step,
      onOutput: context.ui.output,
      onDetail: context.flags.verbose ? context.ui.output : undefined,
    })
    context.report(result, renderTransform, result.failed.length > 0 && !allowFailures ? 1 : 0)
  })
}

/** `retail transform marts` is a --select forgotten, not an argument for dbt. */
function refuseLooseWords({ argv }: Context, dbtArgs: readonly string[]): void {
  const after = argv.includes('--') ? argv.length - argv.indexOf('--') - 1 : 0
  const loose = dbtArgs.slice(0, dbtArgs.length - after)
  if (loose.length === 0) return
  throw new RetailError('bad_flag', `unexpected argument '${loose[0]}'`, {
    why: 'models are named by --select; arguments for dbt stand after --',
    hint: shellLine(['transform', '--select', ...loose]),
  })
}
