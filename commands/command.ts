import { Command, CommanderError } from 'commander'
import { RetailError } from '../src/errors.ts'
import type { Context } from './context.ts'
import type { GlobalFlags } from './flags.ts'

export interface CommandText {
  /** heading it stands under in `retail --help` */
  group?: string
  summary: string
  about?: string
  /** what help begins with */
  examples: readonly (readonly [line: string, what: string])[]
  /** tells NDJSON under --json */
  lines?: boolean
}

/** Every command behaves the same at its edges: help leads with examples, mistakes in use become our errors. */
export function define(context: Context, name: string, text: CommandText): Command {
  const command = new Command(name)
    .summary(text.summary)
    .description(text.about ? `${sentence(text.summary)}\n\n${text.about}` : sentence(text.summary))
    .configureOutput({
      writeOut: (out) => context.io.stdout.write(out),
      // main prints errors
      writeErr: () => {},
      getOutHelpWidth: () => 100,
      getOutHasColors: () => false,
    })
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (sub) => sub.name() })
    .helpOption('-h, --help', 'show this help')
    .exitOverride((error) => {
      // `retail` alone asks for help.
      if (error.code === 'commander.help') {
        command.outputHelp()
        throw new CommanderError(0, error.code, error.message)
      }
      throw error.exitCode === 0 ? error : usageError(error, command)
    })
  if (text.group) command.helpGroup(text.group)
  const width = Math.max(...text.examples.map(([line]) => line.length))
  const examples = text.examples.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`)
  command.addHelpText('before', `Examples:\n${examples.join('\n')}\n`)
  command.hook('preAction', (_, action) => {
    if (action === command)
      return context.begin(name, command.optsWithGlobals<GlobalFlags>(), { lines: text.lines ?? false })
  })
  return command
}

/** True for commander's way of saying that help was shown. */
export const isHelpShown = (error: unknown): boolean => error instanceof CommanderError && error.exitCode === 0

function usageError(error: CommanderError, command: Command): RetailError {
  const [message, ...rest] = error.message
    .trim()
    .replace(/^error: /, '')
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
