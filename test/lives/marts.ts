import { DuckDBInstance } from '@duckdb/node-api'

/**
 * What dbt makes of raw, in plain SQL: a life has no Python, and publishes by the same code. Like dbt's models, it builds what the build
 * says has changed.
 */
const statementsOf = ({ RETAIL_DAYS = 'all', RETAIL_SINCE = '0' }: Record<string, string>): string[] => [
  `CREATE OR REPLACE VIEW staging.stg_product AS
     SELECT product_id, name AS product_name, category, base_price, supplier_id FROM raw.product`,
  `CREATE OR REPLACE VIEW staging.stg_store AS SELECT store_id, location, split_part(location, ', ', 1) AS city,
     split_part(location, ', ', 2) AS state, size AS store_size, manager FROM raw.store`,
  `CREATE OR REPLACE VIEW staging.stg_transactions AS SELECT *, CAST("timestamp" AS DATE) AS event_date,
     CAST(quantity * unit_price AS DECIMAL(18, 2)) AS revenue FROM raw.transactions`,
  `CREATE OR REPLACE VIEW staging.stg_inventories AS SELECT *, CAST("timestamp" AS DATE) AS event_date FROM raw.inventories`,
  'CREATE OR REPLACE TABLE marts.dim_product AS FROM staging.stg_product',
  'CREATE OR REPLACE TABLE marts.dim_store AS FROM staging.stg_store',
  ...daily(RETAIL_DAYS),
  `CREATE OR REPLACE TABLE marts.monthly_sales AS SELECT CAST(date_trunc('month', day) AS DATE) AS month, location, state, category,
     CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue, CAST(sum(units) AS BIGINT) AS units, CAST(sum(lines) AS BIGINT) AS lines
     FROM marts.daily_sales JOIN marts.dim_store USING (store_id) GROUP BY ALL`,
  `CREATE OR REPLACE TABLE marts.monthly_product_sales AS SELECT CAST(date_trunc('month', event_date) AS DATE) AS month, location, state,
     product_id, category, CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue, CAST(sum(quantity) AS BIGINT) AS units, count(*) AS lines
     FROM staging.stg_transactions JOIN staging.stg_store USING (store_id) JOIN staging.stg_product USING (product_id) GROUP BY ALL`,
  `CREATE OR REPLACE TABLE marts.stock_on_hand AS SELECT store_id, product_id, CAST(sum(quantity_change) AS BIGINT) AS on_hand,
     max("timestamp") AS last_moved_at FROM (${added(
       'stock_on_hand',
       'store_id, product_id, on_hand AS quantity_change, last_moved_at AS "timestamp"',
       'store_id, product_id, quantity_change, "timestamp" FROM staging.stg_inventories',
       RETAIL_DAYS,
       RETAIL_SINCE,
     )}) GROUP BY ALL`,
  `CREATE OR REPLACE TABLE marts.stock_levels AS SELECT location, state, category, count(*) AS stocked_items,
     CAST(sum(on_hand) AS BIGINT) AS on_hand, CAST(count(*) FILTER (on_hand <= 0) AS BIGINT) AS out_of_stock
     FROM marts.stock_on_hand JOIN marts.dim_store USING (store_id) JOIN marts.dim_product USING (product_id) GROUP BY ALL`,
  `CREATE OR REPLACE TABLE marts.monthly_stock AS SELECT month, store_id, category, count(*) AS stocked_items,
     CAST(sum(on_hand) AS BIGINT) AS on_hand, CAST(count(*) FILTER (on_hand <= 0) AS BIGINT) AS out_of_stock,
     CAST(sum(changed) AS BIGINT) AS quantity_change, CAST(sum(movements) AS BIGINT) AS movements
   FROM (SELECT month, store_id, product_id, sum(quantity_change) AS on_hand,
       coalesce(sum(quantity_change) FILTER (event_date >= month), 0) AS changed, count(*) FILTER (event_date >= month) AS movements
     FROM (SELECT DISTINCT CAST(date_trunc('month', event_date) AS DATE) AS month FROM staging.stg_inventories)
     JOIN staging.stg_inventories ON event_date < month + INTERVAL 1 MONTH GROUP BY ALL)
   JOIN marts.dim_product USING (product_id) GROUP BY ALL`,
  `CREATE OR REPLACE TABLE marts.monthly_inventory AS SELECT month, location, CAST(sum(quantity_change) AS BIGINT) AS quantity_change,
     CAST(sum(movements) AS BIGINT) AS movements FROM (${added(
       'monthly_inventory',
       'month, location, quantity_change, movements',
       `CAST(date_trunc('month', event_date) AS DATE) AS month, location, quantity_change, 1 AS movements
        FROM staging.stg_inventories JOIN staging.stg_store USING (store_id)`,
       RETAIL_DAYS,
       RETAIL_SINCE,
     )}) GROUP BY ALL`,
  `CREATE OR REPLACE VIEW marts.mv_retail_transactions AS SELECT sale.*, product.* EXCLUDE (product_id), store.* EXCLUDE (store_id)
     FROM staging.stg_transactions AS sale JOIN staging.stg_product AS product USING (product_id)
     JOIN staging.stg_store AS store USING (store_id)`,
]

function daily(days: string): string[] {
  const select = `SELECT event_date AS day, store_id, category, CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue,
    CAST(sum(quantity) AS BIGINT) AS units, count(*) AS lines FROM staging.stg_transactions JOIN staging.stg_product USING (product_id)`
  if (days === 'all') return [`CREATE OR REPLACE TABLE marts.daily_sales AS ${select} GROUP BY ALL`]
  if (days === '') return []
  const these = `(DATE '${days.split(' ').join("', DATE '")}')`
  return [
    `DELETE FROM marts.daily_sales WHERE day IN ${these}`,
    `INSERT INTO marts.daily_sales ${select} WHERE event_date IN ${these} GROUP BY ALL`,
  ]
}

/** What a mart holds, and the movements since; or all movements, if earlier ones may have changed. */
const added = (mart: string, columns: string, moved: string, days: string, since: string): string =>
  days === 'all' || since === '0'
    ? `SELECT ${moved}`
    : `SELECT ${columns} FROM marts.${mart} UNION ALL SELECT ${moved} WHERE "timestamp" >= make_timestamp(CAST(${since} AS BIGINT) * 1000000)`

/** `env`: of the build. */
export async function buildMarts(env: Record<string, string>): Promise<void> {
  const instance = await DuckDBInstance.create(env.RETAIL_DATABASE, { threads: '1' })
  const connection = await instance.connect()
  try {
    for (const statement of statementsOf(env)) await connection.run(statement)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
