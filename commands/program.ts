import { type Command, Option } from 'commander'
import { backfill } from './backfill.ts'
import { define } from './command.ts'
import { completion } from './completion.ts'
import type { Context } from './context.ts'
import { demo } from './demo.ts'
import { globalOptions } from './flags.ts'
import { help } from './help.ts'
import { infra } from './infra.ts'
import { init } from './init.ts'
import { seedDims } from './seed-dims.ts'
import { status } from './status.ts'
import { stream } from './stream.ts'
import { transform } from './transform.ts'
import { verify } from './verify.ts'

/** The commands in the order data travels. */
export function buildProgram(context: Context): Command {
  const program = define(context, 'retail', {
    summary: "a US retailer's data estate from one seed",
    examples: [
      ['retail demo', 'everything once, in a fresh folder'],
      ['retail init && retail backfill', 'a workspace of your own, with history'],
      ['retail stream --rate 50', 'live sales, 50 events a second'],
    ],
  })
    .usage('<command> [flags]')
    .helpCommand(false)
    .addOption(new Option('-V, --version', 'print the version; with --json also what it runs on'))
    .addHelpText('after', '\nMore: retail help <command> · retail help exit-codes · retail status')
  for (const option of globalOptions()) program.addOption(option)
  for (const build of [init, infra, seedDims, backfill, stream, transform, verify, status, demo, completion, help])
    program.addCommand(build(context))
  return program
}
