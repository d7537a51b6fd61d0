/** The types our columns have; each maps to one type of Parquet, DuckDB, BigQuery and dbt (see the emitters beside this file). */
export type ColumnType = 'string' | 'int' | 'money' | 'timestamp'

export interface Column {
  type: ColumnType
  /** What the value is and how it is formed; becomes the description in dbt and BigQuery. */
  about: string
  key?: true
  references?: TableName
  /** The table is partitioned by this column's day. */
  partition?: 'day'
  cluster?: true
  /** Only with `schema: extended`. */
  extended?: true
}

export type TableName = 'product' | 'store' | 'transactions' | 'inventories'

export interface Table<
  Columns extends Record<string, Column> = Record<string, Column>,
  Name extends TableName = TableName,
> {
  name: Name
  about: string
  columns: Columns
}

export function defineTable<const Columns extends Record<string, Column>, const Name extends TableName>(
  name: Name,
  about: string,
  columns: Columns,
): Table<Columns, Name> {
  return { name, about, columns }
}

type ValueOf<T extends ColumnType> = T extends 'string' ? string : number

/** A row as plain values: money in integer cents, time in UTC seconds. */
export type RowOf<T extends Table> = { [K in keyof T['columns']]: ValueOf<T['columns'][K]['type']> }

export type WorldSchema = 'strict' | 'extended'

/** The columns of a table in order, for one schema of the world. */
export function columnsOf(table: Table, schema: WorldSchema): [string, Column][] {
  return Object.entries(table.columns).filter(([, column]) => schema === 'extended' || !column.extended)
}
