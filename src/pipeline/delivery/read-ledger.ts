import { type Checkpoint, latestLetters, type Position, type Reader } from '../../ports/index.ts'
import { byFact, type FactName, facts, keyOf, tables } from '../../tables/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import { denseCondition, ownIdCondition } from '../../truth/own-ids.ts'
import { instant } from '../../truth/sql.ts'
import type { World } from '../../world/world.ts'
import { EMPTY_LEDGER, type Ledger, type LedgerRow, MOST_SURPLUS, type Surplus } from './ledger.ts'

/** The most ids of another form that are listed by name. */
const NAMED = 20

/** Ids before each checkpoint: those of the world's form, those of them without a gap before, and all others. */
interface Counts {
  own: number[]
  dense: number[]
  foreign: number[]
}

/**
 * Compares what the stream counted with what is in raw. Events arrive in any order and more than once, so this counts
 * distinct ids. A plain count would let a foreign id stand in for a missing one, or freeze the cut. So ids of another
 * form are counted apart, and an id of the right form counts only if no number is missing before it in its store and
 * day: the ids of a world are dense. Once there are as many of these as were published, all events have arrived, and
 * every other id was never published. `letters`: messages that were rejected are in a table of raw, and counted if
 * something has not arrived.
 */
export async function readLedger(
  reader: Reader,
  world: World,
  position: Position | undefined,
  { letters }: { letters: boolean },
): Promise<Ledger> {
  if (!position || position.world !== world.id || position.checkpoints.length === 0) return EMPTY_LEDGER
  const { checkpoints } = position
  const counts = byFact((): Counts => ({ own: [], dense: [], foreign: [] }))
  for (const { name } of facts) counts[name] = await countsOf(reader, world, name, position)

  const isComplete = (name: FactName, i: number) =>
    counts[name].dense[i] >= checkpoints[i].rows[name] && !isFlooded(counts[name], i)
  const last = checkpoints.findLast((_, i) => facts.every(({ name }) => isComplete(name, i)))

  const excluded = byFact((): readonly string[] => [])
  const surplus: Surplus[] = []
  for (const { name } of facts) {
    const { own, dense, foreign } = counts[name]
    const at = checkpoints.findLastIndex((_, i) => isComplete(name, i))
    const beyond = at >= 0 && own[at] > dense[at]
    if (!beyond && (foreign.at(-1) ?? 0) === 0) continue
    const named = await namesOf(reader, world, name, position, at < 0 ? 0 : checkpoints[at].at)
    excluded[name] = named.filter((row) => row.own).map(({ id }) => id)
    surplus.push(...named.map(({ id, own }) => ({ table: name, id, why: own ? NEVER_PUBLISHED : OTHER_FORM })))
  }
  const dead = byFact((): readonly number[] => [])
  // Every table that a query names costs money.
  for (const { name } of facts)
    if (letters && !isComplete(name, checkpoints.length - 1)) dead[name] = await deadOf(reader, name, position)
  const rows = facts.flatMap(({ name }) =>
    rowsOf(name, position, { ...counts[name], dead: dead[name] }, (i) => isComplete(name, i)),
  )
  return {
    rows,
    complete: last?.at ?? 0,
    published: checkpoints[checkpoints.length - 1].at,
    surplus,
    surplusCount: rows.reduce((n, row) => n + row.surplus, 0),
    excluded,
  }
}

const NEVER_PUBLISHED = 'the stream never published it'
const OTHER_FORM = 'ids of this world have another form, store, or day'

const isFlooded = ({ own, dense }: Counts, i: number): boolean => own[i] - dense[i] > MOST_SURPLUS

/**
 * Every id once. `own`: it has the world's form. `dense`: no number is missing before it; after faults, some are, and
 * every id of the form counts.
 */
