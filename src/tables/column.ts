import type { DimensionName } from './dimensions.ts'

/**
 * The types of our columns; each maps to one type of Parquet, DuckDB, BigQuery, and dbt (see the emitters beside this
 * file).
 */
export type ColumnType = 'string' | 'int' | 'money' | 'timestamp'

/** The in-memory form of a fact's rows: one typed array per cell; row i of all arrays is row i. */
export interface ArrayOf {
  u8: Uint8Array
  u16: Uint16Array
  i32: Int32Array
}
export type ArrayName = keyof ArrayOf

/** `extended`: the array is empty in a strict world. */
export interface Cell<Name extends string = string, Array extends ArrayName = ArrayName> {
  name: Name
  array: Array
  extended?: boolean
}
const cell =
  <const A extends ArrayName>(array: A) =>
  <const N extends string>(name: N, extended = false): Cell<N, A> => ({ name, array, extended })
export const u8 = cell('u8')
export const u16 = cell('u16')
export const i32 = cell('i32')

interface Common {
  /** Meaning and format of the value; becomes the description in dbt and BigQuery. */
  about: string
  /** Only with `schema: extended`. */
  extended?: true
  cluster?: true
  /** A row may have no value: NULL, or an empty field of CSV. */
  optional?: true
}
type None = readonly []
type One = readonly [Cell]

/**
 * Every kind of fact column. A kind defines how a stored code becomes a value. Each consumer (Parquet, text, plain
 * rows, checksums in TypeScript and in SQL) has a table with one entry per kind, so a kind without an entry does not
 * compile.
 */
export interface Kinds {
  /** Letter, UTC day, store, and the row's consecutive number within both: nothing is stored. */
  rowId: { cells: None; key: true; letter: string }
  /** The same for another row of that store and day, whose number is stored. */
  siblingId: { cells: One; letter: string }
  /** A member of a dimension, stored as its number − 1. */
  member: { cells: One; references: DimensionName }
  /** A member of a dimension, stored as its number; 0 is nobody, a row without a value. */
  optionalMember: { cells: One; references: DimensionName; optional: true }
  /** The member that all rows of a span share. */
  spanMember: { cells: None; references: 'store' }
  /** Second of the span's UTC day. */
  instant: { cells: One; partition: 'day' }
  /** An integer, stored unchanged; `usual` lists the values worth a table of texts. */
  whole: { cells: One; least: number; most: number; usual: readonly [number, number] }
  /** Index in the world's list of prices. */
  money: { cells: One; list: 'prices' }
  /** One of a few names, in alphabetical order. */
  choice: { cells: One; names: readonly string[] }
  /**
   * Day and number of the row's cause; the letter follows from the code in another cell. Causes in `numbered` are rows,
   * the others are days.
   */
  cause: { cells: readonly [day: Cell, number: Cell]; by: string; letters: readonly string[]; numbered: string }
}
export type Kind = keyof Kinds
export type ColumnOf<K extends Kind> = { [P in K]: { kind: P } & Common & Kinds[P] }[K]
export type FactColumn = ColumnOf<Kind>

export const TYPE_OF = {
  rowId: 'string',
  siblingId: 'string',
  member: 'string',
  optionalMember: 'string',
  spanMember: 'string',
  instant: 'timestamp',
  whole: 'int',
  money: 'money',
  choice: 'string',
  cause: 'string',
} as const satisfies Record<Kind, ColumnType>

/** The columns of a batch that belong to a fact: one array per cell, and the number of rows in use. */
export type RowsOf<Columns extends Record<string, FactColumn>> = { n: number } & {
  [C in Columns[keyof Columns]['cells'][number] as C['name']]: ArrayOf[C['array']]
}

/** One row from the simulator: a number for each cell of every column, so that a forgotten one does not compile. */
export type ValuesOf<Columns extends Record<string, FactColumn>> = {
  [C in Columns[keyof Columns]['cells'][number] as C['name']]: number
}

/** A consumer of columns: one entry per kind. */
export type ByKind<Args extends unknown[], Result> = {
  [K in Kind]: (column: ColumnOf<K>, ...args: Args) => Result
}
export const compile = <Args extends unknown[], Result>(
  table: ByKind<Args, Result>,
  column: FactColumn,
  ...args: Args
): Result => (table[column.kind] as (column: FactColumn, ...args: Args) => Result)(column, ...args)
