import type { Command } from 'commander'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { overrideOptions } from './flags.ts'
import type { OverrideFlags } from './given.ts'
import { next } from './render/format.ts'

export function infra(context: Context, command: Command): Command {
  explain(context, command, {
    examples: [['retail infra', 'local: nothing is needed']],
  }).option('--dry-run', 'say what would be made')
  for (const option of overrideOptions()) if (option.long === '--target') command.addOption(option)
  return command.action(async (flags: OverrideFlags) => {
    const { config } = await context.load(flags)
    if (config.target !== 'local') {
      // Refuses a target that is not built yet.
      await using _ports = await context.verbs.openPorts(config)
    }
    context.report(
      { target: config.target, needed: false },
      () =>
        `Target local needs nothing: data goes to files in the workspace.\n${next(['retail seed-dims', 'products and stores'])}`,
    )
  })
}
