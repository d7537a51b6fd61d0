import type { Command } from 'commander'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { overrideOptions } from './flags.ts'

interface SeedDimsFlags extends OverrideFlags {
  dryRun?: boolean
}

export function seedDims(context: Context, command: Command): Command {
  describeCommand(context, command, {
    examples: [
      ['retail seed-dims', 'use the sizes in retail.yaml'],
      ['retail seed-dims --stores 50 --products 200', 'use other sizes for this run'],
    ],
  }).option('--dry-run', 'show what would be written')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async (flags: SeedDimsFlags) => {
    const [{ formatCount }, { renderSeedDims }] = await Promise.all([
      import('./render/format.ts'),
      import('./render/seed-dims.ts'),
    ])
    const { config } = await context.load(flags)
    await using ports = await context.open(config)
    const result = await context.verbs.seedDims(ports, config, {
      dryRun: flags.dryRun,
      onTable: (table, rows) => context.ui.step(`${table}: ${formatCount(rows)} rows`),
    })
    if (flags.dryRun) {
      const next = await context.next({ command: 'dry run', again: context.again })
      return context.report(result, (planned) => renderSeedDims(planned, 'would write'), 0, next)
    }
    context.report(result, renderSeedDims, 0, await context.next({ command: 'seed-dims' }, ports, config))
  })
}
