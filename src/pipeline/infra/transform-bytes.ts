import type { Config } from '../../config/schema.ts'
import { carriedOf, rowsOfDay, shapeOf } from '../estimate.ts'
import { transformReads } from './transform-reads.ts'

/** BigQuery bills at least this much for each table that a query names ("Estimate and control costs"). */
const LEAST = 10 * 2 ** 20
const LOCATIONS = 200
const CATEGORIES = 5
const DAYS_A_MONTH = 30.4

/** Bytes of a value of each column ("Data type sizes"): a text has 2 bytes more than characters. */
const WIDTHS: Record<string, number> = {
  ...{
    transaction_id: 21,
    inventory_id: 21,
    product_id: 8,
    store_id: 7,
    timestamp: 8,
    event_date: 8,
    basket_id: 21,
    customer_id: 9,
  },
  ...{ quantity: 8, quantity_change: 8, unit_price: 16, revenue: 16, movement_type: 8, reference_id: 21 },
  ...{ name: 20, product_name: 20, category: 10, base_price: 16, supplier_id: 8 },
  ...{ location: 16, city: 12, state: 4, size: 8, store_size: 8, manager: 16 },
  ...{ day: 8, month: 8, units: 8, lines: 8, movements: 8, on_hand: 8, last_moved_at: 8 },
  ...{ stocked_items: 8, out_of_stock: 8, history: 8, live: 8, job: 48 },
}

/** Bytes billed for one transform of an hour's events: the columns and partitions that its statements read. */
export const transformBytes = (config: Sized, days: number): number =>
  Math.round(bytesOfReads(config, days).reduce((sum, { bytes }) => sum + bytes, 0))

type Sized = Pick<Config, 'world' | 'history' | 'parquet'>

/** The same for each table that a statement names, in the middle of a month. `days`: of history. */
export function bytesOfReads(config: Sized, days: number) {
  const shape = shapeOf(config)
  const day = rowsOfDay(shape)
  const locations = Math.min(shape.stores, LOCATIONS)
  const months = Math.ceil(days / DAYS_A_MONTH)
  const daily = shape.stores * CATEGORIES
  const rows: Record<string, number> = {
    transactions: day.transactions,
    stg_transactions: day.transactions,
    inventories: day.inventories,
    stg_inventories: day.inventories,
    daily_sales: daily,
    product: shape.products,
    stg_product: shape.products,
    dim_product: shape.products,
    store: shape.stores,
    stg_store: shape.stores,
    dim_store: shape.stores,
    monthly_sales: locations * CATEGORIES * months,
    // One month: every statement names those that changed.
    monthly_product_sales: locations * shape.products,
    monthly_inventory: locations * months,
    stock_on_hand: shape.stores * carriedOf(shape),
    monthly_stock: daily * months,
    stock_levels: locations * CATEGORIES,
    published: 1,
    // A view of no table.
    time_spine: 0,
  }
  return transformReads.map(({ job, table, of, columns }) => {
    const name = table.slice(table.indexOf('.') + 1)
    const width = columns.reduce((bytes, column) => bytes + WIDTHS[column], 0)
    const partitions = name === 'daily_sales' && of === 'month' ? DAYS_A_MONTH / 2 : 1
    return { job, table, bytes: rows[name] === 0 ? 0 : Math.max(LEAST, width * rows[name] * partitions) }
  })
}
