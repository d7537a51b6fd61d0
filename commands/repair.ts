import type { Command } from 'commander'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { countFlag, overrideOptions } from './flags.ts'

interface RepairFlags extends OverrideFlags {
  workers?: number
  dryRun?: boolean
}

export function repair(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about:
      'It regenerates damaged files from the seed and the lake, and leaves good files alone. It moves unknown files aside and never deletes them. The next transform rebuilds lost marts.',
    examples: [
      ['retail repair', 'repair everything that `retail verify` reports'],
      ['retail repair --dry-run', 'show what would be repaired'],
    ],
  })
    .option('--workers <n>', 'number of worker threads (default: up to one per core)', countFlag(1, 256))
    .option('--dry-run', 'show what would be repaired')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ workers, dryRun, ...overrides }: RepairFlags) => {
    const { renderRepaired, renderRepair } = await import('./render/repair.ts')
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    context.ui.step('checking every file')
    const result = await context.verbs.repair(ports, config, {
      workers,
      dryRun,
      signal: context.signal,
      onRepair: (action) => context.ui.done(renderRepaired(action)),
    })
    context.report(result, renderRepair, 0, await context.next({ command: 'repair', again: context.again, result }))
  })
}