function placed(reader: Reader, world: World, table: FactName, { since, position, faults }: Position): string {
  const { dialect } = reader
  const time = dialect.column('timestamp')
  const isFaulty = faults !== undefined
  const own = `CASE WHEN ${ownIdCondition(table, world, dialect, isFaulty)} THEN 1 ELSE 0 END`
  const dense = isFaulty ? '' : ` AND ${denseCondition('id', table, world, dialect)}`
  return `(SELECT id, own, moment, CASE WHEN own = 1${dense} THEN 1 ELSE 0 END AS dense
FROM (SELECT id, own, MIN(moment) AS moment
  FROM (SELECT ${keyOf(tables[table])} AS id, ${own} AS own, ${time} AS moment FROM ${dialect.relation('raw', table)}
    WHERE ${time} >= ${instant(dialect, since)} AND ${time} < ${instant(dialect, Math.floor(position))}) AS arrived
  GROUP BY id, own) AS ids) AS placed`
}

async function countsOf(reader: Reader, world: World, table: FactName, position: Position): Promise<Counts> {
  const { dialect } = reader
  const before = ({ at }: Checkpoint) => `moment < ${instant(dialect, at)}`
  const count = (condition: string, name: string) => `SUM(CASE WHEN ${condition} THEN 1 ELSE 0 END) AS ${name}`
  const columns = position.checkpoints.flatMap((checkpoint, i) => [
    count(`own = 1 AND ${before(checkpoint)}`, `own${i}`),
    count(`dense = 1 AND ${before(checkpoint)}`, `dense${i}`),
    count(`own = 0 AND ${before(checkpoint)}`, `foreign${i}`),
  ])
  const [row] = await reader.query(`SELECT ${columns.join(',\n')} FROM ${placed(reader, world, table, position)}`)
  const all = (name: keyof Counts) => position.checkpoints.map((_, i) => Number(row[`${name}${i}`] ?? 0))
  return { own: all('own'), dense: all('dense'), foreign: all('foreign') }
}

/** Events of this world before each checkpoint that are in an open dead letter, and not in raw. */
async function deadOf(
  { dialect, query }: Reader,
  table: FactName,
  { since, position, checkpoints }: Position,
): Promise<number[]> {
  const between = (time: string) => `${time} >= ${instant(dialect, since)} AND ${time} < ${instant(dialect, position)}`
  const letters = latestLetters(dialect, ['received_at', 'subscription', 'message_id', ...LETTER])
  const raw = `SELECT ${keyOf(tables[table])} FROM ${dialect.relation('raw', table)} WHERE ${between(dialect.column('timestamp'))}`
  const dead = `SELECT event_id, MIN(event_time) AS moment FROM ${letters} AS letters
WHERE state IS NULL AND fact = '${table}' AND ${between('event_time')} AND event_id NOT IN (${raw}) GROUP BY event_id`
  const columns = checkpoints.map(
    ({ at }, i) => `SUM(CASE WHEN moment < ${instant(dialect, at)} THEN 1 ELSE 0 END) AS dead${i}`,
  )
  const [row] = await query(`SELECT ${columns.join(',\n')} FROM (${dead}) AS dead`)
  return checkpoints.map((_, i) => Number(row[`dead${i}`] ?? 0))
}
const LETTER = ['state', 'marked_at', 'fact', 'event_id', 'event_time']

/** All surplus ids of the world's form, and the first ones of another form. */
async function namesOf(
  reader: Reader,
  world: World,
  table: FactName,
  position: Position,
  complete: Second,
): Promise<{ id: string; own: boolean }[]> {
  const beyond = `own = 1 AND dense = 0 AND moment < ${instant(reader.dialect, complete)}`
  const rows = await reader.query(`SELECT id, own FROM ${placed(reader, world, table, position)}
WHERE own = 0 OR (${beyond}) ORDER BY own DESC, id LIMIT ${MOST_SURPLUS + NAMED}`)
  const named = rows.map(({ id, own }) => ({ id: String(id), own: Number(own) === 1 }))
  const others = named.filter(({ own }) => !own).slice(0, NAMED)
  return [...named.filter(({ own }) => own), ...others]
}

function rowsOf(
  table: FactName,
  { since, checkpoints }: Position,
  { own, dense, foreign, dead }: Counts & { dead: readonly number[] },
  isComplete: (i: number) => boolean,
): LedgerRow[] {
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
