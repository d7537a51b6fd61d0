import type { Command } from 'commander'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { countFlag, overrideOptions } from './flags.ts'
import type { OverrideFlags } from './given.ts'

interface VerifyFlags extends OverrideFlags {
  quick?: boolean
  workers?: number
}

export function verify(context: Context, command: Command): Command {
  explain(context, command, {
    about: 'Ends with exit code 6 when something is missing, doubled or changed, and names it.',
    examples: [
      ['retail verify', 'every column of every row, and the marts to the cent'],
      ['retail verify --quick', 'counts and keys only'],
    ],
  })
    .option('--quick', 'counts and keys only')
    .option('--workers <n>', 'threads that simulate (default: one per core)', countFlag(1, 256))
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ quick, workers, ...overrides }: VerifyFlags) => {
    const { renderCheck, renderVerify } = await import('./render/verify.ts')
    const { config } = await context.load(overrides)
    await using ports = await context.verbs.openPorts(config)
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
