import { defineTable } from './table.ts'

/** The four tables, described once: row types, DDL, Parquet and BigQuery schemas, dbt sources and docs derive from here. */
export const product = defineTable('product', 'What the retailer sells, one row per product', {
  product_id: { type: 'string', key: true, about: 'P and the product number: P00817' },
  name: { type: 'string', about: 'display name' },
  category: { type: 'string', about: 'one of five: Electronics, Clothing, Home, Books, Sports' },
  base_price: { type: 'money', about: 'regular price of one unit, USD' },
  supplier_id: { type: 'string', about: 'SUP and the supplier number; a few suppliers deliver most products' },
})

export const store = defineTable('store', 'Where it sells, one row per store', {
  store_id: { type: 'string', key: true, about: 'S and the store number: S0412' },
  location: { type: 'string', about: 'City, ST' },
  size: { type: 'int', about: 'sales area in square feet' },
  manager: { type: 'string', about: 'full name of the store manager' },
})

export const transactions = defineTable(
  'transactions',
  'Sale lines; the lines of one visit share store and timestamp',
  {
    transaction_id: {
      type: 'string',
      key: true,
      about: 'T, UTC day, store number, dense number within that store and day: T240131-0412-000123',
    },
    product_id: { type: 'string', references: 'product', cluster: true, about: 'the product sold' },
    timestamp: { type: 'timestamp', partition: 'day', about: 'when it was sold, UTC, whole seconds' },
    quantity: { type: 'int', about: 'units sold, at least 1' },
    unit_price: { type: 'money', about: 'price paid for one unit, USD, promotion included' },
    store_id: { type: 'string', references: 'store', about: 'the store that sold it' },
    basket_id: {
      type: 'string',
      extended: true,
      about: 'B, UTC day, store number, number of the first line of the visit',
    },
  },
)

export const inventories = defineTable(
  'inventories',
  'Stock movements; opening + movements = on hand, never negative',
  {
    inventory_id: {
      type: 'string',
      key: true,
      about: 'I, UTC day, store number, dense number within that store and day: I240131-0412-000123',
    },
    product_id: { type: 'string', references: 'product', cluster: true, about: 'the product moved' },
    timestamp: { type: 'timestamp', partition: 'day', about: 'when it moved, UTC, whole seconds' },
    quantity_change: { type: 'int', about: 'units in (positive) or out (negative), never 0' },
    store_id: { type: 'string', references: 'store', about: 'the store whose stock moved' },
    movement_type: { type: 'string', extended: true, about: 'opening, receipt, sale, return or shrink' },
    reference_id: {
      type: 'string',
      extended: true,
      about: 'what caused it: the sale line, the order, or the sale returned',
    },
  },
)

export const tables = { product, store, transactions, inventories } as const
export const dimensions = [product, store] as const
export const facts = [transactions, inventories] as const
/** What files of tables are made as; also the ending of their names. */
export const FILE_FORMATS = ['parquet', 'csv', 'ndjson'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]
export type FactName = (typeof facts)[number]['name']
export type DimensionName = (typeof dimensions)[number]['name']

export {
  type Column,
  type ColumnType,
  columnsOf,
  type RowOf,
  type Table,
  type TableName,
  type WorldSchema,
} from './table.ts'
