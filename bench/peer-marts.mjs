import { readdirSync } from 'node:fs'
import path from 'node:path'
import { openDuckdb } from './tool.mjs'

/** The five large marts of a lake in plain SQL, without tests: `node peer-marts.mjs LAKE FILE`. */
const [lake, file] = process.argv.slice(2)
const filesOf = (table) =>
  readdirSync(path.join(lake, table), { recursive: true })
    .filter((name) => name.endsWith('.parquet'))
    .map((name) => `'${path.join(lake, table, name)}'`)
const read = (table) => `read_parquet([${filesOf(table)}], hive_partitioning = false)`

const database = await openDuckdb(file)
await database.run('SET threads = 2')
await database.run('SET preserve_insertion_order = false')
await database.run(`CREATE OR REPLACE TABLE daily_sales AS
  SELECT CAST("timestamp" AS DATE) AS day, store_id, category, CAST(sum(quantity * unit_price) AS DECIMAL(18, 2)) AS revenue,
    CAST(sum(quantity) AS BIGINT) AS units, count(*) AS lines
  FROM ${read('transactions')} JOIN '${lake}/product/product.parquet' USING (product_id) GROUP BY ALL`)
await database.run(`CREATE OR REPLACE TABLE stock_on_hand AS
  SELECT store_id, product_id, CAST(sum(quantity_change) AS BIGINT) AS on_hand, max("timestamp") AS last_moved_at
  FROM ${read('inventories')} GROUP BY ALL`)
await database.run(`CREATE OR REPLACE TABLE monthly_stock AS
  WITH moved AS (SELECT store_id, product_id, year("timestamp") * 12 + month("timestamp") - 1 AS month_number,
      sum(quantity_change) AS quantity_change, count(*) AS movements
    FROM ${read('inventories')} GROUP BY ALL),
  items AS (SELECT *, sum(quantity_change) OVER w AS on_hand, row_number() OVER w = 1 AS is_new
    FROM moved WINDOW w AS (PARTITION BY store_id, product_id ORDER BY month_number)),
  steps AS (SELECT store_id, category, month_number, count(*) FILTER (is_new) AS stocked_items, sum(quantity_change) AS on_hand,
      count(*) FILTER (on_hand <= 0) - count(*) FILTER (NOT is_new AND on_hand - quantity_change <= 0) AS out_of_stock,
      sum(movements) AS movements
    FROM items JOIN '${lake}/product/product.parquet' USING (product_id) GROUP BY ALL)
  SELECT make_date(months.month_number // 12, months.month_number % 12 + 1, 1) AS month, store_id, category,
    CAST(sum(stocked_items) AS BIGINT) AS stocked_items, CAST(sum(on_hand) AS BIGINT) AS on_hand,
    CAST(sum(out_of_stock) AS BIGINT) AS out_of_stock,
    CAST(coalesce(sum(on_hand) FILTER (steps.month_number = months.month_number), 0) AS BIGINT) AS quantity_change,
    CAST(coalesce(sum(movements) FILTER (steps.month_number = months.month_number), 0) AS BIGINT) AS movements
  FROM steps JOIN (SELECT DISTINCT month_number FROM steps) AS months ON months.month_number >= steps.month_number GROUP BY ALL`)
await database.run(`CREATE OR REPLACE TABLE monthly_inventory AS
  SELECT month, location, CAST(sum(quantity_change) AS BIGINT) AS quantity_change, CAST(sum(movements) AS BIGINT) AS movements
  FROM monthly_stock JOIN '${lake}/store/store.parquet' USING (store_id) GROUP BY ALL HAVING sum(movements) > 0`)
await database.run(`CREATE OR REPLACE TABLE monthly_product_sales AS
  WITH sold AS (SELECT year("timestamp") * 12 + month("timestamp") - 1 AS month_number, store_id, product_id,
      sum(quantity * unit_price) AS revenue, sum(quantity) AS units, count(*) AS lines
    FROM ${read('transactions')} GROUP BY ALL)
  SELECT make_date(month_number // 12, month_number % 12 + 1, 1) AS month, location, product_id, category,
    CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue, CAST(sum(units) AS BIGINT) AS units, CAST(sum(lines) AS BIGINT) AS lines
  FROM sold JOIN '${lake}/store/store.parquet' USING (store_id) JOIN '${lake}/product/product.parquet' USING (product_id)
  GROUP BY ALL`)
const [{ n }] = await database.rows('SELECT CAST(sum(lines) AS DOUBLE) AS n FROM daily_sales')
await database.run('CHECKPOINT')
database.close()
process.stdout.write(`${JSON.stringify({ lines: n })}\n`)
