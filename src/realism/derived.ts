import { dayOf, type Sample } from './sample.ts'

/** Below this share of the regular price, a price is a promotion. */
const PROMOTION = 0.95

/** Local hours in which goods that come in without a movement type are taken for returns; all others are deliveries. */
const RETURN_HOURS = '8 AND 21'

/** Out of stock counts after the first month, and deliveries after the first three: until then, the shop is being set up. */
const SETTLED_SECONDS = 30 * 86_400
const DELIVERED_SECONDS = 90 * 86_400

const ends = 'ends AS (SELECT min(second) // 86400 AS first, max(second) // 86400 AS last FROM lines)'

/**
 * Tables that several items share, made when the first item needs them. `whole`: neither the first nor the last day of
 * the history, which may be cut.
 *
 * - Store_days(store, day, whole, lines, units, cents): cents is the revenue
 * - Product_days(product, day, lines, units, cents, price, base, promoted): whole days only; price is the commonest price
 *   of the day over all stores; base is the regular price in force
 * - Product_weeks(product, week, units, cents, discount): Monday to Sunday, whole weeks only; discount is the sum of
 *   units × log(price / base)
 * - Baskets(basket, store, day, lines): what one customer bought
 * - Ledger(store, product, movements, negative, first_second, last_second, last_balance, receipts, empty_receipts,
 *   empty_seconds, settled_seconds, unit_seconds, gone, returned): one row per pair of store and product. The balance is
 *   the sum of all movements so far; what comes in within a second counts before what goes out. Times end with the last
 *   movement of the pair.
 */
const TABLES = {
  store_days: () => `
WITH ${ends},
counted AS (SELECT store, second // 86400 AS day, count(*) AS lines, sum(units) AS units, sum(units * cents) AS cents
  FROM lines GROUP BY 1, 2)
SELECT store, ${dayOf('day * 86400')} AS day, day > first AND day < last AS whole, lines, CAST(units AS BIGINT) AS units,
  CAST(cents AS BIGINT) AS cents
FROM counted, ends`,
  product_days: ({ has, prices }) => `
WITH ${ends},
by_price AS (SELECT product, second // 86400 AS day, cents, count(*) AS lines, sum(units) AS units
  FROM lines, ends WHERE second // 86400 > first AND second // 86400 < last GROUP BY 1, 2, 3),
by_day AS (SELECT product, ${dayOf('day * 86400')} AS day, CAST(sum(lines) AS INTEGER) AS lines, CAST(sum(units) AS INTEGER) AS units,
  CAST(sum(units * cents) AS BIGINT) AS cents, arg_max(cents, lines * 1000000000 - cents) AS price FROM by_price GROUP BY 1, 2),
regular AS (${regularPrices(has.priceHistory, prices)})
SELECT by_day.*, coalesce(regular.price, regular_cents) AS base, by_day.price < ${PROMOTION} * coalesce(regular.price, regular_cents) AS promoted
FROM by_day JOIN goods USING (product) ASOF LEFT JOIN regular ON regular.product = by_day.product AND regular.valid_from <= by_day.day`,
  product_weeks: () => `
WITH ends AS (SELECT min(day) AS first, max(day) AS last FROM product_days)
SELECT product, CAST(date_trunc('week', day) AS DATE) AS week, CAST(sum(units) AS INTEGER) AS units, sum(cents) AS cents,
  sum(units * ln(nullif(price, 0) / nullif(base, 0))) AS discount
FROM product_days, ends WHERE date_trunc('week', day) >= first AND date_trunc('week', day) + INTERVAL 6 DAY <= last
GROUP BY 1, 2`,
  baskets: () => `
SELECT basket, min(store) AS store, min(${dayOf('second')}) AS day, CAST(count(*) AS INTEGER) AS lines FROM lines GROUP BY 1`,
  ledger: ({ movements }) => `
WITH moves AS (${movements}),
balances AS (SELECT *, sum(change) OVER moved AS balance, lead(second) OVER moved AS next_second, row_number() OVER moved = 1 AS is_first
  FROM moves WINDOW moved AS (PARTITION BY store, product ORDER BY second, change DESC ROWS UNBOUNDED PRECEDING)),
start AS (SELECT min(second) AS start FROM moves),
kinds AS (SELECT *, CAST(coalesce(next_second - second, 0) AS BIGINT) AS stays, CAST(second AS BIGINT) - start AS since, coalesce(kind, CASE
  WHEN change < 0 THEN 'out' WHEN is_first THEN 'opening' WHEN hour BETWEEN ${RETURN_HOURS} THEN 'return' ELSE 'receipt' END) AS means
  FROM balances, start)
SELECT store, product, count(*) AS movements, count(*) FILTER (balance < 0) AS negative,
  min(second) AS first_second, max(second) AS last_second, arg_max(balance, second * 2 + CAST(next_second IS NULL AS INTEGER)) AS last_balance,
  count(*) FILTER (means = 'receipt' AND since > ${DELIVERED_SECONDS}) AS receipts,
  count(*) FILTER (means = 'receipt' AND since > ${DELIVERED_SECONDS} AND balance - change <= 0) AS empty_receipts,
  coalesce(sum(greatest(stays - greatest(${SETTLED_SECONDS} - since, 0), 0)) FILTER (balance <= 0), 0) AS empty_seconds,
  sum(greatest(stays - greatest(${SETTLED_SECONDS} - since, 0), 0)) AS settled_seconds,
  sum(greatest(balance, 0) * stays) AS unit_seconds,
  sum(-change) FILTER (change < 0) AS gone, coalesce(sum(change) FILTER (means = 'return'), 0) AS returned
FROM kinds GROUP BY 1, 2`,
} as const satisfies Record<string, (sample: Sample) => string>

export type TableName = keyof typeof TABLES

/** What a table is made of, besides the sample's own. */
export const MADE_OF: Partial<Record<TableName, TableName>> = { product_weeks: 'product_days' }

export const derivedTable = (name: TableName, sample: Sample): string => TABLES[name](sample)

/** Regular prices in cents, from a day on. Without a history, none: the base price then counts. */
function regularPrices(column: string | undefined, prices: string): string {
  if (column === undefined) return "SELECT 0 AS product, 0 AS price, DATE '1970-01-01' AS valid_from WHERE false"
  return `SELECT product, CAST(${column} * 100 AS INTEGER) AS price, CAST(valid_from AS DATE) AS valid_from
  FROM ${prices} JOIN goods USING (product_id)`
}
