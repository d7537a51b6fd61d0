import type { Dialect } from '../../ports/index.ts'
import { columnsOf, type FactName, keyOf, tables } from '../../tables/index.ts'
import { type Day, formatDay, SECONDS_PER_DAY, type Second } from '../../time.ts'
import { type PlainRow, rowsOfDay } from '../../truth/rows.ts'
import { countsBy, factSums, instant, type SumRow } from '../../truth/sql.ts'
import type { Finding, VerifyContext } from './check.ts'
import { compareRows } from './compare-rows.ts'
import { wrongDays } from './days.ts'
import type { Found } from './sentences.ts'

/** Days and stores that are compared row by row; the rest of a large difference is only counted. */
const DAYS_SHOWN = 3
const STORES_SHOWN = 5
/** Groups per query: about 100 MB. */
const STORE_DAYS_AT_ONCE = 400_000

export async function checkFact(context: VerifyContext, table: FactName): Promise<Finding> {
  const { reader, world, truth, cut, quick } = context
  const { dialect } = reader
  const relation = context.raw[table]
  const time = dialect.column('timestamp')
  const day = `CAST(${time} AS DATE)`
  const where = `${time} < ${instant(dialect, cut.raw)}`
  const expected = truth.facts[table]
  const found: SumRow[] = []
  if (quick) found.push(...(await reader.query<SumRow>(countsBy(day, dialect.once(relation, where), where))))
  else
    for (const days of dayRanges(world, expected.length, cut.raw, dialect)) {
      const once = dialect.once(relation, days)
      found.push(...(await reader.query<SumRow>(factSums(day, table, world.schema, world.ids, once, days, dialect))))
    }
  const wrong = wrongDays(found, expected, world.from, quick)
  const differences: Found[] = []
  for (const bad of wrong.slice(0, DAYS_SHOWN)) differences.push(...(await drillDay(context, table, bad)))
  for (const bad of wrong.slice(DAYS_SHOWN))
    differences.push({ check: table, kind: 'changed', table, day: formatDay(bad) })
  return { compared: expected.length, differences }
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

/** The rows of a day that differ: fetched and recomputed for the stores whose sums differ. */
async function drillDay({ reader, raw, world, cut }: VerifyContext, table: FactName, day: Day): Promise<Found[]> {
  const { dialect } = reader
  const columns = columnsOf(tables[table], world.schema)
  const id = keyOf(tables[table])
  const select = columns
    .map(([name, { type }]) => `${dialect.text(dialect.column(name), type)} AS ${dialect.column(name)}`)
    .join(', ')
  const time = dialect.column('timestamp')
  const where = `CAST(${time} AS DATE) = DATE '${formatDay(day)}' AND ${time} < ${instant(dialect, cut.raw)}`
  const rows = (await reader.query(
    `SELECT ${select} FROM ${dialect.once(raw[table], where)} WHERE ${where} ORDER BY 1`,
  )) as PlainRow[]
  const byStore = new Map<string, PlainRow[]>()
  for (const row of rows) {
    const store = row[id].slice(8, 8 + world.ids.store)
    byStore.set(store, [...(byStore.get(store) ?? []), row])
  }
  const all = Array.from({ length: world.stores.count }, (_, store) => store)
  const truth = day < world.from ? new Map<number, PlainRow[]>() : rowsOfDay(world, table, day, all, cut.raw)
  const differences: Found[] = []
  let stores = 0
  for (const store of all) {
    const name = String(store + 1).padStart(world.ids.store, '0')
    const found = compareRows(table, id, formatDay(day), `S${name}`, truth.get(store) ?? [], byStore.get(name) ?? [])
    byStore.delete(name)
    if (found.length > 0 && ++stores <= STORES_SHOWN) differences.push(...found)
  }
  for (const strangers of byStore.values()) {
    for (const row of strangers)
      differences.push({ check: table, kind: 'unexpected', table, day: formatDay(day), id: row[id] })
  }
  return differences
}
