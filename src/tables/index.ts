import type { RowsOf, ValuesOf } from './column.ts'
import { customer } from './customer.ts'
import { type DimensionName, dimensions } from './dimensions.ts'
import { inventories } from './inventories.ts'
import { priceHistory } from './price-history.ts'
import { product } from './product.ts'
import { store } from './store.ts'
import { isIn, type Table, type WorldSchema } from './table.ts'
import { transactions } from './transactions.ts'

/**
 * Every table is described once, in a file of its own: row types, DDL, files, events, schemas, checksums, and docs
 * derive from here.
 */
export const tables = {
  product,
  store,
  customer,
  price_history: priceHistory,
  transactions,
  inventories,
} as const
export const facts = [transactions, inventories] as const
/** The file formats of tables; each is also the extension of its files. */
export const FILE_FORMATS = ['parquet', 'csv', 'ndjson'] as const
export type FileFormat = (typeof FILE_FORMATS)[number]
export type FactName = (typeof facts)[number]['name']
export type TableName = FactName | DimensionName

/** The place of a fact in `facts`. */
export const indexOfFact = (name: FactName): number => facts.findIndex((fact) => fact.name === name)

type ColumnsOf<F extends FactName> = Extract<(typeof facts)[number], { name: F }>['columns']
/** The rows of a fact in memory: one array per cell, and the number of rows in use. */
export type FactRows<F extends FactName> = RowsOf<ColumnsOf<F>>
/** One row of it. */
export type FactValues<F extends FactName> = ValuesOf<ColumnsOf<F>>

/** The dimensions of worlds of one schema. */
export const dimensionsOf = (schema: WorldSchema): (typeof dimensions)[number][] =>
  dimensions.filter((table) => isIn(schema, table))
/** All tables of worlds of one schema. */
export const tablesOf = (schema: WorldSchema): (typeof tables)[TableName][] =>
  Object.values(tables).filter((table) => isIn(schema, table as Table))

/** A value per fact. */
export const byFact = <T>(of: (name: FactName) => T): Record<FactName, T> =>
  Object.fromEntries(facts.map(({ name }) => [name, of(name)])) as Record<FactName, T>
/** A value per dimension. */
export const byDimension = <T>(of: (name: DimensionName) => T): Record<DimensionName, T> =>
  Object.fromEntries(dimensions.map(({ name }) => [name, of(name)])) as Record<DimensionName, T>
/** The sum of a number per fact. */
export const sumOfFacts = (numbers: Record<FactName, number>): number =>
  facts.reduce((sum, { name }) => sum + numbers[name], 0)

export {
  type ArrayName,
  type ArrayOf,
  type ByKind,
  type ColumnOf,
  type ColumnType,
  compile,
  type FactColumn,
  type Kind,
} from './column.ts'
export { customer } from './customer.ts'
export { type DimensionName, dimensions } from './dimensions.ts'
export { Movement } from './inventories.ts'
export { priceHistory } from './price-history.ts'
export { product } from './product.ts'
export { store } from './store.ts'
export {
  type Column,
  cellsOf,
  columnsOf,
  type Fact,
  factColumns,
  keyOf,
  type Row,
  type RowOf,
  type Table,
  type WorldSchema,
} from './table.ts'
