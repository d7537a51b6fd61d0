import {
  byDimension,
  columnsOf,
  type DimensionName,
  dimensions,
  factColumns,
  facts,
  keyOf,
  tables,
} from '../../tables/index.ts'
import { sameSums } from '../../truth/checksum.ts'
import { dimensionSums, dimensionValues } from '../../truth/dimensions.ts'
import { dollars, type PlainRow } from '../../truth/rows.ts'
import { instant, type SumRow, sumsBy, sumsOf } from '../../truth/sql.ts'
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

export async function checkKeys({ reader, raw, cut, world }: VerifyContext): Promise<Finding> {
  const { dialect } = reader
  const differences: Found[] = []
  let compared = 0
  for (const { name: table } of facts) {
    for (const [column, reference] of factColumns(tables[table], world.schema)) {
      if (!('references' in reference)) continue
      const { references: dimension } = reference
      const key = keyOf(tables[dimension])
      const sql = `
SELECT used.${column} AS id, known.${key} AS resolved FROM (SELECT DISTINCT ${column} FROM ${raw[table]} WHERE ${dialect.column('timestamp')} < ${instant(dialect, cut.raw)}) AS used
LEFT JOIN ${dialect.relation('raw', dimension)} AS known ON known.${key} = used.${column}`
      const rows = await reader.query<{ id: string; resolved: string | null }>(sql)
      compared += rows.length
      for (const { id, resolved } of rows)
        if (resolved === null)
          differences.push({
            check: 'keys',
            kind: 'unexpected',
            table,
            column,
            id,
            found: `this ${dimension} does not exist`,
          })
    }
  }
  return { compared, differences }
}
