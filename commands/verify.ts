import type { Command } from 'commander'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { countFlag, overrideOptions } from './flags.ts'

interface VerifyFlags extends OverrideFlags {
  quick?: boolean
  realism?: boolean
  workers?: number
}

export function verify(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about: 'Reports every missing, duplicate, or changed row, and exits with code 6 if there is one.',
    examples: [
      ['retail verify', 'check every column of every row, and the marts to the cent'],
      ['retail verify --quick', 'check only counts and keys'],
      ['retail verify --realism', 'compare twenty statistics with those of real shops'],
    ],
  })
    .option('--quick', 'check only counts and keys')
    .option('--realism', 'compare the data with statistics of real shops instead')
    .option('--workers <n>', 'number of worker threads (default: up to one per core)', countFlag(1, 256))
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ quick, realism, workers, ...overrides }: VerifyFlags) => {
    if (realism) return await scoreRealism(context, overrides)
    const { renderCheck, renderVerify } = await import('./render/verify.ts')
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    context.ui.step('regenerating the expected data')
    const result = await context.verbs.verify(ports, config, {
      quick,
      workers,
      signal: context.signal,
      onCheck: (check) => context.ui.done(renderCheck(check)),
    })
    const next = await context.next({ command: 'verify', result, warehouse: ports.warehouse.traits }, ports, config)
    context.report(result, renderVerify, result.ok ? 0 : 6, next)
  })
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
