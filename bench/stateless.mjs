/**
 * The same columns and types from DuckDB alone, without a model: ids and codes built in SQL, in the order of a part (day, store,
 * time). What a generator has to beat to be worth running instead of a query.
 */
const LINES_PER_STORE_DAY = 94

const base = (from, to, stores) => `(SELECT i, i % ${LINES_PER_STORE_DAY} AS n,
  i // ${LINES_PER_STORE_DAY} % ${stores} + 1 AS store, i // ${LINES_PER_STORE_DAY * stores} AS day, hash(i) AS chance
  FROM range(${from}, ${to}) AS t(i))`
const at = `TIMESTAMP '2024-01-01' + to_seconds(day * 86400 + n * ${Math.floor(86_400 / LINES_PER_STORE_DAY)})`
const id = (kind) =>
  `'${kind}' || strftime(${at}, '%y%m%d') || '-' || lpad(CAST(store AS VARCHAR), 4, '0') || '-' || lpad(CAST(n + 1 AS VARCHAR), 6, '0')`
const product = (products) => `'P' || lpad(CAST(chance % ${products} + 1 AS VARCHAR), 5, '0') AS product_id`
const store = `'S' || lpad(CAST(store AS VARCHAR), 4, '0') AS store_id`

export const lines = (from, to, stores, products) => `SELECT ${id('T')} AS transaction_id, ${product(products)},
  ${at} AS "timestamp", CAST(1 + chance // 7 % 3 AS INTEGER) AS quantity,
  CAST((99 + chance // 11 % 20000) / 100.0 AS DECIMAL(10, 2)) AS unit_price, ${store} FROM ${base(from, to, stores)}`

export const movements = (from, to, stores, products) => `SELECT ${id('I')} AS inventory_id, ${product(products)},
  ${at} AS "timestamp", CAST(-1 - chance // 7 % 3 AS INTEGER) AS quantity_change, ${store} FROM ${base(from, to, stores)}`
