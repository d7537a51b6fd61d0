import { MOVEMENT_TYPES } from '../simulator/batch.ts'
import type { ColumnType, FactName, WorldSchema } from '../tables/index.ts'
import { formatSecond, type Second } from '../time.ts'
import { MODULUS, type TotalSums, weightsOf } from './checksum.ts'

/**
 * Where DuckDB and BigQuery differ; all else below means the same in both. Names of types and the quotes of columns are DuckDB's: the
 * reader of BigQuery puts its own in their place.
 */
export interface Dialect {
  /** a relation whose rows may come more than once, each of them once */
  once(relation: string): string
  /** a cell as `plainRows` writes it */
  text(column: string, type: ColumnType): string
  /** seconds since 1970 of a timestamp, and what is left in microseconds */
  seconds(column: string): string
  microseconds(column: string): string
  /** integer of a text or a double, NULL when it is none */
  integer(text: string): string
  /** sum of the squares of integers below the modulus, mod the modulus */
  sumOfSquares(column: string): string
  instant(second: string): string
}

export const duckdbDialect: Dialect = {
  seconds: (column) => `(epoch_us(${column}) // 1000000)`,
  microseconds: (column) => `(epoch_us(${column}) % 1000000)`,
  integer: (text) => `TRY_CAST(${text} AS BIGINT)`,
  // Its sums are 128 bits wide: one modulo a group. Where they are 64, it is SUM(mod(x * x, M)), which means the same.
  sumOfSquares: (column) => `CAST(mod(SUM(${column} * ${column}), ${MODULUS}) AS BIGINT)`,
  instant: (text) => `TIMESTAMP '${text}'`,
  once: (relation) => relation,
  text: (column) => `CAST(${column} AS VARCHAR)`,
}

export const bigqueryDialect: Dialect = {
  seconds: (column) => `UNIX_SECONDS(${column})`,
  microseconds: (column) => `mod(UNIX_MICROS(${column}), 1000000)`,
  integer: (text) => `SAFE_CAST(${text} AS INT64)`,
  sumOfSquares: (column) => `CAST(mod(SUM(mod(${column} * ${column}, ${MODULUS})), ${MODULUS}) AS INT64)`,
  instant: (text) => `TIMESTAMP '${text}+00'`,
  // A copy that differs in any cell stays, and is found.
  once: (relation) => `(SELECT DISTINCT * FROM ${relation})`,
  text: (column, type) =>
    type === 'timestamp'
      ? `FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', ${column})`
      : type === 'money'
        ? `FORMAT('%.2f', ${column})`
        : `CAST(${column} AS STRING)`,
}

export const dialects = { duckdb: duckdbDialect, bigquery: bigqueryDialect } as const

/** A literal of an instant. */
export const instant = (dialect: Dialect, second: Second): string =>
  dialect.instant(formatSecond(second).slice(0, 19).replace('T', ' '))

export interface IdShape {
  store: number
  product: number
  number: number
}

/** `T240131-0412-000123` → its letter, length and dashes; yymmdd; store; number: each part by its position. `idHead` has the first. */
function idParts(column: string, shape: IdShape, { integer }: Dialect): string[] {
  const { store, number } = shape
  return [
    `${idForm(column, shape)} + length(${column})`,
    integer(`substr(${column}, 2, 6)`),
    integer(`substr(${column}, 9, ${store})`),
    `coalesce(${integer(`substr(${column}, ${10 + store}, ${number})`)}, 0)`,
  ]
}

/** Letter and dashes. */
function idForm(column: string, { store }: IdShape): string {
  const dash = (at: number) => `ascii(substr(${column}, ${at}, 1))`
  return `(ascii(${column}) * 64 + 8192 * (${dash(8)} + 256 * ${dash(9 + store)}))`
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

/** In `factValues`, what is read once a group: letter and dashes of the id, its day, its store (of 0 the length is the row's), `store_id`. */
const STORE_ID = 7
const OF_GROUPS = new Set([0, 1, 2, STORE_ID])

/**
 * What `sumsBy` says of `factValues` (mod the modulus), for two fifths of its time. Letter, day and store of an id are the same in all
 * lines of a store and day, and so is `store_id`; taking a text apart is what costs. So rows are grouped by these as they stand; the rest
 * of a row gives y, the group C, and Σ (C + y)² = nC² + 2CΣy + Σy². It holds a group a store-day, however many rows: `where` says how
 * many days. A row is weighed in doubles, which are exact below 2^53: no step has to look for an overflow.
 */
export function factSums(
  key: string,
  table: FactName,
  schema: WorldSchema,
  shape: IdShape,
  relation: string,
  where: string,
  dialect: Dialect,
): string {
  const id = table === 'transactions' ? 'transaction_id' : 'inventory_id'
  const [, day, store, number] = idParts('head', shape, dialect)
  const form = `CAST(${idForm('head', shape)} AS BIGINT)`
  const rest = [...factValues(table, schema, shape, dialect).entries()].filter(([i]) => i > 3 && !OF_GROUPS.has(i))
  const own = number.replaceAll('head', id)
  const weigh = (terms: readonly (readonly [number, string])[], side: 0 | 1) =>
    `mod(${terms.map(([i, value]) => `${value} * ${weightsOf(i, side)}`).join(' + ')}, ${MODULUS})`
  const cells = [[0, `length(${id})`] as const, [3, own] as const, ...rest]
  const columns = cells.map(([i, value]) => `(${value}) * 1e0 AS v${i}`)
  const row = (side: 0 | 1) =>
    `mod(${dialect.integer(cells.map(([i]) => `v${i} * ${weightsOf(i, side)}e0`).join(' + '))}, ${MODULUS})`
  const head = (side: 0 | 1) =>
    weigh(
      [
        [0, form],
        [1, day],
        [2, store],
        [STORE_ID, dialect.integer('substr(store_id, 2)')],
      ],
      side,
    )
  const whole = (c: string, y: string, squares: string) =>
    `mod(mod(mod(${c} * ${c}, ${MODULUS}) * n, ${MODULUS}) + 2 * mod(${c} * ${y}, ${MODULUS}) + ${squares}, ${MODULUS})`
  return `
SELECT key, CAST(SUM(n) AS BIGINT) AS row_count, SUM(${whole('ca', 'ya', 'yya')}) AS sum_a, SUM(${whole('cb', 'yb', 'yyb')}) AS sum_b
FROM (SELECT key, n, ya, yya, yb, yyb, ${head(0)} AS ca, ${head(1)} AS cb
  FROM (SELECT key, head, store_id, COUNT(*) AS n,
      CAST(mod(SUM(p), ${MODULUS}) AS BIGINT) AS ya, ${dialect.sumOfSquares('p')} AS yya,
      CAST(mod(SUM(q), ${MODULUS}) AS BIGINT) AS yb, ${dialect.sumOfSquares('q')} AS yyb
    FROM (SELECT key, head, store_id, ${row(0)} AS p, ${row(1)} AS q
      FROM (SELECT ${key} AS key, substr(${id}, 1, ${9 + shape.store}) AS head, store_id, ${columns.join(', ')} FROM ${relation} WHERE ${where}) AS decoded) AS folded
    GROUP BY key, head, store_id) AS grouped) AS weighed
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
