import path from 'node:path'
import { Argument, type Command, Option } from 'commander'
import { EXIT_CODES } from '../src/errors.ts'
import type { LetterFormat } from '../src/pipeline/dead-letters/export-letters.ts'
import { countOpen } from '../src/pipeline/dead-letters/open-letters.ts'
import { LETTER_STATES, type LetterState } from '../src/ports/index.ts'
import { type FactName, facts } from '../src/tables/index.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { checkLetterFlags, type LetterAction } from './dead-letter-flags.ts'
import type { OverrideFlags } from './flag-types.ts'
import { choiceFlag, countFlag, overrideOptions } from './flags.ts'

export interface DeadLetterFlags extends OverrideFlags {
  all?: boolean
  table?: FactName
  state?: LetterState | 'all'
  limit?: number
  reason?: string
  out?: string
  force?: boolean
  format?: LetterFormat
  dryRun?: boolean
}

const ACTIONS: readonly LetterAction[] = ['list', 'show', 'replay', 'drop', 'export']
const TABLES = facts.map(({ name }) => name)
const STATES = [...LETTER_STATES, 'all'] as const
const FORMATS: readonly LetterFormat[] = ['ndjson', 'csv']
const STDOUT = '-'
const LISTED = 20

export function deadLetters(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about: `A dead letter is a message that load or the warehouse rejected, or that the message broker gave up on. The table dead_letter keeps each of them, with the reason; messages in the dead-letter topic are first moved there.
  list    show what was rejected, and why
  show    print whole messages
  replay  publish valid events again, and mark their letters; it is harmless to do so twice
  drop    mark letters as not needed; their rows stay
  export  write letters as NDJSON or CSV
Target local has no dead letters: the stream writes into the lake itself.`,
    examples: [
      ['retail dead-letters', 'list what nobody has dealt with'],
      ['retail dead-letters show 4711', 'print the message with this id'],
      ['retail dead-letters replay --all', 'publish all valid events again'],
      ['retail dead-letters drop 4711 --reason "a test message"', 'it is not needed'],
      ['retail dead-letters export --out letters.ndjson', 'write open letters to a file'],
    ],
  })
    .addArgument(
      new Argument('[action]', 'what to do').choices(ACTIONS).argParser(choiceFlag(ACTIONS)).default('list', 'list'),
    )
    .argument('[ids...]', 'show, replay, drop: message ids, as list prints them')
    .option('--all', 'replay, drop: all open letters')
    .addOption(new Option('--table <name>', 'only letters of this table').choices(TABLES).argParser(choiceFlag(TABLES)))
    .addOption(
      new Option('--state <name>', 'list, export: only letters in this state (default: open)')
        .choices(STATES)
        .argParser(choiceFlag(STATES)),
    )
    .option('--limit <n>', `list: the most letters to show (default: ${LISTED})`, countFlag(1, 10_000))
    .option('--reason <text>', 'drop: why they are not needed')
    .option('--out <file>', 'export: file to write (default: stdout)')
    .option('--force', 'export: replace an existing file')
    .addOption(
      new Option('--format <name>', 'export: format (default: ndjson)').choices(FORMATS).argParser(choiceFlag(FORMATS)),
    )
    .option('--dry-run', 'replay, drop: show what would be done')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async (action: LetterAction, ids: string[], flags: DeadLetterFlags) => {
    checkLetterFlags(context, action, ids, flags)
    await ACTION[action](context, ids, flags)
  })
}

const ACTION: Record<LetterAction, (context: Context, ids: string[], flags: DeadLetterFlags) => Promise<void>> = {
  async list(context, _ids, { table, state = 'open', limit = LISTED, ...overrides }) {
    const { renderLetters } = await import('./render/dead-letters.ts')
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    const { signal } = context
    const result = await context.verbs.listLetters(ports, config, { table, state: stateOf(state), limit, signal })
    const open = countOpen(result.counts)
    const first = result.letters.find((letter) => letter.state === 'open')?.id
    context.report(result, renderLetters, 0, await context.next({ command: 'dead-letters', open, first }))
  },

  async show(context, ids, { table, ...overrides }) {
    const { renderWholeLetters } = await import('./render/dead-letters.ts')
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    const result = await context.verbs.showLetters(ports, config, { ids, table, signal: context.signal })
    context.report(result, renderWholeLetters)
  },

  async replay(context, ids, { all, table, dryRun, ...overrides }) {
    const { renderReplayed } = await import('./render/dead-letters.ts')
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    const chosen = { ids: all ? undefined : ids, table, dryRun, signal: context.signal }
    const result = await context.verbs.replayLetters(ports, config, chosen)
    const { replayed, invalid, whyInvalid } = result
    const { events } = await context.verbs.targetOf(config)
    const loads = events.by === 'broker' && events.arrival(config).by === 'load'
    const published = !dryRun && Object.values(replayed).some((n) => n > 0)
    const ran = {
      command: 'replay',
      again: context.again,
      dryRun,
      published,
      loads,
      invalid: whyInvalid[0]?.id,
    } as const
    const next = await context.next(ran)
    context.report(result, renderReplayed, invalid > 0 && !dryRun ? EXIT_CODES.partial : 0, next)
  },

  async drop(context, ids, { all, table, reason, dryRun, ...overrides }) {
    const { renderDropped } = await import('./render/dead-letters.ts')
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    const chosen = { ids: all ? undefined : ids, table, open: true, dryRun, signal: context.signal }
    const result = await context.verbs.dropLetters(ports, config, { ...chosen, reason: reason! })
    const next = dryRun ? await context.next({ command: 'dry run', again: context.again }) : []
    context.report(result, renderDropped, 0, next)
  },

  async export(context, _ids, { table, state = 'open', out = STDOUT, force, format = 'ndjson', ...overrides }) {
    const [{ renderExported }, { ReaderLeft, rowSink }] = await Promise.all([
      import('./render/dead-letters.ts'),
      import('./row-sink.ts'),
    ])
    const { config } = await context.load(overrides)
    await using ports = await context.open(config)
    const to =
      out === STDOUT ? { write: rowSink(context.io.stdout) } : { file: path.resolve(context.io.cwd, out), force }
    try {
      const options = { table, state: stateOf(state), format, out: to, signal: context.signal }
      const result = await context.verbs.exportLetters(ports, config, options)
      if (out === STDOUT) context.ui.done(renderExported(result))
      else context.report(result, renderExported)
    } catch (error) {
      if (!(error instanceof ReaderLeft)) throw error
      context.ui.clear()
    }
  },
}

const stateOf = (state: LetterState | 'all'): LetterState | undefined => (state === 'all' ? undefined : state)
