import { advise, retail } from '../../src/advice.ts'
import { RetailError } from '../../src/errors.ts'
import type { GlobalFlags } from '../flag-types.ts'
import type { Io } from '../io.ts'

export interface Choice<T> {
  value: T
  name: string
  /** Why this choice is disabled. */
  disabled?: string
}

/** The kinds of question that the CLI asks. */
export interface Prompts {
  select<T>(message: string, choices: readonly Choice<T>[], preset?: T): Promise<T>
  /** Any number of choices, including none. */
  several<T>(message: string, choices: readonly Choice<T>[], preset: readonly T[]): Promise<T[]>
  input(message: string, preset: string, check: (text: string) => true | string): Promise<string>
}

/** Prompts require a terminal at both ends, and neither --no-input nor CI: agents and CI also run inside terminals. */
export function canAsk({ stdin, stderr, env }: Pick<Io, 'stdin' | 'stderr' | 'env'>, flags: GlobalFlags): boolean {
  const set = (name: string) => !['', '0', 'false', undefined].includes(env[name])
  return stdin.isTTY === true && stderr.isTTY === true && flags.input !== false && !set('CI') && !set('RETAIL_NO_INPUT')
}

/**
 * The only importer of @inquirer/prompts. On its own, that would write to stdout and take piped stdin as keystrokes.
 */
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

/** Ctrl-C at a prompt is a decision, not a crash. */
async function cancelled<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error && error.name === 'ExitPromptError') throw cancelledError(error)
    throw error
  }
}

export const cancelledError = (cause?: unknown): RetailError =>
  new RetailError('stopped', 'cancelled', {
    why: 'nothing was written',
    hint: advise`start again: ${retail('init')}`,
    cause,
  })
