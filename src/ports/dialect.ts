import type { ColumnType } from '../tables/index.ts'
import type { RelationDialect } from './relation.ts'

/** The three layers of a warehouse. The adapter decides how its database names them. */
export type Layer = 'raw' | 'staging' | 'marts'

/** How a warehouse writes what databases write differently; the rest of our SQL means the same in all of them. */
export interface Dialect {
  /** A table or view of a layer, as a statement names it. */
  relation(layer: Layer, table: string): string
  /** A column whose name is also a keyword. */
  column(name: string): string
  /** A bound parameter. */
  parameter(name: string): string
  /**
   * A relation that may contain a row more than once, as a relation that has each row once, of those that meet a
   * condition. It may have others, too: the condition is there so that few rows are compared.
   */
  once(relation: string, where: string): string
  /** A cell in the form of `plainRows`. */
  text(cell: string, type: ColumnType): string
  /** Seconds since 1970 of a timestamp, and the remaining microseconds. */
  seconds(cell: string): string
  microseconds(cell: string): string
  /** A number as a 64-bit integer. */
  whole(value: string): string
  /** The integer of a text or a double, NULL if it is not an integer. */
  integer(text: string): string
  /** The sum of the squares of integers below `modulus`, mod `modulus`. */
  sumOfSquares(cell: string, modulus: number): string
  /** A literal: `2024-03-09 21:00:00` in UTC. */
  instant(second: string): string
  /** Whether a text matches a pattern, written in the syntax that all databases share. */
  matches(text: string, pattern: string): string
  /** Conversions of cells that may hold anything. */
  conversions: RelationDialect
  /** The first seven hexadecimal digits of a text's MD5, as an integer. */
  hash(cell: string): string
}
