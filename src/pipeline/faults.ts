import {
  type Drift,
  FAULT_KINDS,
  type FaultKind,
  type FaultProfile,
  VERSION_COLUMNS,
  VERSIONED,
} from '../config/fault-kinds.ts'
import { digestOf } from '../config/faults.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { type Answer, answersOf, atInstant, Fates } from '../faults/index.ts'
import { beginBlock } from '../simulator/block.ts'
import { type FactName, factColumns, facts, keyOf } from '../tables/index.ts'
import { type Day, formatDay, formatSecond, parseDay, SECONDS_PER_DAY, type Second } from '../time.ts'
import { buildWorld, type World } from '../world/world.ts'
import { type Snapshots, stateAt } from './history/snapshots.ts'

export interface FaultListOptions {
  profile: FaultProfile
  /** First day of event time; default: the day after history. */
  from?: Day
  /** Last day, inclusive; default: the first one. */
  to?: Day
  /** Copies that arrive later are listed as on their way; default: never. */
  until?: Second
  /** Default: every kind, every fact. */
  kinds?: readonly FaultKind[]
  table?: FactName
  /** States of the simulation; without them, it starts at the first day of the world. */
  snapshots?: Snapshots
  /** Takes lines in order. */
  write: (line: string) => Promise<void>
  signal?: AbortSignal
}

export interface FaultListResult {
  world: string
  profile: string
  from: string
  to: string
  events: number
  complete: boolean
}

/** Writes the answer key: a line of JSON that identifies it, and one per event that is not sent once and unchanged. */
export async function listFaults(config: Config, options: FaultListOptions): Promise<FaultListResult> {
  const { profile, until, kinds = FAULT_KINDS, table, snapshots = NONE, write, signal } = options
  const world = buildWorld(config)
  checkDrift(world, profile)
  const from = options.from ?? parseDay(config.history.to)! + 1
  const to = options.to ?? from
  if (from < world.from || to < from)
    throw new RetailError('bad_flag', `no event occurs between ${formatDay(from)} and ${formatDay(to)}`, {
      why: from < world.from ? `the world starts on ${formatDay(world.from)}` : '--to is before --from',
      hint: `give --from a day from ${formatDay(world.from)} on, and --to the same day or a later one`,
    })
  const fates = new Fates(profile, world.seed)
  const head = {
    ...{ world: world.id, profile: digestOf(profile), from: formatDay(from), to: formatDay(to) },
    ...(until !== undefined && { until: formatSecond(until) }),
  }
  await write(`${JSON.stringify(head)}\n`)
  let events = 0
  for (const { name } of facts) {
    if (table !== undefined && table !== name) continue
    const cursors = await Promise.all(world.blocks.map((block) => stateAt(world, block, from * 24, snapshots)))
    for (const answer of answersOf(world, fates, name, cursors, from, to + 1)) {
      if (signal?.aborted) return { ...head, events, complete: false }
      if (!kinds.includes(answer.kind)) continue
      events++
      await write(`${JSON.stringify(until === undefined ? answer : withPending(answer, until))}\n`)
    }
  }
  return { ...head, events, complete: true }
}

function withPending(answer: Answer, until: Second): object {
  const { arrived, onTheirWay } = atInstant(answer, until)
  return { ...answer, sent: arrived, ...(onTheirWay.length > 0 && { on_its_way: onTheirWay }) }
}

/** A kind of fault, its rate, and one event of the first days of the world to which it happens. */
export interface ExplainedFault {
  kind: FaultKind
  /** Share of events or of store-days; undefined for drift. */
  rate?: number
  about: string
  /** Drift: when it begins, and what changes. */
  changes?: string[]
  /** Undefined if no event of the days searched has this kind. */
  example?: Answer
}

export interface FaultsExplained {
  profile: string
  seed: number
  /** Seconds by which the last copy can follow its event. */
  longest: number
  kinds: ExplainedFault[]
}

const ABOUT: Record<FaultKind, string> = {
  lost: 'the event never arrives',
  malformed: 'the event arrives damaged',
  changed: 'a copy with another value follows',
  duplicate: 'the event arrives more than once',
  late: 'the event arrives long after it occurred',
  disorder: 'the event arrives a little later, behind others',
  corrected: 'the event has a wrong value, and a second version corrects it',
  deleted: 'an event that nobody meant is sent, and its deletion follows',
  silence: 'a store sends nothing for hours, then everything',
  skew: 'the clock of a store is wrong for a day',
  drift: 'events change their form from an instant on',
}

/** Days in which examples are searched. */
const FEW_DAYS = 3
const MOST_DAYS = 28
/** Days to a drift, of which one block is simulated. */
const FURTHEST = 800

