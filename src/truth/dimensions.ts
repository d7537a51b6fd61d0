import { createHash } from 'node:crypto'
import type { Dialect } from '../ports/index.ts'
import { type ColumnType, columnsOf, type DimensionName, type Row, tables, type WorldSchema } from '../tables/index.ts'
import { rowsOf } from '../world/dimensions.ts'
import type { World } from '../world/world.ts'
import { rowSums, type TotalSums } from './checksum.ts'

/** The integers of a cell in two forms: as SQL, and as TypeScript values. */
interface CellIntegers {
  sql: (column: string, dialect: Dialect) => string[]
  js: (value: Row[string]) => number[]
}

const INTEGERS: Record<ColumnType, CellIntegers> = {
  string: { sql: (column, { hash }) => [hash(column)], js: (text) => [hashOf(String(text))] },
  int: { sql: (column) => [column], js: (value) => [Number(value)] },
  money: { sql: (column, { whole }) => [whole(`${column} * 100`)], js: (cents) => [Number(cents)] },
  timestamp: {
    sql: (column, { seconds, microseconds }) => [seconds(column), microseconds(column)],
    js: (second) => [Number(second), 0],
  },
}

const hashOf = (text: string): number => Number.parseInt(createHash('md5').update(text).digest('hex').slice(0, 7), 16)

/** The integers of a row of a dimension, as SQL. */
export const dimensionValues = (name: DimensionName, schema: WorldSchema, dialect: Dialect): string[] =>
  columnsOf(tables[name], schema).flatMap(([column, { type }]) => INTEGERS[type].sql(dialect.column(column), dialect))

/** Count and checksums of all rows of a dimension. */
export function dimensionSums(world: World, name: DimensionName): TotalSums {
  const columns = columnsOf(tables[name], world.schema)
  const sums: TotalSums = { rows: 0n, a: 0n, b: 0n }
  for (const row of rowsOf(world, name)) {
    const [a, b] = rowSums(columns.flatMap(([column, { type }]) => INTEGERS[type].js(row[column])))
    sums.rows++
    sums.a += BigInt(a)
    sums.b += BigInt(b)
  }
  return sums
}
