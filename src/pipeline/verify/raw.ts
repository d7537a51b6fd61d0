import type { Dialect } from '../../ports/index.ts'
import type { FactName } from '../../tables/index.ts'
import { type Day, formatDay, SECONDS_PER_DAY, type Second } from '../../time.ts'
import { endOf } from '../../truth/block-truth.ts'
import { letterOf } from '../../truth/own-ids.ts'
import { countsBy, dayHeadOf, factSums, instant, type SumRow } from '../../truth/sql.ts'
import type { Finding, MeasureContext, VerifyContext } from './check.ts'
import { wrongDays } from './days.ts'

/** Groups per query: about 100 MB. */
const STORE_DAYS_AT_ONCE = 400_000

/**
 * Compares a fact with the truth by what ids say: a timestamp is a value under test, so a row whose timestamp is that of
 * another day is a changed row. `--quick` counts rows by timestamps, which are read faster.
 */
export async function checkFact(context: VerifyContext, table: FactName): Promise<Finding> {
  const { world, truth, quick, measured } = context
  const expected = truth.facts[table]
  const found = measured?.facts[table] ?? (await measureFact(context, table))
  const letter = letterOf(table)
  const keyOf = quick ? formatDay : (day: Day) => dayHeadOf(letter, day)
  const wrong = wrongDays(found, expected, { from: world.from, keyOf }, quick)
  if (wrong.days.length + wrong.strange.length === 0) return { compared: expected.length, differences: [] }
  const { differingRows } = await import('./differing-rows.ts')
  return { compared: expected.length, differences: await differingRows(context, table, wrong) }
}

/** Counts and checksums of the rows of a fact, by day. */
export async function measureFact(context: MeasureContext, table: FactName): Promise<SumRow[]> {
  const { reader, world, cut, quick } = context
  const { dialect } = reader
  const relation = context.raw[table]
  const time = dialect.column('timestamp')
  if (quick) {
    const where = `${time} < ${instant(dialect, cut.raw)}`
    return await reader.query<SumRow>(countsBy(`CAST(${time} AS DATE)`, dialect.once(relation, where), where))
  }
  const found: SumRow[] = []
  const days = endOf(cut) - world.from
  for (const range of dayRanges(world, days, cut.raw, dialect)) {
    const once = dialect.once(relation, range)
    found.push(...(await reader.query<SumRow>(factSums('day', table, world.schema, world.ids, once, range, dialect))))
  }
  return found
}

/**
 * Conditions that divide raw by days, so that a query covers this many store-days at a time. Together they cover
 * everything before `end`.
 */
export function dayRanges(
  world: { from: Day; stores: { count: number } },
  days: number,
  end: Second,
  dialect: Dialect,
  storeDays = STORE_DAYS_AT_ONCE,
): string[] {
  const length = Math.max(1, Math.floor(storeDays / world.stores.count))
  const column = dialect.column('timestamp')
  const conditions: string[] = []
  for (let day = 0; day === 0 || day < days; day += length) {
    const to = day + length >= days ? end : (world.from + day + length) * SECONDS_PER_DAY
    const begin = day === 0 ? '' : `${column} >= ${instant(dialect, (world.from + day) * SECONDS_PER_DAY)} AND `
    conditions.push(`${begin}${column} < ${instant(dialect, to)}`)
  }
  return conditions
}
