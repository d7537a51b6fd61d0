import path from 'node:path'
import { type Command, Option } from 'commander'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { overrideOptions } from './flags.ts'

interface StatusFlags extends OverrideFlags {
  check?: boolean
  config?: boolean
}

export function status(context: Context, command: Command): Command {
  describeCommand(context, command, {
    examples: [
      ['retail status', 'one line per step'],
      ['retail status --check', 'exit code 6 unless everything is complete and fresh'],
      ['retail status --config', 'every setting and where it comes from'],
    ],
  })
    .option('--check', 'exit with code 6 if something is not ready')
    .addOption(new Option('--config', 'show every setting with its source').conflicts('check'))
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ check, config: showConfig, ...overrides }: StatusFlags) => {
    const [{ renderConfig }, { renderStatus }] = await Promise.all([
      import('./render/config.ts'),
      import('./render/status.ts'),
    ])
    const loaded = await context.load(overrides)
    if (showConfig) {
      const { configListing } = await import('../src/config/listing.ts')
      return context.report(configListing(loaded), renderConfig)
    }
    await using ports = await context.open(loaded.config)
    const result = await context.verbs.status(ports, loaded.config)
    // Only the CLI knows which file defines the workspace.
    result.config = loaded.file && path.relative(loaded.config.workspace, loaded.file)
    context.report(result, renderStatus, check && !result.ready ? 6 : 0, result.next)
  })
}
