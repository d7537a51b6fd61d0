import type { Reader } from '../ports/index.ts'
import { quote } from '../tables/emit.ts'
import { CITIES } from '../world/cities.ts'
import { offsetsBetween, ZONES } from '../world/zones.ts'
import { productTypes } from './product-types.ts'

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
  /** What the data says itself; the scorecard works without, and then derives it. */
  has: { priceHistory: string | undefined; basketId: boolean; movementType: boolean }
  /** The relation of regular prices over time, if there is one: its price column is `has.priceHistory`. */
  prices: string
  /** SQL of the raw movements in the sample, with columns store, product, second (UTC), hour (local), change, and kind. */
  movements: string
  /** SQL of the raw sales in the sample, with columns store, product, second (UTC), and units. */
  sales: string
}

const SAMPLE_LINES = 5_000_000

/** Condition on `store` that keeps about this many lines, of one store or more: some statistics need no more. */
export const someStores = ({ lines, stores }: Sample, most: number): string =>
  `store IN (SELECT DISTINCT store FROM lines ORDER BY store LIMIT ${Math.max(1, Math.floor((stores * most) / lines))})`

/**
 * Creates the tables that all items share. Stores and products are numbers, in the order of their ids, so that they fit
 * into few bytes, and any id will do:
 *
 * - Shops(store, store_id, state, size, zone), the stores of the sample; size in square feet
 * - Goods(product, product_id, category, type, regular_cents); type is NULL if the name does not show one
 * - Lines(store, product, second, units, cents, basket): sales; second is in the store's local time, cents is the unit
 *   price paid
 */
export async function prepareSample(reader: Reader): Promise<Sample> {
  const { dialect } = reader
  const raw = (table: string) => dialect.relation('raw', table)
  const utc = dialect.seconds(dialect.column('timestamp'))
  const [{ lines, from, to }] = await reader.query<{ lines: bigint; from: bigint | null; to: bigint | null }>(
    `SELECT count(*) AS lines, min(${utc}) // 3600 AS "from", max(${utc}) // 3600 AS "to" FROM ${raw('transactions')}`,
  )
  const every = Math.max(1, Math.ceil(Number(lines) / SAMPLE_LINES))
  const columns = await columnsOf(reader)
  const has = {
    priceHistory: ['price', 'base_price', 'regular_price'].find((name) => columns.get('price_history')?.has(name)),
    basketId: columns.get('transactions')?.has('basket_id') ?? false,
    movementType: columns.get('inventories')?.has('movement_type') ?? false,
  }

  const cities = CITIES.map(({ name, state, zone }) => `(${quote(`${name}, ${state}`)}, ${ZONES.indexOf(zone)})`)
  await reader.keep(
    'shops',
    `WITH numbered AS (SELECT row_number() OVER (ORDER BY store_id) AS number, * FROM ${raw('store')})
SELECT CAST(number AS INTEGER) AS store, store_id, right(location, 2) AS state, size, zone
FROM numbered LEFT JOIN (VALUES ${cities.join(', ')}) AS city(location, zone) USING (location)
WHERE number % ${every} = 0`,
  )
  await reader.keep('goods', productTypes(raw('product'), columns.get('product') ?? new Set()))

  // Data from another source may have locations that we do not know: they get Central time.
  const hours = offsetSql('coalesce(zone, 1)', utc, Number(from ?? 0), Number(to ?? 0))
  const basket = has.basketId ? 'hash(basket_id)' : `hash(store, ${utc})`
  const known = 'JOIN shops USING (store_id) JOIN goods USING (product_id)'
  await reader.keep(
    'lines',
    `SELECT store, product, CAST(${utc} + 3600 * (${hours}) AS UINTEGER) AS second, CAST(quantity AS INTEGER) AS units,
  CAST(unit_price * 100 AS INTEGER) AS cents, ${basket} AS basket
FROM ${raw('transactions')} ${known}`,
  )
  const [row] = await reader.query<{ n: bigint; stores: bigint; days: bigint; first: string; last: string }>(
    `SELECT count(*) AS n, count(DISTINCT store) AS stores, max(second) // 86400 - min(second) // 86400 + 1 AS days,
  ${dayOf('min(second)')} AS first, ${dayOf('max(second)')} AS last FROM lines`,
  )
  return {
    every,
    lines: Number(row.n),
    stores: Number(row.stores),
    days: Number(row.days),
    from: String(row.first),
    to: String(row.last),
    has,
    prices: raw('price_history'),
    movements: `SELECT store, product, CAST(${utc} AS UINTEGER) AS second, CAST((${utc} // 3600 + (${hours})) % 24 AS TINYINT) AS hour,
  CAST(quantity_change AS INTEGER) AS change, ${has.movementType ? 'movement_type' : 'NULL'} AS kind
FROM ${raw('inventories')} ${known}`,
    sales: `SELECT store, product, CAST(${utc} AS UINTEGER) AS second, quantity AS units FROM ${raw('transactions')} ${known}`,
  }
}

/** The day of a local second, as a DATE. */
export const dayOf = (second: string): string => `DATE '1970-01-01' + CAST(${second} // 86400 AS INTEGER)`

/** Tables of the raw layer, and their columns. */
async function columnsOf(reader: Reader): Promise<Map<string, Set<string>>> {
  const rows = await reader.query<{ table_name: string; column_name: string }>(
    `SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'raw'`,
  )
  const tables = new Map<string, Set<string>>()
  for (const { table_name: table, column_name: column } of rows)
    tables.set(table, (tables.get(table) ?? new Set()).add(column))
  return tables
}

/** Hours to add to UTC, by zone and instant, as one SQL expression. */
function offsetSql(zone: string, second: string, from: number, to: number): string {
  const cases = ZONES.map((_, index) => {
    const { first, changes } = offsetsBetween(index, from, to)
    const steps = changes.map(({ hour, offset }) => `WHEN ${second} >= ${hour * 3600} THEN ${offset}`)
    return `WHEN ${index} THEN ${steps.length === 0 ? first : `CASE ${steps.reverse().join(' ')} ELSE ${first} END`}`
  })
  return `CASE ${zone} ${cases.join(' ')} END`
}
