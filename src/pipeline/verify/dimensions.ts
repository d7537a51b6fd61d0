import { byDimension, columnsOf, type DimensionName, dimensions, keyOf, tables } from '../../tables/index.ts'
import { sameSums } from '../../truth/checksum.ts'
import { dimensionSums, dimensionValues } from '../../truth/dimensions.ts'
import { dollars, type PlainRow } from '../../truth/rows.ts'
import { type SumRow, sumsBy, sumsOf } from '../../truth/sql.ts'
import { rowsOf } from '../../world/dimensions.ts'
import type { World } from '../../world/world.ts'
import type { Finding, VerifyContext } from './check.ts'
import { compareRows } from './compare-rows.ts'
import type { Found } from './sentences.ts'

/** The expected content of product and store, as text. */
export const dimensionRows = (world: World): Record<DimensionName, PlainRow[]> =>
  byDimension((name) =>
    rowsOf(world, name).map((row) =>
      Object.fromEntries(
        columnsOf(tables[name], world.schema).map(([column, { type }]) => [
          column,
          type === 'money' ? dollars(Number(row[column])) : String(row[column]),
        ]),
      ),
    ),
  )

export async function checkDimensions({ reader, world, dimensions: expected }: VerifyContext): Promise<Finding> {
  const differences: Found[] = []
  let compared = 0
  for (const { name: table } of dimensions) {
    const { dialect } = reader
    const values = dimensionValues(table, world.schema, dialect)
    const [sums] = await reader.query<SumRow>(sumsBy('0', values, dialect.relation('raw', table), 'true', dialect))
    compared += expected[table].length
    if (sameSums(sumsOf(sums), dimensionSums(world, table))) continue
    const columns = columnsOf(tables[table], world.schema)
    const select = columns
      .map(([name, { type }]) => `${dialect.text(dialect.column(name), type)} AS ${dialect.column(name)}`)
      .join(', ')
    const found = (await reader.query(
      `SELECT ${select} FROM ${dialect.relation('raw', table)} ORDER BY 1`,
    )) as PlainRow[]
    for (const difference of compareRows('transactions', keyOf(tables[table]), '', '', expected[table], found)) {
      const { day: _day, store: _store, ...rest } = difference
      differences.push({ ...rest, check: 'dimensions', table })
    }
  }
  return { compared, differences }
}
