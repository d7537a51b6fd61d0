import { latestLetters, type Reader, type Streamed } from '../../ports/index.ts'
import { byFact, type FactName, facts, keyOf, tables } from '../../tables/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import { denseCondition, ownIdCondition } from '../../truth/own-ids.ts'
import { instant } from '../../truth/sql.ts'
import type { World } from '../../world/world.ts'
import { EMPTY_LEDGER, type Late, type Ledger, type LedgerRow, MOST_SURPLUS, type Surplus } from './ledger.ts'
import { type Intervals, intervalsOf, type Leg, legName, legsOf } from './legs.ts'

/** The most ids of another form that are listed by name. */
const NAMED = 20

/** Ids of a leg before each of its checkpoints: those of the world's form, those of them without a gap before, and all others. */
interface Counts {
  own: number[]
  dense: number[]
  foreign: number[]
}

/** What a query about a table needs. */
interface Scope {
  reader: Reader
  world: World
  table: FactName
  legs: readonly Leg[]
  intervals: Intervals
  /** Clocks of stores may be wrong, and events may be lost. */
  isFaulty: boolean
}

/**
 * Compares what the stream counted with what is in raw. Events arrive in any order and more than once, so this counts
 * distinct ids. A plain count would let a foreign id stand in for a missing one, or freeze the cut. So ids of another
 * form are counted apart, and an id of the right form counts only if no number is missing before it in its store and
 * day: the ids of a world are dense. Once there are as many of these as were published, all events have arrived, and
 * every other id was never published. Every shard is counted by its own checkpoints, in the same query. `letters`:
 * messages that were rejected are in a table of raw, and counted if something has not arrived. `history`, `arrived`: see
 * `legsOf`.
 */
export async function readLedger(
  reader: Reader,
  world: World,
  streamed: Streamed | undefined,
  { letters, ...from }: { letters: boolean; history?: Second | undefined; arrived?: Second | undefined },
): Promise<Ledger> {
  if (!streamed || streamed.whole.world !== world.id) return EMPTY_LEDGER
  const legs = legsOf(streamed, from)
  if (legs.every(({ checkpoints }) => checkpoints.length === 0)) return EMPTY_LEDGER
  const isFaulty = streamed.whole.faults !== undefined
  const scopes = byFact((table): Scope => {
    return { reader, world, table, legs, intervals: intervalsOf(legs, table, world, reader.dialect), isFaulty }
  })
  const counts = byFact((): Counts[] => [])
  for (const { name } of facts) counts[name] = await countsOf(scopes[name])

  const isComplete = (name: FactName, leg: number, i: number) =>
    counts[name][leg].dense[i] >= legs[leg].checkpoints[i].rows[name] && !isFlooded(counts[name], leg, i)
  /** The last of them in each leg; -1: none. */
  const last = byFact((name) =>
    legs.map(({ checkpoints }, leg) => checkpoints.findLastIndex((_, i) => isComplete(name, leg, i))),
  )

  const excluded = byFact((): readonly string[] => [])
  const surplus: Surplus[] = []
  for (const { name } of facts) {
    const isBeyond = counts[name].some(({ own, dense }, leg) => {
      const at = last[name][leg]
      return at >= 0 && own[at] > dense[at]
    })
    if (!isBeyond && counts[name].every(({ foreign }) => (foreign.at(-1) ?? 0) === 0)) continue
    const named = await namesOf(scopes[name], last[name])
    excluded[name] = named.filter((row) => row.own).map(({ id }) => id)
    surplus.push(...named.map(({ id, own }) => ({ table: name, id, why: own ? NEVER_PUBLISHED : OTHER_FORM })))
  }
  const dead = byFact((): readonly (readonly number[])[] => legs.map(() => []))
  // Every table that a query names costs money.
  for (const { name } of facts)
    if (letters && legs.some(({ checkpoints }, leg) => last[name][leg] < checkpoints.length - 1))
      dead[name] = await deadOf(scopes[name])
  const rows = facts.flatMap(({ name }) =>
    legs.flatMap((leg, i) =>
      rowsOf(name, leg, { ...counts[name][i], dead: dead[name][i] }, (at) => isComplete(name, i, at)),
    ),
  )
  const both = legs.map(({ checkpoints }, leg) =>
    checkpoints.findLast((_, i) => facts.every(({ name }) => isComplete(name, leg, i))),
  )
  return {
    rows,
    complete: completeOf(
      streamed,
      legs,
      both.map((each) => each?.at),
    ),
    late: legs.flatMap((leg, i) => lateOf(leg, both[i]?.at)),
    surplus,
    surplusCount: rows.reduce((n, row) => n + row.surplus, 0),
    excluded,
  }
}

