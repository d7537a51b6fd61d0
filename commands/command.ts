import { Command, CommanderError } from 'commander'
import { RetailError } from '../src/errors.ts'
import type { Context } from './context.ts'
import type { GlobalFlags } from './given.ts'

export interface CommandText {
  /** what there is to say after the summary */
  about?: string
  /** what help begins with */
  examples: readonly (readonly [line: string, what: string])[]
  /** tells NDJSON under --json */
  lines?: boolean
}

/** Every command behaves the same at its edges; mistakes in use become our errors. */
export function define(context: Context, name: string, summary: string): Command {
  const command = new Command(name)
  return command
    .summary(summary)
    .description(sentence(summary))
    .configureOutput({
      writeOut: (out) => context.io.stdout.write(out),
      // main prints errors
      writeErr: () => {},
      getOutHelpWidth: () => 100,
      getOutHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (sub) => sub.name() })
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .exitOverride((error) => {
      // `retail` alone asks for help.
      if (error.code === 'commander.help') {
        command.outputHelp()
        throw new CommanderError(0, error.code, error.message)
      }
      throw error.exitCode === 0 ? error : usageError(error, command)
    })
}

/** Help leads with examples; before the action the context learns the flags. */
export function explain(context: Context, command: Command, { about, examples, lines = false }: CommandText): Command {
  const width = Math.max(...examples.map(([line]) => line.length))
  const shown = examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`)
  if (about) command.description(`${command.description()}\n\n${about}`)
  return command
    .addHelpText('before', `Examples:\n${shown.join('\n')}\n`)
    .hook('preAction', () => context.begin(command.name(), command.optsWithGlobals<GlobalFlags>(), { lines }))
}

/** True for commander's way of saying that help was shown. */
export const isHelpShown = (error: unknown): boolean => error instanceof CommanderError && error.exitCode === 0

function usageError(error: CommanderError, command: Command): RetailError {
  const [message, ...rest] = error.message
    .trim()
    .replace(/^error: (command-argument value )?/, '')
    .split(/(?<= is invalid)\. |(?<=')\. |\.? ?\n/)
  const why = rest.join(' ').replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?')
  return new RetailError('bad_flag', message, {
    why: why || undefined,
    hint: `${pathOf(command)} --help`,
    cause: error,
  })
}

/** `retail backfill` */
function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name()
}

const sentence = (text: string) => `${text[0].toUpperCase()}${text.slice(1)}.`
