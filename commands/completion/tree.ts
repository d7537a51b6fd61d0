import type { Command } from 'commander'

export interface FlagWord {
  long: string
  short: string | undefined
  about: string
  /** takes a value */
  value: boolean
  choices: readonly string[]
  /** its value is a folder */
  folder: boolean
}

export interface CommandWord {
  name: string
  about: string
  flags: readonly FlagWord[]
  /** words that may stand after it */
  operands: readonly string[]
}

/** What a shell can complete, read off the commands themselves so that it cannot fall behind them. */
export function describe(program: Command): CommandWord[] {
  const names = program.commands.map((command) => command.name())
  return program.commands.map((command) => ({
    name: command.name(),
    about: command.summary(),
    flags: [...command.options, ...program.options]
      .filter(({ long, hidden }) => long && !hidden)
      .map((option) => ({
        long: option.long!,
        short: option.short,
        about: option.description,
        value: option.required || option.optional,
        choices: option.argChoices ?? [],
        folder: option.flags.includes('<dir>'),
      })),
    operands:
      command.name() === 'help'
        ? [...names, 'exit-codes']
        : command.registeredArguments.flatMap((each) => each.argChoices ?? []),
  }))
}
