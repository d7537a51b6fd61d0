import { type Cell, type ColumnType, type FactColumn, TYPE_OF } from './column.ts'

export type { ColumnType } from './column.ts'

export interface Column {
  type: ColumnType
  /** Meaning and format of the value; becomes the description in dbt and BigQuery. */
  about: string
  key?: true
  references?: string
  /** The table is partitioned by this column's day. */
  partition?: 'day'
  cluster?: true
  /** Only with `schema: extended`. */
  extended?: true
  /** A row may have no value. */
  optional?: true
}

export interface Table<Columns extends Record<string, Column> = Record<string, Column>, Name extends string = string> {
  name: Name
  about: string
  columns: Columns
  /** The table exists only with `schema: extended`. */
  extended?: true
}

/**
 * A table that facts refer to. Its members are numbered from 1; their key is the letter and the number, with at least
 * this many digits.
 */
export interface Dimension<
  Columns extends Record<string, Column> = Record<string, Column>,
  Name extends string = string,
> extends Table<Columns, Name> {
  letter: string
  digits: number
}

export const defineDimension = <const Columns extends Record<string, Column>, const Name extends string>(
  dimension: Dimension<Columns, Name>,
): Dimension<Columns, Name> => dimension

type ValueOf<T extends ColumnType> = T extends 'string' ? string : number

/** A row as plain values: money in integer cents, time in UTC seconds. */
export type RowOf<T extends Table> = { [K in keyof T['columns']]: ValueOf<T['columns'][K]['type']> }

/** A plain row of any table. */
export type Row = Record<string, string | number>

export type WorldSchema = 'strict' | 'extended'

/** The column that identifies a row. */
export const keyOf = (table: Table): string => Object.entries(table.columns).find(([, { key }]) => key)![0]

/** The columns of a table in order, for one schema of the world. */
export function columnsOf(table: Table, schema: WorldSchema): [string, Column][] {
  return Object.entries(table.columns).filter(([, column]) => schema === 'extended' || !column.extended)
}

/** Whether worlds of this schema have the table. */
export const isIn = (schema: WorldSchema, { extended }: Pick<Table, 'extended'>): boolean =>
  schema === 'extended' || !extended

export interface Fact<
  Columns extends Record<string, FactColumn> = Record<string, FactColumn>,
  Name extends string = string,
> {
  name: Name
  about: string
  columns: { [K in keyof Columns]: Columns[K] & { type: ColumnType } }
}

export function defineFact<const Columns extends Record<string, FactColumn>, const Name extends string>(fact: {
  name: Name
  about: string
  columns: Columns
}): Fact<Columns, Name> {
  const columns = Object.fromEntries(
    Object.entries(fact.columns).map(([name, column]) => [name, { ...column, type: TYPE_OF[column.kind] }]),
  )
  return { ...fact, columns } as unknown as Fact<Columns, Name>
}

/** The columns of a fact in order, for one schema of the world. */
export const factColumns = (fact: Fact, schema: WorldSchema): [string, FactColumn & { type: ColumnType }][] =>
  Object.entries(fact.columns).filter(([, column]) => schema === 'extended' || !column.extended)

/** The cells of a fact's rows, for one schema of the world; two columns may use the same cell. */
export function cellsOf(fact: Fact, schema: WorldSchema): Cell[] {
  const cells = Object.values(fact.columns).flatMap((column): readonly Cell[] => column.cells)
  const byName = new Map(cells.map((cell) => [cell.name, cell]))
  return [...byName.values()].filter(({ extended }) => schema === 'extended' || !extended)
}
