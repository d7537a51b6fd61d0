import { type Command, Option } from 'commander'
import type { Config } from '../src/config/schema.ts'
import type { Ports, Shard } from '../src/ports/index.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { countFlag, overrideOptions, shardFlag } from './flags.ts'
import { shardOf } from './shard.ts'

interface VerifyFlags extends OverrideFlags {
  quick?: boolean
  realism?: boolean
  workers?: number
  shard?: Shard
  merge?: boolean
}

export function verify(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about:
      'Reports every missing, duplicate, or changed row, and exits with code 6 if there is one.\nIn a Cloud Run or Kubernetes job, each task picks its own shard; --merge gives the verdict of all.',
    examples: [
      ['retail verify', 'check every column of every row, and the marts to the cent'],
      ['retail verify --quick', 'check only counts and keys'],
      ['retail verify --shard 1/4', 'the first of four shards, each on its own machine'],
      ['retail verify --merge', 'one verdict from the results of all shards'],
      ['retail verify --realism', 'compare 44 statistics with those of real shops'],
    ],
  })
    .option('--quick', 'check only counts and keys')
    .addOption(
      new Option('--realism', 'compare the data with statistics of real shops instead').conflicts(['shard', 'merge']),
    )
    .option('--workers <n>', 'number of worker threads (default: up to one per core)', countFlag(1, 256))
    .option(
      '--shard <i/n>',
      'measure only this shard of the lake, such as 1/4, and write the result into the lake',
      shardFlag,
    )
    .addOption(new Option('--merge', 'judge what the shards have measured').conflicts(['shard']))
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ quick, realism, workers, shard, merge, ...overrides }: VerifyFlags) => {
    if (realism) return await scoreRealism(context, overrides)
    const { renderCheck, renderVerify } = await import('./render/verify.ts')
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    const share = merge ? undefined : shardOf(shard, context.io.env)
    context.ui.step(merge ? 'reading the results of the shards' : 'regenerating the expected data')
    if (share) return await runShard(context, ports, config, { shard: share, quick, workers })
    const result = await context.verbs.verify(ports, config, {
      quick,
      workers,
      merge,
      signal: context.signal,
      onCheck: (check) => context.ui.done(renderCheck(check)),
    })
    const next = await context.next({ command: 'verify', result, warehouse: ports.warehouse.traits }, ports, config)
    context.report(result, renderVerify, result.ok ? 0 : 6, next)
  })
}

async function runShard(
  context: Context,
  ports: Ports,
  config: Config,
  options: { shard: Shard; quick: boolean | undefined; workers: number | undefined },
): Promise<void> {
  const { renderVerifyShard } = await import('./render/verify-shard.ts')
  const result = await context.verbs.verifyShard(ports, config, { ...options, signal: context.signal })
  const next = await context.next({ command: 'verify shard', again: context.again, result }, ports, config)
  // Whatever it found: a job tries a task that fails again. The merge judges.
  context.report(result, renderVerifyShard, 0, next)
}

async function scoreRealism(context: Context, overrides: OverrideFlags): Promise<void> {
  const { renderRealism, renderRealismItem } = await import('./render/realism.ts')
  const { config } = await context.load(overrides)
  await using ports = await context.open(config)
  context.ui.step('preparing a sample')
  const result = await context.verbs.realism(ports, config, {
    signal: context.signal,
    onItem: (item) => context.ui.done(renderRealismItem(item)),
  })
  const whole = result.items.every(({ verdict }) => verdict !== 'not judged')
  const next = await context.next({ command: 'realism', whole }, ports, config)
  context.report(result, renderRealism, result.ok ? 0 : 6, next)
}
