import path from 'node:path'
import type { Command } from 'commander'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { overrideOptions } from './flags.ts'

interface PackFlags extends OverrideFlags {
  out: string
  force?: boolean
}

export function pack(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about: 'The file does not depend on the lake or the workspace: you can move it, share it, and open it anywhere.',
    examples: [
      ['retail pack --out shop.duckdb', 'write raw, staging, and marts as tables'],
      ['retail pack --out shop.duckdb --force', 'replace an existing file'],
    ],
  })
    .requiredOption('--out <file>', 'DuckDB file to write')
    .option('--force', 'replace an existing file')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ out, force, ...overrides }: PackFlags) => {
    const [{ formatCount }, { renderPack }] = await Promise.all([
      import('./render/format.ts'),
      import('./render/pack.ts'),
    ])
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    const result = await context.verbs.pack(ports, config, {
      out: path.resolve(context.io.cwd, out),
      force,
      signal: context.signal,
      onTable: ({ schema, table, rows }) => context.ui.step(`${schema}.${table}: ${formatCount(rows)} rows`),
    })
    context.report(result, renderPack, 0, await context.next({ command: 'pack', file: result.file }))
  })
}
