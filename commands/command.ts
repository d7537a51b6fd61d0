import { type Argument, Command, CommanderError, type Help, type Option } from 'commander'
import { advise, type CommandLine, retail, withFlag } from '../src/advice.ts'
import { oneOf } from '../src/config/closest.ts'
import { RetailError } from '../src/errors.ts'
import type { Context } from './context.ts'
import type { GlobalFlags } from './flag-types.ts'
import { widthOf } from './io.ts'
import { layOut, table, unbroken, wrap } from './render/layout.ts'

export interface CommandText {
  /** Text that help shows below the summary. */
  about?: string
  /** Examples that help starts with. */
  examples: readonly (readonly [line: string, what: string])[]
  /** True: the command prints NDJSON with --json. */
  lines?: boolean
}

/** `export format (parquet, csv, or ndjson; default: parquet)` */
function describeValues({ description, argChoices, defaultValue }: Option | Argument): string {
  const [, about, stated] = /^(.*?)(?: \(default: (.*)\))?$/s.exec(description)!
  const preset = stated ?? (/string|number/.test(typeof defaultValue) ? `${defaultValue}` : undefined)
  const notes = [argChoices && oneOf(argChoices), preset && `default: ${preset}`].filter(Boolean)
  return notes.length > 0 ? `${about} (${notes.join('; ')})` : about
}

const HELP_WIDTH = 100
/** The narrowest column for the text beside a flag; narrower ones put it below. */
const BESIDE = 30

/** As commander's, which neither wraps nor moves the text where there is little room. */
function formatItem(term: string, termWidth: number, text: string, { helpWidth = HELP_WIDTH }: Help): string {
  const start = termWidth + 4
  if (helpWidth - start >= BESIDE)
    return wrap(text, helpWidth - start, 0)
      .map((line, i) => (i === 0 ? `  ${term.padEnd(termWidth)}  ${line}` : `${' '.repeat(start)}${line}`.trimEnd()))
      .join('\n')
  return [`  ${term}`, ...wrap(text, helpWidth - 6, 0).map((line) => `      ${line}`)].join('\n')
}

/** Gives all commands the same handling of usage errors, which become RetailErrors. */
export function define(context: Context, name: string, summary: string): Command {
  const command = new Command(name)
  return command
    .summary(summary)
    .description(sentence(summary))
    .configureOutput({
      writeOut: (out) => context.io.stdout.write(out),
      // main prints errors.
      writeErr: () => {},
      getOutHelpWidth: () => Math.min(HELP_WIDTH, widthOf(context.io.stdout)),
      getOutHasColors: () => false,
    })
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (sub) => sub.name(),
      formatItem,
      optionDescription: describeValues,
      argumentDescription: describeValues,
      boxWrap: (text, width) =>
        text
          .split('\n')
          .flatMap((line) => wrap(line, width, 0))
          .join('\n'),
    })
    .helpOption('-h, --help', 'show this help')
    .helpCommand(false)
    .exitOverride((error) => {
      // `retail` without arguments shows help.
      if (error.code === 'commander.help') {
        command.outputHelp()
        throw new CommanderError(0, error.code, error.message)
      }
      throw error.exitCode === 0 ? error : usageError(error, command, context.again)
    })
}

const examplesOf = new WeakMap<Command, CommandText['examples']>()

/** Help starts with examples. Before the action runs, the context receives the flags. */
export function describeCommand(
  context: Context,
  command: Command,
  { about, examples, lines = false }: CommandText,
): Command {
  examplesOf.set(command, examples)
  const shown = table(examples.map(([line, what]) => [unbroken(line), what]))
  if (about) command.description(`${command.description()}\n\n${about}`)
  return command
    .addHelpText('before', () => layOut(['Examples:', shown, ''], widthOf(context.io.stdout)))
    .hook('preAction', () => context.begin(command.name(), command.optsWithGlobals<GlobalFlags>(), { lines }))
}

/** True if commander threw because it has shown help. */
export const isHelpShown = (error: unknown): boolean => error instanceof CommanderError && error.exitCode === 0

/** What other tools call our commands. */
const OTHER_NAMES: Record<string, CommandLine> = {
  export: retail('backfill', '--out', 'export', '--format', 'csv'),
  generate: retail('backfill'),
  build: retail('transform'),
  check: retail('verify'),
  fix: retail('repair'),
  apply: retail('infra', 'apply'),
  destroy: retail('infra', 'destroy'),
}

function usageError(error: CommanderError, command: Command, again: CommandLine): RetailError {
  const [message, ...rest] = error.message
    .trim()
    .replace(/^error: (command-argument value )?/, '')
    .split(/(?<= is invalid)\. |(?<=')\. |\.? ?\n/)
  const why = rest
    .join(' ')
    .replace(/^Expected (.*)\.$/, 'expected $1')
    .replace(/^\(Did you mean (.*)\?\)$/, 'did you mean $1?')
  const meant = error.code === 'commander.unknownCommand' && OTHER_NAMES[/'(.*)'/.exec(message)?.[1] ?? '']
  if (meant) return new RetailError('bad_flag', message, { hint: advise`it is called ${meant}`, cause: error })
  return new RetailError('bad_flag', message, {
    why: why || undefined,
    hint: advise`${complete(error, command, again) ?? [...pathOf(command), '--help']}`,
    cause: error,
  })
}

/** The command line with the required option that it lacks, and the value of the first example that has one. */
function complete({ code, message }: CommanderError, command: Command, again: CommandLine): CommandLine | undefined {
  if (code !== 'commander.missingMandatoryOptionValue') return undefined
  const flag = /'(--[\w-]+)/.exec(message)?.[1]
  for (const [line] of examplesOf.get(command) ?? []) {
    const words = line.split(' ')
    const at = flag ? words.indexOf(flag) : -1
    if (flag && at >= 0) return withFlag(again, flag, words[at + 1])
  }
  return undefined
}

/** `retail backfill` */
function pathOf(command: Command): string[] {
  return [...(command.parent ? pathOf(command.parent) : []), command.name()]
}

const sentence = (text: string) => `${text[0].toUpperCase()}${text.slice(1)}.`
