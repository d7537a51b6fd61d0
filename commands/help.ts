import type { Command } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { closest } from '../src/config/closest.ts'
import { RetailError } from '../src/errors.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { widthOf } from './io.ts'
import { exitCodesText } from './render/exit-codes.ts'
import { layOut } from './render/layout.ts'

const EXIT_CODES_TOPIC = 'exit-codes'

export function help(context: Context, command: Command): Command {
  return describeCommand(context, command, {
    examples: [
      ['retail help backfill', 'help for a command'],
      ['retail help exit-codes', 'what the exit codes mean'],
    ],
  })
    .argument('[topic]', 'a command, or exit-codes')
    .action((topic: string | undefined) => {
      const program = command.parent!
      if (topic === EXIT_CODES_TOPIC)
        return void context.io.stdout.write(`${layOut(exitCodesText(), widthOf(context.io.stdout))}\n`)
      const found = topic === undefined ? program : program.commands.find((each) => each.name() === topic)
      if (found) return found.outputHelp()
      const near = closest(topic!, [...program.commands.map((each) => each.name()), EXIT_CODES_TOPIC])
      throw new RetailError('bad_flag', `no help for '${topic}'`, {
        why: near ? `did you mean ${near}?` : 'no command has that name',
        hint: advise`${near ? retail('help', near) : retail('--help')}`,
      })
    })
}
