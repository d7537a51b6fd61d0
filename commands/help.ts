import type { Command } from 'commander'
import { closest } from '../src/config/closest.ts'
import { RetailError } from '../src/errors.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { exitCodesText } from './render/exit-codes.ts'

const EXIT_CODES_TOPIC = 'exit-codes'

export function help(context: Context, command: Command): Command {
  return explain(context, command, {
    examples: [
      ['retail help backfill', 'a command'],
      ['retail help exit-codes', 'what the exit codes mean'],
    ],
  })
    .argument('[topic]', 'a command, or exit-codes')
    .action((topic: string | undefined) => {
      const program = command.parent!
      if (topic === EXIT_CODES_TOPIC) return void context.io.stdout.write(`${exitCodesText()}\n`)
      const found = topic === undefined ? program : program.commands.find((each) => each.name() === topic)
      if (found) return found.outputHelp()
      const near = closest(topic!, [...program.commands.map((each) => each.name()), EXIT_CODES_TOPIC])
      throw new RetailError('bad_flag', `no help on '${topic}'`, {
        why: near ? `did you mean ${near}?` : 'there is no command of that name',
        hint: near ? `retail help ${near}` : 'retail --help',
      })
    })
}
