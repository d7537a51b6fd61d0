const first = (mart: string, column: string) => `${column} = (SELECT MIN(${column}) FROM marts.${mart})`

/** One wrong cell in each mart that verify recomputes, in words that DuckDB and BigQuery share. */
export const WRONG_CELLS: Readonly<Record<string, string>> = {
  daily_sales: `UPDATE marts.daily_sales SET units = units + 1 WHERE day = DATE '2024-01-05' AND store_id = 'S0001' AND category = 'Clothing'`,
  dim_product: `UPDATE marts.dim_product SET base_price = base_price + 1 WHERE ${first('dim_product', 'product_id')}`,
  dim_store: `UPDATE marts.dim_store SET state = 'XX' WHERE ${first('dim_store', 'store_id')}`,
  monthly_inventory: `UPDATE marts.monthly_inventory SET movements = movements + 1 WHERE ${first('monthly_inventory', 'location')} AND month = DATE '2024-01-01'`,
  monthly_sales: `UPDATE marts.monthly_sales SET revenue = revenue + 0.01 WHERE ${first('monthly_sales', 'location')} AND month = DATE '2024-01-01' AND category = 'Clothing'`,
  monthly_product_sales: `UPDATE marts.monthly_product_sales SET units = units + 1 WHERE ${first('monthly_product_sales', 'location')} AND month = DATE '2024-01-01' AND product_id = (SELECT MIN(product_id) FROM marts.monthly_product_sales WHERE ${first('monthly_product_sales', 'location')} AND month = DATE '2024-01-01')`,
  monthly_stock: `UPDATE marts.monthly_stock SET out_of_stock = out_of_stock + 1 WHERE ${first('monthly_stock', 'store_id')} AND month = DATE '2024-01-01' AND category = 'Clothing'`,
  stock_levels: `UPDATE marts.stock_levels SET out_of_stock = out_of_stock + 1 WHERE ${first('stock_levels', 'location')} AND category = 'Clothing'`,
  stock_on_hand: `UPDATE marts.stock_on_hand SET on_hand = on_hand + 1 WHERE ${first('stock_on_hand', 'store_id')} AND product_id = (SELECT MIN(product_id) FROM marts.stock_on_hand WHERE ${first('stock_on_hand', 'store_id')})`,
}
