import { RetailError } from '../../src/errors.ts'
import type { GlobalFlags } from '../given.ts'
import type { Io } from '../io.ts'

export interface Choice<T> {
  value: T
  name: string
  /** why it cannot be chosen now */
  disabled?: string
}

/** The questions a person can be asked. */
export interface Prompts {
  select<T>(message: string, choices: readonly Choice<T>[], preset?: T): Promise<T>
  /** any of them, or none */
  several<T>(message: string, choices: readonly Choice<T>[], preset: readonly T[]): Promise<T[]>
  input(message: string, preset: string, check: (text: string) => true | string): Promise<string>
}

/** A question needs a person at both ends, and nobody who forbade it: agents and CI run inside terminals too. */
export function canAsk({ stdin, stderr, env }: Pick<Io, 'stdin' | 'stderr' | 'env'>, flags: GlobalFlags): boolean {
  const set = (name: string) => !['', '0', 'false', undefined].includes(env[name])
  return stdin.isTTY === true && stderr.isTTY === true && flags.input !== false && !set('CI') && !set('RETAIL_NO_INPUT')
}

/** The only door of @inquirer/prompts. It would write to stdout, and take piped stdin as keystrokes. */
export function terminalPrompts({ stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>): Prompts {
  const context = { input: stdin, output: stderr }
  return {
    async select<T>(message: string, choices: readonly Choice<T>[], preset?: T) {
      const { select } = await import('@inquirer/prompts')
      return cancelled(select<T>({ message, choices: [...choices], default: preset }, context))
    },
    async several<T>(message: string, choices: readonly Choice<T>[], preset: readonly T[]) {
      const { checkbox } = await import('@inquirer/prompts')
      const marked = choices.map((choice) => ({ ...choice, checked: preset.includes(choice.value) }))
      return cancelled(checkbox<T>({ message, choices: marked }, context))
    },
    async input(message, preset, check) {
      const { input } = await import('@inquirer/prompts')
      return cancelled(input({ message, default: preset, validate: check }, context))
    },
  }
}

/** Ctrl-C at a question is a decision, not a crash. */
async function cancelled<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw cancelledError(error)
    throw error
  }
}

export const cancelledError = (cause?: unknown): RetailError =>
  new RetailError('stopped', 'cancelled', { why: 'nothing was written', hint: 'begin again: retail init', cause })
