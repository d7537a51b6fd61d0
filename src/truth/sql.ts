import type { Dialect } from '../ports/index.ts'
import { type DimensionName, type FactName, keyOf, tables, type WorldSchema } from '../tables/index.ts'
import { type Day, formatSecond, type Second } from '../time.ts'
import { MOST_CHANGE } from './block-truth.ts'
import { MODULUS, type TotalSums, weightsOf } from './checksum.ts'
import { integersOf, yymmdd } from './integers.ts'

/** The literal with which to compare timestamps of rows: for an instant within a second, the end of that second. */
export const instant = (dialect: Dialect, at: Second): string =>
  dialect.instant(formatSecond(Math.ceil(at)).slice(0, 19).replace('T', ' '))

/** Number of digits in ids. */
export interface IdShape extends Record<DimensionName, number> {
  number: number
}

/** The integers of a row, in the order of weights. */
export const factValues = (table: FactName, schema: WorldSchema, shape: IdShape, dialect: Dialect): string[] =>
  integersOf(table, schema, shape).map(({ column, integer: { sql } }) => {
    const cell = dialect.column(column)
    return [sql.span?.(cell, dialect), sql.row?.(cell, dialect)].filter((part) => part).join(' + ')
  })

/** Count and checksums of `values` over a relation, by a key. Columns: key, row_count, sum_a, sum_b. */
export function sumsBy(
  key: string,
  values: readonly string[],
  relation: string,
  where: string,
  { whole }: Dialect,
): string {
  const p = (side: 0 | 1) => `mod(${values.map((_, i) => `v${i} * ${weightsOf(i, side)}`).join(' + ')}, ${MODULUS})`
  const columns = values.map((value, i) => `${whole(value)} AS v${i}`)
  return `
SELECT key, COUNT(*) AS row_count, SUM(mod(p * p, ${MODULUS})) AS sum_a, SUM(mod(q * q, ${MODULUS})) AS sum_b
FROM (SELECT key, ${p(0)} AS p, ${p(1)} AS q
  FROM (SELECT ${key} AS key, ${columns.join(', ')} FROM ${relation} WHERE ${where}) AS decoded) AS folded
GROUP BY key ORDER BY key`
}

/** Letter and day of an id, by which `verify` groups rows: `T240131-`. */
export const dayHead = (id: string): string => `substr(${id}, 1, ${DAY_HEAD})`
export const dayHeadOf = (letter: string, day: Day): string => `${letter}${String(yymmdd(day)).padStart(6, '0')}-`
const DAY_HEAD = 8

/**
 * The same result as `sumsBy` of `factValues` (mod the modulus), in two fifths of its time: of each `dayHead`, or of all
 * rows. Letter, day, and store of an id are the same in all lines of a store and day, and so is `store_id`; parsing a
 * text is the expensive part. So rows are grouped by these texts unparsed; the rest of a row gives y, the group C, and
 * Σ (C + y)² = nC² + 2CΣy + Σy². It keeps one group per store-day, however many rows: `where` limits the days. Rows are
 * weighted in doubles, which are exact below 2^53, so no step has to check for overflow.
 */
