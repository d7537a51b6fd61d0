import type { Reader } from '../ports/index.ts'
import { quote } from '../tables/emit.ts'
import { CITIES } from '../world/cities.ts'
import { offsetsBetween, ZONES } from '../world/zones.ts'

/** What the items of the scorecard are asked of. */
export interface Sample {
  /** every how-manieth store is looked at: a chain is judged by a few million lines */
  every: number
  lines: number
  stores: number
  days: number
  /** first and last local day with a sale, YYYY-MM-DD */
  from: string
  to: string
}

const SAMPLE_LINES = 8_000_000

/** Hours to add to UTC, by zone and instant, as one expression. */
function offsetSql(zone: string, second: string, from: number, to: number): string {
  const cases = ZONES.map((_, index) => {
    const { first, changes } = offsetsBetween(index, from, to)
    const steps = changes.map(({ hour, offset }) => `WHEN ${second} >= ${hour * 3600} THEN ${offset}`)
    return `WHEN ${index} THEN ${steps.length === 0 ? first : `CASE ${steps.reverse().join(' ')} ELSE ${first} END`}`
  })
  return `CASE ${zone} ${cases.join(' ')} END`
}

/**
 * Lays out a sample as tables of integers that all items share:
 * shops(s, zone), goods(p, category, base), l(s, p, lt, ts, q, c): lines with store-local time and price in cents,
 * m(s, p, ts, lt, change, ord): movements in ledger order.
 */
export async function prepareSample(reader: Reader): Promise<Sample> {
  const cities = CITIES.map(({ name, state, zone }) => `(${quote(`${name}, ${state}`)}, ${ZONES.indexOf(zone)})`)
  const hour = 'epoch_us("timestamp") // 3600000000'
  const [{ lines, from, to }] = await reader.query<{ lines: bigint; from: bigint | null; to: bigint | null }>(
    `SELECT COUNT(*) AS lines, MIN(${hour}) AS "from", MAX(${hour}) AS "to" FROM raw.transactions`,
  )
  const every = Math.max(1, Math.ceil(Number(lines) / SAMPLE_LINES))
  const number = (column: string) => `CAST(substr(${column}, 2) AS INTEGER)`
  await reader.keep(
    'shops',
    `SELECT ${number('store_id')} AS s, zone FROM raw.store LEFT JOIN (VALUES ${cities.join(', ')}) AS city(location, zone) USING (location)
WHERE mod(${number('store_id')}, ${every}) = 0`,
  )
  await reader.keep(
    'goods',
    `SELECT ${number('product_id')} AS p, category, CAST(base_price * 100 AS INTEGER) AS base FROM raw.product`,
  )
  // A chain of another maker may have places we do not know: Central time then.
  const local = (timestamp: string) =>
    `${timestamp} + to_hours(${offsetSql('coalesce(zone, 1)', `(epoch_us(${timestamp}) // 1000000)`, Number(from ?? 0), Number(to ?? 0))})`
  await reader.keep(
    'l',
    `SELECT s, ${number('product_id')} AS p, ${local('"timestamp"')} AS lt, "timestamp" AS ts, quantity AS q, CAST(unit_price * 100 AS INTEGER) AS c
FROM raw.transactions JOIN shops ON s = ${number('store_id')}`,
  )
  await reader.keep(
    'm',
    `SELECT s, ${number('product_id')} AS p, "timestamp" AS ts, ${local('"timestamp"')} AS lt, quantity_change AS change, inventory_id AS ord
FROM raw.inventories JOIN shops ON s = ${number('store_id')}`,
  )
  const [row] = await reader.query<{ n: bigint; stores: bigint; first: string; last: string; days: bigint }>(
    `SELECT COUNT(*) AS n, COUNT(DISTINCT s) AS stores, CAST(MIN(lt) AS DATE) AS first, CAST(MAX(lt) AS DATE) AS last,
CAST(MAX(lt) AS DATE) - CAST(MIN(lt) AS DATE) + 1 AS days FROM l`,
  )
  return {
    every,
    lines: Number(row.n),
    stores: Number(row.stores),
    days: Number(row.days),
    from: String(row.first),
    to: String(row.last),
  }
}
