import type { Reader } from '../ports/index.ts'
import { quote } from '../tables/emit.ts'
import { CITIES } from '../world/cities.ts'
import { offsetsBetween, ZONES } from '../world/zones.ts'

/** The sample that the scorecard's queries read. */
export interface Sample {
  /** One in this many stores is in the sample: a few million lines are enough to judge a chain. */
  every: number
  lines: number
  stores: number
  days: number
  /** First and last local day with a sale, YYYY-MM-DD. */
  from: string
  to: string
}

const SAMPLE_LINES = 8_000_000

/** Hours to add to UTC, by zone and instant, as one SQL expression. */
function offsetSql(zone: string, second: string, from: number, to: number): string {
  const cases = ZONES.map((_, index) => {
    const { first, changes } = offsetsBetween(index, from, to)
    const steps = changes.map(({ hour, offset }) => `WHEN ${second} >= ${hour * 3600} THEN ${offset}`)
    return `WHEN ${index} THEN ${steps.length === 0 ? first : `CASE ${steps.reverse().join(' ')} ELSE ${first} END`}`
  })
  return `CASE ${zone} ${cases.join(' ')} END`
}

/**
 * Creates a sample as tables of integers that all items share: shops(store, zone), goods(product, category,
 * regular_cents), lines(store, product, local_time, utc, units, cents): sales, at the store's local time and the price
 * paid, movements(store, product, local_time, utc, change, movement_id): those of one second are in the order of their
 * ids.
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
    `SELECT ${number('store_id')} AS store, zone FROM raw.store LEFT JOIN (VALUES ${cities.join(', ')}) AS city(location, zone) USING (location)
WHERE mod(${number('store_id')}, ${every}) = 0`,
  )
  await reader.keep(
    'goods',
    `SELECT ${number('product_id')} AS product, category, CAST(base_price * 100 AS INTEGER) AS regular_cents FROM raw.product`,
  )
  // Data from another source may have locations that we do not know: they get Central time.
  const local = (timestamp: string) =>
    `${timestamp} + to_hours(${offsetSql('coalesce(zone, 1)', `(epoch_us(${timestamp}) // 1000000)`, Number(from ?? 0), Number(to ?? 0))})`
  await reader.keep(
    'lines',
    `SELECT shops.store, ${number('product_id')} AS product, ${local('"timestamp"')} AS local_time, "timestamp" AS utc,
  quantity AS units, CAST(unit_price * 100 AS INTEGER) AS cents
FROM raw.transactions JOIN shops ON shops.store = ${number('store_id')}`,
  )
  await reader.keep(
    'movements',
    `SELECT shops.store, ${number('product_id')} AS product, ${local('"timestamp"')} AS local_time, "timestamp" AS utc,
  quantity_change AS change, inventory_id AS movement_id
FROM raw.inventories JOIN shops ON shops.store = ${number('store_id')}`,
  )
  const [row] = await reader.query<{ n: bigint; stores: bigint; first: string; last: string; days: bigint }>(
    `SELECT COUNT(*) AS n, COUNT(DISTINCT store) AS stores, CAST(MIN(local_time) AS DATE) AS first,
  CAST(MAX(local_time) AS DATE) AS last, CAST(MAX(local_time) AS DATE) - CAST(MIN(local_time) AS DATE) + 1 AS days FROM lines`,
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
