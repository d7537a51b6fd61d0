import { MOVEMENT_TYPES } from '../simulator/batch.ts'
import type { FactName, WorldSchema } from '../tables/index.ts'
import { formatSecond, type Second } from '../time.ts'
import { MODULUS, type TotalSums, weightsOf } from './checksum.ts'

/** Where DuckDB and BigQuery differ; all else below means the same in both. */
export interface Dialect {
  /** seconds since 1970 of a timestamp, and what is left in microseconds */
  seconds(column: string): string
  microseconds(column: string): string
  /** integer of a text, NULL when it is none */
  integer(text: string): string
  instant(second: string): string
}

export const duckdbDialect: Dialect = {
  seconds: (column) => `(epoch_us(${column}) // 1000000)`,
  microseconds: (column) => `(epoch_us(${column}) % 1000000)`,
  integer: (text) => `TRY_CAST(${text} AS BIGINT)`,
  instant: (text) => `TIMESTAMP '${text}'`,
}

/** A literal of an instant. */
export const instant = (dialect: Dialect, second: Second): string =>
  dialect.instant(formatSecond(second).slice(0, 19).replace('T', ' '))

export interface IdShape {
  store: number
  product: number
  number: number
}

/** `T240131-0412-000123` → its letter, length and dashes; yymmdd; store; number: each part by its position. `idHead` has the first. */
function idParts(column: string, { store, number }: IdShape, { integer }: Dialect): string[] {
  const dash = (at: number) => `ascii(substr(${column}, ${at}, 1))`
  return [
    `ascii(${column}) * 64 + length(${column}) + 8192 * (${dash(8)} + 256 * ${dash(9 + store)})`,
    integer(`substr(${column}, 2, 6)`),
    integer(`substr(${column}, 9, ${store})`),
    `coalesce(${integer(`substr(${column}, ${10 + store}, ${number})`)}, 0)`,
  ]
}

const DASH = 45

/** What `idParts` makes of the form of an id; one without a number, such as a delivery's, has one dash. */
export const idHead = (letter: string, length: number, numbered = true): number =>
  letter.charCodeAt(0) * 64 + length + 8192 * (DASH + 256 * (numbered ? DASH : 0))

const cents = (column: string): string => `CAST(${column} * 100 AS BIGINT)`

/** What is added to a change of quantity, so that it is never negative. */
export const CHANGE_OFFSET = 1_048_576

/** The integers of a row, in the order in which `account.ts` has them. */
export function factValues(table: FactName, schema: WorldSchema, shape: IdShape, dialect: Dialect): string[] {
  const { integer, seconds, microseconds } = dialect
  const number = (column: string) => integer(`substr(${column}, 2)`)
  const common = [number('product_id'), seconds('"timestamp"'), microseconds('"timestamp"'), number('store_id')]
  if (table === 'transactions') {
    const values = [...idParts('transaction_id', shape, dialect), ...common, 'quantity', cents('unit_price')]
    return schema === 'extended' ? [...values, ...idParts('basket_id', shape, dialect)] : values
  }
  const values = [...idParts('inventory_id', shape, dialect), ...common, `quantity_change + ${CHANGE_OFFSET}`]
  if (schema === 'strict') return values
  const types = MOVEMENT_TYPES.map((name, code) => `WHEN '${name}' THEN ${code}`)
  return [...values, `CASE movement_type ${types.join(' ')} ELSE 99 END`, ...idParts('reference_id', shape, dialect)]
}

/** Count and checksums of `values` over a relation, by a key. Columns: key, row_count, sum_a, sum_b. */
export function sumsBy(key: string, values: readonly string[], relation: string, where: string): string {
  const p = (side: 0 | 1) => `mod(${values.map((_, i) => `v${i} * ${weightsOf(i, side)}`).join(' + ')}, ${MODULUS})`
  const columns = values.map((value, i) => `CAST(${value} AS BIGINT) AS v${i}`)
  return `
SELECT key, COUNT(*) AS row_count, SUM(mod(p * p, ${MODULUS})) AS sum_a, SUM(mod(q * q, ${MODULUS})) AS sum_b
FROM (SELECT key, ${p(0)} AS p, ${p(1)} AS q
  FROM (SELECT ${key} AS key, ${columns.join(', ')} FROM ${relation} WHERE ${where}) AS decoded) AS folded
GROUP BY key ORDER BY key`
}

/** Counts alone. */
export const countsBy = (key: string, relation: string, where: string): string =>
  `SELECT ${key} AS key, COUNT(*) AS row_count FROM ${relation} WHERE ${where} GROUP BY 1 ORDER BY 1`

/** The integers of a row of marts.daily_sales; `dailySalesValues` has the same order. */
export function dailySalesColumns(categories: readonly string[], dialect: Dialect): string[] {
  const category = `CASE category ${categories.map((name, i) => `WHEN '${name}' THEN ${i}`).join(' ')} ELSE 1000 END`
  const day = (text: string) =>
    `mod(extract(year FROM ${text}), 100) * 10000 + extract(month FROM ${text}) * 100 + extract(day FROM ${text})`
  return [day('day'), dialect.integer('substr(store_id, 2)'), category, cents('revenue'), 'units', 'lines']
}

/** The integers of a row of marts.stock_on_hand, or of the same sums over raw. */
export const stockColumns = (dialect: Dialect): string[] => [
  dialect.integer('substr(store_id, 2)'),
  dialect.integer('substr(product_id, 2)'),
  'on_hand',
  dialect.seconds('last_moved_at'),
]

/** A row of `sumsBy`. */
export interface SumRow {
  key: string
  row_count: bigint
  sum_a: bigint
  sum_b: bigint
  [column: string]: string | bigint
}

/** What a database says of a group; nothing of one that it does not have. SUM of 64-bit integers may come as wider ones. */
export const sumsOf = (row: SumRow | undefined): TotalSums => ({
  rows: BigInt(row?.row_count ?? 0),
  a: BigInt(row?.sum_a ?? 0),
  b: BigInt(row?.sum_b ?? 0),
})
