import { Argument, type Command, Option } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { FAULT_KINDS, type FaultKind, PROFILE_NAMES } from '../src/config/fault-kinds.ts'
import { loadProfile, profileText } from '../src/config/faults.ts'
import { RetailError } from '../src/errors.ts'
import { type FactName, facts } from '../src/tables/index.ts'
import type { Day, Second } from '../src/time.ts'
import { ANSWER_FORMATS, type AnswerFormat, answerSink } from './answer-formats.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { namesWorld, type OverrideFlags } from './flag-types.ts'
import { choiceFlag, choicesFlag, dayFlag, instantFlag, overrideOptions } from './flags.ts'

interface FaultsFlags extends OverrideFlags {
  from?: Day
  to?: Day
  until?: Second
  kind?: FaultKind[]
  table?: FactName
  without?: FaultKind[]
  yaml?: boolean
  format?: AnswerFormat
}

const ACTIONS = ['list', 'explain'] as const
type Action = (typeof ACTIONS)[number]
const FACT_NAMES = facts.map(({ name }) => name)

export function faults(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about: `A profile says how often events are lost, repeated, late, or damaged on their way. What happens to an event depends only on the seed, the profile, and the event's id.
  explain  show a profile, with an example of each kind
  list     print the answer key (NDJSON, CSV, or Parquet): every event that is not sent once and unchanged`,
    examples: [
      ['retail faults explain rough', 'what the profile does'],
      ['retail faults explain rough --yaml > mine.yaml', 'a copy to change'],
      ['retail faults list rough', 'the answer key of the first day after history'],
      ['retail faults list rough --format parquet > key.parquet', 'the same as a table'],
      ['retail faults list mine.yaml --kind late --from 2024-04-01 --to 2024-04-07', 'the late events of a week'],
    ],
  })
    .addArgument(new Argument('<action>', 'what to do').choices(ACTIONS).argParser(choiceFlag(ACTIONS)))
    .addArgument(new Argument('<profile>', `${PROFILE_NAMES.join(', ')}, or a file`))
    .option('--from <day>', 'list: first day of the events (default: the day after history)', dayFlag(context.today))
    .option('--to <day>', 'list: last day, inclusive (default: the first one)', dayFlag(context.today))
    .option(
      '--until <instant>',
      'list: show copies that arrive later as on their way (default: never)',
      instantFlag(context.today),
    )
    .addOption(
      new Option('--kind <kinds>', 'list: only these kinds, separated by commas').argParser(choicesFlag(FAULT_KINDS)),
    )
    .addOption(
      new Option('--table <name>', 'list: only this table').choices(FACT_NAMES).argParser(choiceFlag(FACT_NAMES)),
    )
    .addOption(
      new Option('--without <kinds>', 'leave out these kinds, separated by commas').argParser(choicesFlag(FAULT_KINDS)),
    )
    .addOption(
      new Option('--format <name>', 'list: form of the answer key (default: ndjson)')
        .choices(ANSWER_FORMATS)
        .argParser(choiceFlag(ANSWER_FORMATS)),
    )
    .option('--yaml', 'explain: print the profile, to save and change it')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async (action: Action, name: string, flags: FaultsFlags) => {
    const { from, to, until, kind, table, without, yaml, format, ...overrides } = flags
    refuseFlags(action, name, flags)
    if (yaml) return void context.io.stdout.write(profileText(name, context.io.cwd).text)
    const profile = loadProfile(name, context.io.cwd, without)
    const named = action === 'explain' || namesWorld(overrides)
    const { config, file } = await context.load(overrides, { named })
    if (action === 'explain') {
      const { renderFaults } = await import('./render/faults.ts')
      return context.report(await context.verbs.explainFaults(config, profile), renderFaults)
    }
    const [{ formatCount }, { ReaderLeft, rowSink }] = await Promise.all([
      import('./render/format.ts'),
      import('./row-sink.ts'),
    ])
    const snapshots = file === undefined ? undefined : await context.verbs.openWorkspace(config)
    using sink = await answerSink(context, format ?? 'ndjson', rowSink(context.io.stdout))
    try {
      const result = await context.verbs.listFaults(config, {
        ...{ profile, from, to, until, kinds: kind, table, snapshots, signal: context.signal },
        write: (line) => sink.write(line),
      })
      if (!result.complete)
        throw new RetailError('stopped', `stopped after ${formatCount(result.events)} events`, {
          hint: 'run the same command again to start over',
        })
      await sink.end()
      context.ui.done(`✔ ${formatCount(result.events)} events with faults, ${result.from} … ${result.to}`)
    } catch (error) {
      if (!(error instanceof ReaderLeft)) throw error
    }
  })
}

function refuseFlags(action: Action, name: string, { yaml, ...flags }: FaultsFlags): void {
  if (action === 'list' && yaml)
    throw new RetailError('bad_flag', '--yaml works only with explain', {
      why: 'list prints events',
      hint: advise`${retail('faults', 'explain', name, '--yaml')}`,
    })
  const ofList = (['from', 'to', 'until', 'kind', 'table', 'format'] as const).find((flag) => flags[flag] !== undefined)
  if (action === 'explain' && ofList)
    throw new RetailError('bad_flag', `--${ofList} works only with list`, {
      why: 'explain shows the profile, not the events of a period',
      hint: advise`${retail('faults', 'explain', name)}`,
    })
}
