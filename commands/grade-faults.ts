import { type Command, Option } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { FAULT_KINDS, type FaultKind, PROFILE_NAMES } from '../src/config/fault-kinds.ts'
import type { Config } from '../src/config/schema.ts'
import { RetailError } from '../src/errors.ts'
import type { GradeOptions } from '../src/pipeline/grade.ts'
import type { Day, Second } from '../src/time.ts'
import type { Context } from './context.ts'
import { choicesFlag, durationFlag } from './flags.ts'
import { deliveredFlag, deliveredOf } from './grade-delivered.ts'

/** Flags of `grade` that say what was done to the events, and what their consumer promises. */
export interface GradeFaultFlags {
  faults?: string
  without?: FaultKind[]
  delivered?: Second | string
  deadLetters?: string
  lateness?: number
  settle?: number
  lastWins?: boolean
  trueTimes?: boolean
}

export function faultOptions(command: Command, today: Day): Command {
  return command
    .option('--faults <profile>', `the faults that were sent: ${PROFILE_NAMES.join(', ')}, or a file`)
    .addOption(
      new Option('--without <kinds>', 'kinds that were left out, separated by commas').argParser(
        choicesFlag(FAULT_KINDS),
      ),
    )
    .option(
      '--delivered <instant>',
      'copies that arrive before it reached your pipeline, or what records it: the destination of the stream, such as ndjson:DIR, or the folder of backfill --out (default: all of them)',
      deliveredFlag(today),
    )
    .option('--dead-letters <table>', 'what your pipeline put aside: files of lines, or a table')
    .option(
      '--lateness <duration>',
      'your pipeline may drop rows that arrive later than this after their time',
      seconds,
    )
    .option('--settle <duration>', 'do not ask for what arrived within this time before --delivered', seconds)
    .option('--last-wins', 'of two copies of an event, the last one is right, not the first')
    .option('--true-times', 'your pipeline corrects wrong clocks: the time in their events is wrong')
}

/** Which tables are graded, and to where. */
interface GradedFlags {
  transactions?: string
  inventories?: string
  until: Second
}

/** Whole seconds. */
const seconds = (text: string): number => Math.ceil(durationFlag(text) / 1000)

const NAMES: Record<Exclude<keyof GradeFaultFlags, 'faults'>, string> = {
  ...{ without: '--without', delivered: '--delivered', deadLetters: '--dead-letters', lateness: '--lateness' },
  ...{ settle: '--settle', lastWins: '--last-wins', trueTimes: '--true-times' },
}

/** What the flags say; throws if one of them makes no sense without the others. */
export async function faultTermsOf(
  context: Context,
  config: Config,
  {
    faults,
    without,
    delivered,
    deadLetters,
    lateness,
    settle,
    lastWins,
    trueTimes,
    ...flags
  }: GradeFaultFlags & GradedFlags,
  repeat: readonly string[],
): Promise<Pick<GradeOptions, 'faults' | 'deadLetters'>> {
  const given = { without, delivered, deadLetters, lateness, settle, lastWins, trueTimes }
  if (faults === undefined) {
    for (const [name, value] of Object.entries(given))
      if (value !== undefined)
        throw new RetailError('bad_flag', `${NAMES[name as keyof typeof NAMES]} needs --faults`, {
          why: 'it belongs to the faults that were sent to your pipeline',
          hint: advise`name their profile: ${retail('grade', ...repeat, '--faults', 'rough')}`,
        })
    return {}
  }
  if (settle !== undefined && delivered === undefined)
    throw new RetailError('bad_flag', '--settle needs --delivered', {
      why: 'it is a time before that instant',
      hint: 'add --delivered, or omit --settle',
    })
  const { io, verbs } = context
  const { loadProfile } = await import('../src/config/faults.ts')
  const profile = loadProfile(faults, io.cwd, without)
  const tables = [flags.transactions ?? [], flags.inventories ?? []].flat()
  return {
    faults: {
      profile,
      ...(await deliveredOf(context, config, { delivered, profile, until: flags.until, tables })),
      settle: settle ?? 0,
      lateness,
      lastWins: lastWins ?? false,
      trueTimes: trueTimes ?? false,
    },
    ...(deadLetters !== undefined && { deadLetters: await verbs.openLetters(deadLetters, io.cwd, config) }),
  }
}
