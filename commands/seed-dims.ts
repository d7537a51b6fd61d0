import type { Command } from 'commander'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { overrideOptions } from './flags.ts'
import type { OverrideFlags } from './given.ts'

interface SeedDimsFlags extends OverrideFlags {
  dryRun?: boolean
}

export function seedDims(context: Context, command: Command): Command {
  explain(context, command, {
    examples: [
      ['retail seed-dims', 'as retail.yaml says'],
      ['retail seed-dims --stores 50 --products 200', 'another size, this once'],
    ],
  }).option('--dry-run', 'say what would be written')
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
    context.report(result, flags.dryRun ? (planned) => renderSeedDims(planned, 'would write') : renderSeedDims)
  })
}