const NEVER_PUBLISHED = 'the stream never published it'
const OTHER_FORM = 'ids of this world have another form, store, or day'

/** Whether more ids than a statement can name would have to be excluded; those of other legs count whole. */
const isFlooded = (all: readonly Counts[], leg: number, i: number): boolean =>
  all.reduce((n, { own, dense }, other) => {
    const at = other === leg ? i : own.length - 1
    return n + (at < 0 ? 0 : own[at] - dense[at])
  }, 0) > MOST_SURPLUS

/** The instant before which all events have arrived: of all stores, and then of the shard that is the furthest behind. */
function completeOf({ whole, shards }: Streamed, legs: readonly Leg[], at: readonly (Second | undefined)[]): Second {
  const first = legs.findIndex(({ shard }) => shard === undefined)
  if (shards.length === 0 || (first >= 0 && (at[first] ?? whole.since) < whole.position)) return at[first] ?? 0
  const ends = shards.map(({ shard: { index }, position }) => {
    const leg = legs.findIndex(({ shard }) => shard?.index === index)
    return leg < 0 ? position : (at[leg] ?? legs[leg].since)
  })
  return Math.min(...ends)
}

function lateOf(leg: Leg, complete: Second | undefined): Late[] {
  const { at } = leg.checkpoints.at(-1) ?? { at: 0 }
  if (leg.checkpoints.length === 0 || complete === at) return []
  return [{ from: complete ?? leg.since, to: at, shard: legName(leg) }]
}

/**
 * Every id once, with the number of its interval. `own`: it has the world's form. `dense`: no number is missing before it;
 * after faults, some are, and every id of the form counts.
 */
function placed({ reader: { dialect }, world, table, legs, intervals, isFaulty }: Scope): string {
  const time = dialect.column('timestamp')
  const since = Math.min(...legs.map((leg) => leg.since))
  const until = Math.max(...legs.map(({ position }) => Math.floor(position)))
  const own = `CASE WHEN ${ownIdCondition(table, world, dialect, isFaulty)} THEN 1 ELSE 0 END`
  const dense = isFaulty ? '' : ` AND ${denseCondition('id', table, world, dialect)}`
  const place = intervals.sql({ id: 'id', moment: 'moment', own: 'own' })
  return `(SELECT id, own, CASE WHEN own = 1${dense} THEN 1 ELSE 0 END AS dense, ${place} AS place
FROM (SELECT id, own, MIN(moment) AS moment
  FROM (SELECT ${keyOf(tables[table])} AS id, ${own} AS own, ${time} AS moment FROM ${dialect.relation('raw', table)}
    WHERE ${time} >= ${instant(dialect, since)} AND ${time} < ${instant(dialect, until)}) AS arrived
  GROUP BY id, own) AS ids) AS placed`
}

/** Counts of intervals, added up within each leg. */
async function countsOf(scope: Scope): Promise<Counts[]> {
  const rows = await scope.reader.query(
    `SELECT place, SUM(own) AS own, SUM(dense) AS dense, COUNT(*) AS ids FROM ${placed(scope)} WHERE place IS NOT NULL GROUP BY place`,
  )
  const own = addedUp(scope, rows, ({ own }) => Number(own))
  const dense = addedUp(scope, rows, ({ dense }) => Number(dense))
  const foreign = addedUp(scope, rows, ({ ids, own }) => Number(ids) - Number(own))
  return scope.legs.map((_, leg) => ({ own: own[leg], dense: dense[leg], foreign: foreign[leg] }))
}

type Row = Awaited<ReturnType<Reader['query']>>[number]

