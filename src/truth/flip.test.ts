import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileOf, openParquetReader, type ParquetReader } from '../../test/parquet.ts'
import { rowsOfDays, shopWorld } from '../../test/worlds.ts'
import { bigqueryDialect } from '../adapters/gcp/bigquery-dialect.ts'
import { duckdbDialect } from '../adapters/local/duckdb-dialect.ts'
import { writeRows } from '../encode/rows.ts'
import type { Dialect } from '../ports/index.ts'
import {
  type ColumnType,
  columnsOf,
  type DimensionName,
  dimensions,
  facts,
  type TableName,
  tables,
  tablesOf,
} from '../tables/index.ts'
import { rowsOf } from '../world/dimensions.ts'
import type { World } from '../world/world.ts'
import { sameSums } from './checksum.ts'
import { dimensionSums, dimensionValues } from './dimensions.ts'
import { factSums, type SumRow, sumsBy, sumsOf } from './sql.ts'

let reader: ParquetReader
beforeAll(async () => {
  reader = await openParquetReader()
  for (const macro of BIGQUERY_IN_DUCKDB) await reader.database.run(`CREATE MACRO ${macro}`)
})
afterAll(() => reader[Symbol.asyncDispose]())

const dialects: Record<string, Dialect> = {
  duckdb: duckdbDialect,
  bigquery: bigqueryDialect('a-shop', { raw: 'retail_raw', staging: 'retail_staging', marts: 'retail_marts' }),
}

/** What BigQuery's dialect calls, so that DuckDB runs its statements, too: the same words with the same meaning. */
const BIGQUERY_IN_DUCKDB = [
  'UNIX_SECONDS(t) AS epoch_us(t) // 1000000',
  'UNIX_MICROS(t) AS epoch_us(t)',
  'TO_HEX(digits) AS digits',
]
const asDuckdb = (sql: string): string =>
  sql.replaceAll('SAFE_CAST', 'TRY_CAST').replaceAll('INT64', 'BIGINT').replaceAll('`', '"')

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'
/** Another value of a type, as SQL: one letter or digit of a text is another one, a number or an instant is moved. */
const flipped: Record<ColumnType, (column: string, at: number, by: number) => string> = {
  string: (column, at, by) => {
    const place = `(1 + ${at} % length(${column}))`
    const letter = `substr(${column}, ${place}, 1)`
    const others = `replace('${LETTERS}', upper(${letter}), '')`
    const other = `substr(${others}, 1 + ${by} % length(${others}), 1)`
    return `substr(${column}, 1, ${place} - 1) || ${other} || substr(${column}, ${place} + 1)`
  },
  int: (column, at, by) => `${column} + ${at % 2 === 0 ? by : -by}`,
  money: (column, at, by) => `CAST(${column} + ${at % 2 === 0 ? by : -by} * 0.01 AS DECIMAL(10,2))`,
  timestamp: (column, at, by) => `${column} + INTERVAL ${by} ${at % 2 === 0 ? 'SECOND' : 'MICROSECOND'}`,
}

/** The checksum of a relation that holds a table, as `verify` asks for it. */
function sumsSql(world: World, table: TableName, relation: string, dialect: Dialect): string {
  const fact = facts.find(({ name }) => name === table)
  if (fact) return factSums('all', fact.name, world.schema, world.ids, relation, 'true', dialect)
  return sumsBy("'all'", dimensionValues(table as DimensionName, world.schema, dialect), relation, 'true', dialect)
}

async function fileOfTable(world: World, table: TableName): Promise<Buffer> {
  const fact = facts.find(({ name }) => name === table)
  if (fact) return fileOf(world, fact.name, [rowsOfDays(world, 2)])
  const chunks: Buffer[] = []
  const sink = { write: (some: readonly Uint8Array[]) => void chunks.push(...some.map((each) => Buffer.from(each))) }
  const rows = rowsOf(world, table as DimensionName)
  const identity = { world: world.id, generator: '1', content: 'all rows' }
  writeRows(sink, tables[table], world.schema, rows, false, identity)
  return Buffer.concat(chunks)
}

const worlds = {
  strict: shopWorld({ stores: 3, products: 40, lines: 20 }),
  extended: shopWorld({ stores: 3, products: 40, lines: 20, schema: 'extended' }),
}
const everyColumn = (['strict', 'extended'] as const).flatMap((schema) =>
  tablesOf(schema).flatMap((table) =>
    columnsOf(table, schema).map(([name, { type, optional }]) => ({ table: table.name, schema, name, type, optional })),
  ),
)

test.each(everyColumn)('one changed cell of $table, $name, moves the checksum ($schema)', async (column) => {
  const { table, schema, name, type, optional } = column
  const world = worlds[schema]
  const relation = `flip_${table}_${schema}`
  const count = await loaded(world, table, relation)
  const ask = async (dialect: Dialect, from: string) =>
    sumsOf((await reader.database.query<SumRow>(asDuckdb(sumsSql(world, table, from, dialect))))[0])
  const whole = await ask(dialects.duckdb, relation)
  const anyCell = fc.record({ row: fc.nat(count - 1), at: fc.nat(30), by: fc.integer({ min: 1, max: 99 }) })
  await fc.assert(
    fc.asyncProperty(anyCell, async ({ row, at, by }) => {
      const there = flipped[type](`"${name}"`, at, by)
      const other = optional
        ? `CASE WHEN "${name}" IS NULL THEN 'C000007' ELSE ${at % 2 === 0 ? 'NULL' : there} END`
        : there
      const changed = `(SELECT * REPLACE (CASE WHEN rowid = ${row} THEN ${other} ELSE "${name}" END AS "${name}") FROM ${relation})`
      for (const dialect of Object.values(dialects)) {
        const sums = await ask(dialect, changed)
        expect(sums.rows).toBe(whole.rows)
        expect(sameSums(sums, whole)).toBe(false)
      }
    }),
    { numRuns: 8 },
  )
})

const counts = new Map<string, number>()
async function loaded(world: World, table: TableName, relation: string): Promise<number> {
  const known = counts.get(relation)
  if (known !== undefined) return known
  await reader.ask(await fileOfTable(world, table), `CREATE TABLE ${relation} AS FROM read_parquet(FILE)`)
  const [{ n }] = await reader.database.query<{ n: bigint }>(`SELECT count(*) AS n FROM ${relation}`)
  counts.set(relation, Number(n))
  return Number(n)
}

describe.each(dimensions)('the checksum of $name', ({ name }) => {
  test.each(Object.entries(dialects))('is the same here and in %s', async (_, dialect) => {
    const world = worlds.strict
    await loaded(world, name, `flip_${name}_strict`)
    const [row] = await reader.database.query<SumRow>(asDuckdb(sumsSql(world, name, `flip_${name}_strict`, dialect)))
    expect(sameSums(sumsOf(row), dimensionSums(world, name))).toBe(true)
  })
})

test.each(Object.values(tables))('BigQuery computes the checksum of $name with this SQL', ({ name }) => {
  expect(sumsSql(worlds.extended, name, dialects.bigquery.relation('raw', name), dialects.bigquery)).toMatchSnapshot()
})
