/**
 * The same columns and types from DuckDB alone, without a model: ids and codes built in SQL, in the order of a part (day, store,
 * time). What a generator has to beat to be worth running instead of a query.
 */
/** rows of a store and day, at the default density */
export const USUAL = 94

const base = (from, to, stores, dense) => `(SELECT i, i % ${dense} AS n,
  i // ${dense} % ${stores} + 1 AS store, i // ${dense * stores} AS day,
  ${Math.floor(86_400 / dense)} AS apart, hash(i) AS chance
  FROM range(${from}, ${to}) AS t(i))`
const at = `TIMESTAMP '2024-01-01' + to_seconds(day * 86400 + n * apart)`
const id = (kind) =>
  `'${kind}' || strftime(${at}, '%y%m%d') || '-' || lpad(CAST(store AS VARCHAR), 4, '0') || '-' || lpad(CAST(n + 1 AS VARCHAR), 6, '0')`
const product = (products) => `'P' || lpad(CAST(chance % ${products} + 1 AS VARCHAR), 5, '0') AS product_id`
const store = `'S' || lpad(CAST(store AS VARCHAR), 4, '0') AS store_id`

export const lines = (
  from,
  to,
  stores,
  products,
  dense = USUAL,
) => `SELECT ${id('T')} AS transaction_id, ${product(products)},
  ${at} AS "timestamp", CAST(1 + chance // 7 % 3 AS INTEGER) AS quantity,
  CAST((99 + chance // 11 % 20000) / 100.0 AS DECIMAL(10, 2)) AS unit_price, ${store} FROM ${base(from, to, stores, dense)}`

export const movements = (
  from,
  to,
  stores,
  products,
  dense = USUAL,
) => `SELECT ${id('I')} AS inventory_id, ${product(products)},
  ${at} AS "timestamp", CAST(-1 - chance // 7 % 3 AS INTEGER) AS quantity_change, ${store} FROM ${base(from, to, stores, dense)}`
