import type { Command } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { RetailError } from '../src/errors.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { overrideOptions } from './flags.ts'
import { refuseLooseWords } from './loose-words.ts'

export function dbt(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about:
      'Runs dbt with the environment, profile, and target of the workspace; its exit code becomes ours. The project is the one in dbt/, if `init --with dbt` wrote one, otherwise that of retail. What it builds is never published, and the next command does not see it: each one starts from what is published, and holds the lock of transform.',
    examples: [
      ['retail dbt -- ls --select marts', 'list models'],
      ['retail dbt -- show --inline "select * from {{ ref(\'daily_sales\') }}"', 'show some rows'],
      ['retail dbt -- docs generate', 'write the documentation'],
      ['retail dbt -- docs serve', 'show it in a browser'],
    ],
  }).argument('[words...]', "dbt's own command and flags, after --")
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async (words: string[], overrides: OverrideFlags) => {
    const asked = (hint: readonly string[]) => advise`${retail('dbt', '--', ...hint)}`
    refuseLooseWords(context, words, { why: 'words for dbt stand after --', hint: asked })
    if (words.length === 0)
      throw new RetailError('bad_flag', 'no command for dbt', { why: 'it stands after --', hint: asked(['--help']) })
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    const { io, flags, ui } = context
    context.exitCode = await context.verbs.dbt(ports, config, {
      words,
      colors: io.stdout.isTTY === true && flags.color !== false && !io.env.NO_COLOR,
      signal: context.signal,
      onStep: ui.step,
      onStart: ui.clear,
      onDetail: flags.verbose ? ui.output : undefined,
    })
  })
}
