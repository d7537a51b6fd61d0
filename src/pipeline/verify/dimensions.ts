import { type ColumnType, columnsOf, type DimensionName, dimensionsOf, keyOf, tables } from '../../tables/index.ts'
import { sameSums } from '../../truth/checksum.ts'
import { dimensionSums, dimensionValues } from '../../truth/dimensions.ts'
import { dollars, type PlainRow, plainSecond } from '../../truth/rows.ts'
import { type SumRow, sumsBy, sumsOf } from '../../truth/sql.ts'
import { rowsOf } from '../../world/dimensions.ts'
import type { World } from '../../world/world.ts'
import type { Finding, VerifyContext } from './check.ts'
import { compareRows } from './compare-rows.ts'
import type { Found } from './sentences.ts'

/** The expected content of the dimensions, as text; each is made when something asks for it. */
export function dimensionRows(world: World): VerifyContext['dimensions'] {
  const made = new Map<DimensionName, PlainRow[]>()
  return (name) => {
    let rows = made.get(name)
    if (!rows) made.set(name, (rows = plainRows(world, name)))
    return rows
  }
}

function plainRows(world: World, name: DimensionName): PlainRow[] {
  const columns = columnsOf(tables[name], world.schema)
  return rowsOf(world, name).map((row) =>
    Object.fromEntries(columns.map(([column, { type }]) => [column, plain(type, row[column])])),
  )
}

function plain(type: ColumnType, value: string | number): string {
  if (type === 'money') return dollars(Number(value))
  return type === 'timestamp' ? plainSecond(Number(value)) : String(value)
}

export async function checkDimensions({ reader, world, dimensions: expected }: VerifyContext): Promise<Finding> {
  const differences: Found[] = []
  let compared = 0
  for (const { name: table } of dimensionsOf(world.schema)) {
    const { dialect } = reader
    const values = dimensionValues(table, world.schema, dialect)
    const [sums] = await reader.query<SumRow>(sumsBy('0', values, dialect.relation('raw', table), 'true', dialect))
    compared += world.counts[table]
    if (sameSums(sumsOf(sums), dimensionSums(world, table))) continue
    const columns = columnsOf(tables[table], world.schema)
    const select = columns
      .map(([name, { type }]) => `${dialect.text(dialect.column(name), type)} AS ${dialect.column(name)}`)
      .join(', ')
    const found = (await reader.query(
      `SELECT ${select} FROM ${dialect.relation('raw', table)} ORDER BY 1`,
    )) as PlainRow[]
    for (const difference of compareRows('transactions', keyOf(tables[table]), '', '', expected(table), found)) {
      const { day: _day, store: _store, ...rest } = difference
      differences.push({ ...rest, check: 'dimensions', table })
    }
  }
  return { compared, differences }
}
