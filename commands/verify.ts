import type { Command } from 'commander'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { countFlag, overrideOptions } from './flags.ts'
import type { OverrideFlags } from './given.ts'

interface VerifyFlags extends OverrideFlags {
  quick?: boolean
  realism?: boolean
  workers?: number
}

export function verify(context: Context, command: Command): Command {
  explain(context, command, {
    about: 'Ends with exit code 6 when something is missing, doubled or changed, and names it.',
    examples: [
      ['retail verify', 'every column of every row, and the marts to the cent'],
      ['retail verify --quick', 'counts and keys only'],
      ['retail verify --realism', 'twenty statistics against those of real shops'],
    ],
  })
    .option('--quick', 'counts and keys only')
    .option('--realism', 'score the data against statistics of real shops instead')
    .option('--workers <n>', 'threads that simulate (default: one per core)', countFlag(1, 256))
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ quick, realism, workers, ...overrides }: VerifyFlags) => {
    if (realism) return await scoreRealism(context, overrides)
    const { renderCheck, renderVerify } = await import('./render/verify.ts')
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    context.ui.step('making the truth again')
    const result = await context.verbs.verify(ports, config, {
      quick,
      workers,
      signal: context.signal,
      onCheck: (check) => context.ui.done(renderCheck(check)),
    })
    context.report(result, renderVerify, result.ok ? 0 : 6)
  })
}

async function scoreRealism(context: Context, overrides: OverrideFlags): Promise<void> {
  const { renderRealism, renderRealismItem } = await import('./render/realism.ts')
  const { config } = await context.load(overrides)
  await using ports = await context.open(config)
  context.ui.step('laying out a sample')
  const result = await context.verbs.realism(ports, config, {
    signal: context.signal,
    onItem: (item) => context.ui.done(renderRealismItem(item)),
  })
  context.report(result, renderRealism, result.ok ? 0 : 6)
}