export async function explainFaults(config: Config, profile: FaultProfile): Promise<FaultsExplained> {
  const world = buildWorld(config)
  checkDrift(world, profile)
  const fates = new Fates(profile, world.seed)
  const kinds = FAULT_KINDS.filter(
    (kind) => profile[kind] !== undefined && (kind !== 'drift' || profile.drift!.length > 0),
  )
  const examples = examplesOf(world, fates, kinds.length)
  return {
    profile: digestOf(profile),
    seed: profile.seed,
    longest: fates.longest,
    kinds: kinds.map((kind) => ({
      kind,
      ...(kind === 'drift' ? { changes: profile.drift!.map(driftText) } : { rate: profile[kind]!.rate }),
      about: ABOUT[kind],
      ...(examples.has(kind) && { example: examples.get(kind) }),
    })),
  }
}

/** The first event of each kind, block by block; those that are rare are searched for longer in the first block. */
function examplesOf(world: World, fates: Fates, kinds: number): Map<FaultKind, Answer> {
  const examples = new Map<FaultKind, Answer>()
  const { from } = world
  // A drift may begin later than that.
  const drifts = (fates.profile.drift ?? []).map(({ at }) => Math.floor(at / SECONDS_PER_DAY))
  const searched = [
    ...world.blocks.map((block) => [block, from, from + FEW_DAYS] as const),
    [world.blocks[0], from, from + MOST_DAYS] as const,
    ...drifts
      .filter((day) => day >= from && day < from + FURTHEST)
      .map((day) => [world.blocks[0], day, day + FEW_DAYS] as const),
  ]
  for (const [block, begin, end] of searched)
    for (const { name } of facts)
      for (const answer of answersOf(world, fates, name, [beginBlock(world, block)], begin, end)) {
        if (!examples.has(answer.kind)) examples.set(answer.kind, answer)
        if (examples.size === kinds) return examples
      }
  return examples
}

/** Refuses a drift of a table or a column that the world does not have. */
export function checkDrift(world: World, profile: FaultProfile): void {
  const { drift = [] } = profile
  const own = VERSIONED.some((kind) => profile[kind]) ? VERSION_COLUMNS : []
  for (const each of drift) {
    const fact = facts.find(({ name }) => name === each.table)
    if (!fact) throw badDrift(each, `expected table ${facts.map(({ name }) => name).join(' or ')}`)
    const columns = factColumns(fact, world.schema)
    const known = [...columns.map(([name]) => name), ...own]
    const whole = columns.filter(([, { type }]) => type === 'int').map(([name]) => name)
    if ('widen' in each && !whole.includes(each.widen))
      throw badDrift(each, `the columns of whole numbers are ${whole.join(', ')}`)
    if ('add' in each && !isNew(each.add, known))
      throw badDrift(each, 'a new column needs a name in lower case that the table does not have')
    if ('rename' in each) {
      const key = keyOf(fact)
      const others = columns.map(([name]) => name).filter((name) => name !== key)
      if (!others.includes(each.rename))
        throw badDrift(
          each,
          `the columns are ${others.join(', ')}${each.rename === key ? '; without its id, nobody could follow an event' : ''}`,
        )
      if (!isNew(each.to, known))
        throw badDrift(each, 'its new name must be one in lower case that the table does not have')
    }
    // Otherwise, the second one would find nothing to change, or make two of one name.
    const same = drift.find(
      (other) =>
        other !== each && other.table === each.table && namesIn(other).some((name) => namesIn(each).includes(name)),
    )
    if (same) throw badDrift(each, `${driftText(same)} has the same name`)
  }
}

const isNew = (name: string, columns: readonly string[]): boolean =>
  /^[a-z][a-z0-9_]{0,62}$/.test(name) && !columns.includes(name)

/** The names of columns that a drift takes or makes. */
const namesIn = (drift: Drift): string[] =>
  'add' in drift ? [drift.add] : 'widen' in drift ? [] : [drift.rename, drift.to]

const badDrift = (drift: Drift, why: string): RetailError =>
  new RetailError('bad_config', `a drift of the profile does not fit ${drift.table}: ${driftText(drift)}`, {
    why,
    hint: 'correct the drift in the profile, and run the command again',
  })

/** As a profile has it. */
const driftText = (drift: Drift): string => {
  const change =
    'add' in drift
      ? `add: ${drift.add}`
      : 'widen' in drift
        ? `widen: ${drift.widen}`
        : `rename: ${drift.rename}, to: ${drift.to}`
  return `{ at: ${formatSecond(drift.at)}, table: ${drift.table}, ${change} }`
}

const NONE: Snapshots = { load: async () => undefined, save: async () => {}, cached: async () => [] }