export function factSums(
  by: 'day' | 'all',
  table: FactName,
  schema: WorldSchema,
  shape: IdShape,
  relation: string,
  where: string,
  dialect: Dialect,
): string {
  const integers = [...integersOf(table, schema, shape).entries()]
  // The columns by which rows are grouped: one head per column that has one.
  const heads = new Map(
    integers.flatMap(([, { column, head }]) => (head ? [[column, head(dialect.column(column))] as const] : [])),
  )
  const alias = (column: string) => `h${[...heads.keys()].indexOf(column)}`
  const columns = integers.flatMap(([i, { column, integer }]) =>
    integer.sql.row ? [{ i, code: `(${integer.sql.row(dialect.column(column), dialect)}) * 1e0 AS v${i}` }] : [],
  )
  const row = (side: 0 | 1) =>
    `mod(${dialect.integer(columns.map(({ i }) => `v${i} * ${weightsOf(i, side)}e0`).join(' + '))}, ${MODULUS})`
  const head = (side: 0 | 1) => {
    const terms = integers.flatMap(([i, { column, integer }]) =>
      integer.sql.span ? [`${integer.sql.span(alias(column), dialect)} * ${weightsOf(i, side)}`] : [],
    )
    return `mod(${terms.join(' + ')}, ${MODULUS})`
  }
  const groups = [...heads.keys()].map(alias).join(', ')
  const key = by === 'all' ? "'all'" : dayHead(alias(keyOf(tables[table])))
  const decoded = [...heads].map(([column, code]) => `${code} AS ${alias(column)}`)
  const square = (c: string, y: string, squares: string) =>
    `mod(mod(mod(${c} * ${c}, ${MODULUS}) * n, ${MODULUS}) + 2 * mod(${c} * ${y}, ${MODULUS}) + ${squares}, ${MODULUS})`
  return `
SELECT key, ${dialect.whole('SUM(n)')} AS row_count, SUM(${square('ca', 'ya', 'yya')}) AS sum_a, SUM(${square('cb', 'yb', 'yyb')}) AS sum_b
FROM (SELECT ${key} AS key, n, ya, yya, yb, yyb, ${head(0)} AS ca, ${head(1)} AS cb
  FROM (SELECT ${groups}, COUNT(*) AS n,
      ${dialect.whole(`mod(SUM(p), ${MODULUS})`)} AS ya, ${dialect.sumOfSquares('p', MODULUS)} AS yya,
      ${dialect.whole(`mod(SUM(q), ${MODULUS})`)} AS yb, ${dialect.sumOfSquares('q', MODULUS)} AS yyb
    FROM (SELECT ${groups}, ${row(0)} AS p, ${row(1)} AS q
      FROM (SELECT ${[...decoded, ...columns.map(({ code }) => code)].join(', ')} FROM ${relation} WHERE ${where}) AS decoded) AS folded
    GROUP BY ${groups}) AS grouped) AS weighed
GROUP BY key ORDER BY key`
}

/** Counts only. */
export const countsBy = (key: string, relation: string, where: string): string =>
  `SELECT ${key} AS key, COUNT(*) AS row_count FROM ${relation} WHERE ${where} GROUP BY 1 ORDER BY 1`

/** The integers of a row of marts.daily_sales; `dailySalesValues` has the same order. */
export const dailySalesColumns = (categories: readonly string[], dialect: Dialect): string[] => [
  yymmddOf('day'),
  dialect.integer('substr(store_id, 2)'),
  categoryNumber(categories),
  dialect.whole('revenue * 100'),
  'units',
  'lines',
]

/** The integers of a row of marts.monthly_stock; `monthlyStockValues` has the same order. */
export const monthlyStockColumns = (categories: readonly string[], dialect: Dialect): string[] => [
  yymmddOf('month'),
  dialect.integer('substr(store_id, 2)'),
  categoryNumber(categories),
  'stocked_items',
  'on_hand',
  'out_of_stock',
  `quantity_change + ${MOST_CHANGE}`,
  'movements',
]

const yymmddOf = (day: string): string =>
  `mod(extract(year FROM ${day}), 100) * 10000 + extract(month FROM ${day}) * 100 + extract(day FROM ${day})`

/** The place of a category in the list; another number for one that is not in it. */
export const categoryNumber = (categories: readonly string[]): string =>
  `CASE category ${categories.map((name, i) => `WHEN '${name}' THEN ${i}`).join(' ')} ELSE 1000 END`

/** The integers of a row of marts.stock_on_hand, or of the same sums over raw. */
export const stockColumns = (dialect: Dialect): string[] => [
  dialect.integer('substr(store_id, 2)'),
  dialect.integer('substr(product_id, 2)'),
  'on_hand',
  dialect.seconds('last_moved_at'),
]

/** A row of `sumsBy`. */
export interface SumRow {
  key: string | null
  row_count: bigint
  sum_a: bigint
  sum_b: bigint
  [column: string]: string | bigint | null
}

/** A database's result for a group; zeros for a group that it lacks. SUM of 64-bit integers may return wider ones. */
export const sumsOf = (row: SumRow | undefined): TotalSums => ({
  rows: BigInt(row?.row_count ?? 0),
  a: BigInt(row?.sum_a ?? 0),
  b: BigInt(row?.sum_b ?? 0),
})