/** Of each leg, the sums of everything before each checkpoint. */
function addedUp({ legs, intervals }: Scope, rows: readonly Row[], countOf: (row: Row) => number): number[][] {
  const counted = new Map(rows.map((row) => [Number(row.place), countOf(row)]))
  return legs.map(({ checkpoints }, leg) => {
    let sum = 0
    return checkpoints.map((_, i) => {
      sum += counted.get(intervals.first[leg] + i) ?? 0
      return sum
    })
  })
}

/** Events of this world before each checkpoint that are in an open dead letter, and not in raw. */
async function deadOf(scope: Scope): Promise<number[][]> {
  const { reader, table, legs, intervals } = scope
  const { dialect } = reader
  const since = Math.min(...legs.map((leg) => leg.since))
  const until = Math.max(...legs.map(({ position }) => position))
  const between = (time: string) => `${time} >= ${instant(dialect, since)} AND ${time} < ${instant(dialect, until)}`
  const letters = latestLetters(dialect, ['received_at', 'subscription', 'message_id', ...LETTER])
  const raw = `SELECT ${keyOf(tables[table])} FROM ${dialect.relation('raw', table)} WHERE ${between(dialect.column('timestamp'))}`
  const dead = `SELECT event_id, MIN(event_time) AS moment FROM ${letters} AS letters
WHERE state IS NULL AND fact = '${table}' AND ${between('event_time')} AND event_id NOT IN (${raw}) GROUP BY event_id`
  const place = intervals.sql({ id: 'event_id', moment: 'moment', own: '1' })
  const rows = await reader.query(
    `SELECT place, COUNT(*) AS ids FROM (SELECT ${place} AS place FROM (${dead}) AS dead) AS placed WHERE place IS NOT NULL GROUP BY place`,
  )
  return addedUp(scope, rows, ({ ids }) => Number(ids))
}
const LETTER = ['state', 'marked_at', 'fact', 'event_id', 'event_time']

/** All surplus ids of the world's form, and the first ones of another form. `last`: the last complete checkpoint of each leg. */
async function namesOf(scope: Scope, last: readonly number[]): Promise<{ id: string; own: boolean }[]> {
  const { first } = scope.intervals
  const complete = last.flatMap((at, leg) => (at < 0 ? [] : [`place BETWEEN ${first[leg]} AND ${first[leg] + at}`]))
  const beyond = complete.length === 0 ? '' : ` OR (own = 1 AND dense = 0 AND (${complete.join(' OR ')}))`
  const rows = await scope.reader.query(`SELECT id, own FROM ${placed(scope)}
WHERE place IS NOT NULL AND (own = 0${beyond}) ORDER BY own DESC, id LIMIT ${MOST_SURPLUS + NAMED}`)
  const named = rows.map(({ id, own }) => ({ id: String(id), own: Number(own) === 1 }))
  const others = named.filter(({ own }) => !own).slice(0, NAMED)
  return [...named.filter(({ own }) => own), ...others]
}

function rowsOf(
  table: FactName,
  leg: Leg,
  { own, dense, foreign, dead }: Counts & { dead: readonly number[] },
  isComplete: (i: number) => boolean,
): LedgerRow[] {
  const { since, checkpoints } = leg
  const shard = legName(leg)
  return checkpoints.map(({ at, rows }, i) => {
    const arrived = isComplete(i)
    const beyond = (k: number) => (k < 0 ? 0 : own[k] - Math.min(dense[k], checkpoints[k].rows[table]))
    const step = (of: readonly number[]) => (of[i] ?? 0) - ((i > 0 ? of[i - 1] : 0) ?? 0)
    const never = arrived ? Math.max(0, beyond(i) - beyond(i - 1)) : 0
    const published = rows[table] - (i > 0 ? checkpoints[i - 1].rows[table] : 0)
    const delivered = step(own) - never
    const lacking = arrived ? 0 : Math.max(0, published - delivered)
    const deadLettered = Math.min(lacking, step(dead))
    return {
      table,
      ...(shard !== undefined && { shard }),
      from: formatSecond(i > 0 ? checkpoints[i - 1].at : since),
      to: formatSecond(at),
      published,
      delivered,
      surplus: step(foreign) + never,
      deadLettered,
      missing: lacking - deadLettered,
      complete: arrived,
    }
  })
}
