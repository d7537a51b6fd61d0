import type { Command } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { RetailError } from '../src/errors.ts'
import type { RunStep } from '../src/pipeline/results.ts'
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
  run?: string
  begin?: boolean
  model?: string[]
  publish?: boolean
}

export function transform(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about: 'Readers see either the old marts or the new ones, never a mix. Arguments after -- go to dbt.',
    examples: [
      ['retail transform', 'process what changed since the last run'],
      ['retail transform --select daily_sales', 'build one model'],
      ['retail transform -- --threads 2', 'pass flags to dbt'],
      ['retail transform --run nightly --begin', 'build model by model, as a scheduler does'],
    ],
  })
    .argument('[dbt...]', 'arguments for dbt, after --')
    .option('--select <models...>', 'build only these models (dbt selection syntax)')
    .option('--full-refresh', 'rebuild incremental models from scratch')
    .option('--full-tests', 'test all rows, not only the periods that changed')
    .option('--allow-failures', 'publish even if tests fail')
    .option('--dry-run', 'show what would be done')
    .option('--run <id>', 'build model by model, in commands with the same id: --begin, --model, --publish')
    .option('--begin', 'with --run: fix the data to build from, and list the models')
    .option('--model <names...>', 'with --run: build and test these models')
    .option('--publish', 'with --run: publish, when every model is built')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async (dbtArgs: string[], flags: TransformFlags) => {
    const { renderRunStep, renderTransform, renderTransformPlan } = await import('./render/transform.ts')
    refuseLooseWords(context, dbtArgs, {
      why: 'select models with --select; put arguments for dbt after --',
      hint: (words) => advise`${retail('transform', '--select', ...words)}`,
    })
    const { select, fullRefresh, fullTests, allowFailures, dryRun, run, begin, model, publish, ...overrides } = flags
    const step = stepOf(flags, dbtArgs)
    const { config } = await context.load(overrides)
    const options = { select, fullRefresh, fullTests, allowFailures, dbtArgs }
    const watching = {
      signal: context.signal,
      onStep: context.ui.step,
      onOutput: context.ui.output,
      onDetail: context.flags.verbose ? context.ui.output : undefined,
    }
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
    if (run !== undefined && step) {
      const result = await context.verbs.transformStep(ports, config, run, step, {
        fullRefresh,
        fullTests,
        ...watching,
      })
      const failed = result.failed.length > 0
      const ran =
        result.published || result.models.length === 0
          ? ({ command: 'transform', again: context.again, failed: false } as const)
          : ({ command: 'transform run', run, models: result.models } as const)
      return context.report(result, renderRunStep, failed ? 1 : 0, await context.next(ran, ports, config))
    }
    const result = await context.verbs.transform(ports, config, { ...options, ...watching })
    const failed = result.failed.length > 0
    const next = await context.next({ command: 'transform', again: context.again, failed }, ports, config)
    context.report(result, renderTransform, failed && !(allowFailures && result.published) ? 1 : 0, next)
  })
}

/** Names of DAGs and their runs are some. */
const RUN_ID = /^[\w.:/+@=~-]{1,600}$/

/** What this command of a run does; undefined: it belongs to none. */
function stepOf(flags: TransformFlags, dbtArgs: readonly string[]): RunStep | undefined {
  const { run, begin, model, publish } = flags
  const steps: RunStep[] = [
    ...(begin ? [{ do: 'begin' } as const] : []),
    ...(model === undefined ? [] : [{ do: 'model', names: model } as const]),
    ...(publish ? [{ do: 'publish' } as const] : []),
  ]
  if (run === undefined && steps.length === 0) return undefined
  const refuse = (message: string, why?: string) =>
    new RetailError('bad_flag', message, {
      why,
      hint: advise`begin with ${retail('transform', '--run', 'nightly', '--begin')}, which says what to run next`,
    })
  if (run === undefined) throw refuse('--begin, --model, and --publish need --run, which names what they belong to')
  if (!RUN_ID.test(run)) throw refuse(`--run ${run}: expected up to 600 letters, digits, and . : / + @ = ~ _ -`)
  if (steps.length !== 1) throw refuse('--run needs one of --begin, --model, and --publish')
  const [step] = steps
  const others = {
    '--select': flags.select,
    '--allow-failures': flags.allowFailures,
    '--dry-run': flags.dryRun,
    'arguments for dbt': dbtArgs.length > 0,
    ...(step.do !== 'begin' && { '--full-refresh': flags.fullRefresh, '--full-tests': flags.fullTests }),
  }
  const also = Object.entries(others).find(([, value]) => value)?.[0]
  if (also)
    throw refuse(
      `--run takes no ${also}${also.startsWith('--full') ? ` with --${step.do}` : ''}`,
      also.startsWith('--full')
        ? '--begin decides it for all commands of the run'
        : 'a run builds and tests every model',
    )
  return step
}
