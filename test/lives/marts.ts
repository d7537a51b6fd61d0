import { DuckDBInstance } from '@duckdb/node-api'

/** What dbt makes of raw, in plain SQL: a life has no Python, and publishes by the same code. */
const STATEMENTS = [
  `CREATE OR REPLACE VIEW staging.stg_product AS
     SELECT product_id, name AS product_name, category, base_price, supplier_id FROM raw.product`,
  `CREATE OR REPLACE VIEW staging.stg_store AS SELECT store_id, location, split_part(location, ', ', 1) AS city,
     split_part(location, ', ', 2) AS state, size AS store_size, manager FROM raw.store`,
  `CREATE OR REPLACE VIEW staging.stg_transactions AS SELECT *, CAST("timestamp" AS DATE) AS event_date,
     CAST(quantity * unit_price AS DECIMAL(18, 2)) AS revenue FROM raw.transactions`,
  `CREATE OR REPLACE VIEW staging.stg_inventories AS SELECT *, CAST("timestamp" AS DATE) AS event_date FROM raw.inventories`,
  'CREATE OR REPLACE TABLE marts.dim_product AS FROM staging.stg_product',
  'CREATE OR REPLACE TABLE marts.dim_store AS FROM staging.stg_store',
  `CREATE OR REPLACE TABLE marts.daily_sales AS SELECT event_date AS day, store_id, category,
     CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue, CAST(sum(quantity) AS BIGINT) AS units, count(*) AS lines
     FROM staging.stg_transactions JOIN staging.stg_product USING (product_id) GROUP BY ALL`,
  `CREATE OR REPLACE TABLE marts.monthly_sales AS SELECT CAST(date_trunc('month', day) AS DATE) AS month, location, state, category,
     CAST(sum(revenue) AS DECIMAL(18, 2)) AS revenue, CAST(sum(units) AS BIGINT) AS units, CAST(sum(lines) AS BIGINT) AS lines
     FROM marts.daily_sales JOIN marts.dim_store USING (store_id) GROUP BY ALL`,
  `CREATE OR REPLACE TABLE marts.stock_on_hand AS SELECT store_id, product_id, CAST(sum(quantity_change) AS BIGINT) AS on_hand,
     max("timestamp") AS last_moved_at FROM staging.stg_inventories GROUP BY ALL`,
  `CREATE OR REPLACE TABLE marts.stock_levels AS SELECT location, state, category, count(*) AS stocked_items,
     CAST(sum(on_hand) AS BIGINT) AS on_hand, CAST(count(*) FILTER (on_hand <= 0) AS BIGINT) AS out_of_stock
     FROM marts.stock_on_hand JOIN marts.dim_store USING (store_id) JOIN marts.dim_product USING (product_id) GROUP BY ALL`,
  `CREATE OR REPLACE TABLE marts.monthly_inventory AS SELECT CAST(date_trunc('month', event_date) AS DATE) AS month, location,
     CAST(sum(quantity_change) AS BIGINT) AS quantity_change, count(*) AS movements
     FROM staging.stg_inventories JOIN staging.stg_store USING (store_id) GROUP BY ALL`,
  `CREATE OR REPLACE VIEW marts.mv_retail_transactions AS SELECT sale.*, product.* EXCLUDE (product_id), store.* EXCLUDE (store_id)
     FROM staging.stg_transactions AS sale JOIN staging.stg_product AS product USING (product_id)
     JOIN staging.stg_store AS store USING (store_id)`,
]

export async function buildMarts(database: string): Promise<void> {
  const instance = await DuckDBInstance.create(database, { threads: '1' })
  const connection = await instance.connect()
  try {
    for (const statement of STATEMENTS) await connection.run(statement)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
