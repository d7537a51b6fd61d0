import type { Command, Option } from 'commander'
import { templateNames } from '../../src/pipeline/templates.ts'
import { type Values, valuesOf } from './values.ts'

export interface FlagWord {
  long: string
  short: string | undefined
  about: string
  /** Undefined if the flag takes no value. */
  values: Values | undefined
}

export interface CommandWord {
  name: string
  about: string
  flags: readonly FlagWord[]
  /** Words that may follow the command. */
  operands: readonly string[]
}

export interface CommandTree {
  commands: readonly CommandWord[]
  /** Flags that may also precede the command. */
  globals: readonly FlagWord[]
}

/** Everything that a shell can complete. It is read from the commands themselves, so it is always up to date. */
export function describe(program: Command): CommandTree {
  const names = program.commands.map((command) => command.name())
  const globals = words(program.options)
  const commands = program.commands.map((command) => ({
    name: command.name(),
    about: command.summary(),
    flags: [...words(command.options), ...globals],
    operands:
      command.name() === 'help'
        ? [...names, 'exit-codes']
        : command.registeredArguments.flatMap((each) => each.argChoices ?? []),
  }))
  return { commands, globals }
}

const words = (options: readonly Option[]): FlagWord[] =>
  options
    .filter(({ long, hidden }) => long && !hidden)
    .map((option) => ({
      long: option.long!,
      short: option.short,
      about: option.description,
      values: option.required || option.optional ? valuesOf(option, { '--with': templateNames }) : undefined,
    }))
