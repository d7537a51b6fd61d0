import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { valuesOfRow } from '../../test/naive.ts'
import { fileOf, openParquetReader, type ParquetReader } from '../../test/parquet.ts'
import { anySpans, batchOf, rowsOfDays, shopWorld } from '../../test/worlds.ts'
import { duckdbDialect } from '../adapters/local/duckdb-dialect.ts'
import type { Row } from '../ports/index.ts'
import type { ColumnBatch } from '../simulator/column-batch.ts'
import { type FactName, facts, keyOf, tables } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { addRow, MODULUS, noSums, type Sums } from './checksum.ts'
import { plainRows } from './rows.ts'
import { countsBy, dayHead, factSums, factValues, sumsBy } from './sql.ts'

const P = BigInt(MODULUS)
let reader: ParquetReader
beforeAll(async () => {
  reader = await openParquetReader()
})
afterAll(() => reader[Symbol.asyncDispose]())

const RELATION = 'read_parquet(FILE)'
const DAY = 'CAST("timestamp" AS DATE)'

/** Sums by day, as SQL has them and as rows of text say. */
async function bothSides(world: World, table: FactName, batch: ColumnBatch) {
  const { schema, ids } = world
  const file = fileOf(world, table, [batch])
  const found = await reader.ask(file, factSums('day', table, schema, ids, RELATION, 'true', duckdbDialect))
  const plainly = await reader.ask(
    file,
    sumsBy(
      dayHead(keyOf(tables[table])),
      factValues(table, schema, ids, duckdbDialect),
      RELATION,
      'true',
      duckdbDialect,
    ),
  )
  const days = new Map<string, Sums>()
  for (const { row } of plainRows(world, table, batch)) {
    const day = row[keyOf(tables[table])].slice(0, 8)
    if (!days.has(day)) days.set(day, noSums())
    addRow(days.get(day)!, valuesOfRow(row))
  }
  const said = [...days]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([day, { rows, a, b }]) => [day, rows, a % MODULUS, b % MODULUS])
  const compared = (rows: readonly Row[]) =>
    rows.map(({ key, row_count, ...sums }) => [
      key,
      Number(row_count),
      Number(sums.sum_a) % MODULUS,
      Number(sums.sum_b) % MODULUS,
    ])
  return { found: compared(found), plainly: compared(plainly), said }
}

describe.each(['strict', 'extended'] as const)('a %s warehouse', (schema) => {
  const world = shopWorld({ stores: 70, products: 150, schema })

  test.each(facts)('sums $name by the same arithmetic as we do, whatever the rows', async ({ name }) => {
    await fc.assert(
      fc.asyncProperty(anySpans(world), async (spans) => {
        const { found, plainly, said } = await bothSides(world, name, batchOf(world, spans))
        expect(found).toEqual(said)
        expect(plainly).toEqual(said)
      }),
      { numRuns: 20 },
    )
  })

  test.each(facts)('sums days of $name as they were sold', async ({ name }) => {
    const shop = shopWorld({ stores: 3, lines: 50, schema })
    const { found, said } = await bothSides(shop, name, rowsOfDays(shop, 3))
    expect(said.length).toBeGreaterThan(2)
    expect(found).toEqual(said)
  })
})

test('rows are counted by day', async () => {
  const world = shopWorld()
  const batch = rowsOfDays(world, 2)
  const counts = await reader.ask(fileOf(world, 'transactions', [batch]), countsBy(DAY, RELATION, 'true'))
  expect(counts.reduce((sum, { row_count }) => sum + Number(row_count), 0)).toBe(batch.facts.transactions.rows.n)
})

test('a text that is no id, or a fraction of a second, changes the sums and stops nothing', async () => {
  const world = shopWorld()
  const file = fileOf(world, 'transactions', [rowsOfDays(world, 1)])
  const sums = async (change: string) => {
    const relation = `(SELECT * REPLACE (${change}) FROM ${RELATION})`
    const rows = await reader.ask(
      file,
      factSums('all', 'transactions', 'strict', world.ids, relation, 'true', duckdbDialect),
    )
    return rows.map(({ sum_a, sum_b }) => `${BigInt(sum_a ?? 0) % P} ${BigInt(sum_b ?? 0) % P}`).join()
  }
  const whole = await sums('product_id AS product_id')
  expect(whole).toMatch(/^\d+ \d+$/)
  for (const change of [
    `'PX' AS product_id`,
    `"timestamp" + INTERVAL 1 MICROSECOND AS "timestamp"`,
    `transaction_id || ' ' AS transaction_id`,
    `replace(transaction_id, 'T', 'I') AS transaction_id`,
    `replace(transaction_id, '-', '_') AS transaction_id`,
    `'T99' || substr(transaction_id, 4) AS transaction_id`,
    `CASE product_id WHEN min(product_id) OVER () THEN max(product_id) OVER () WHEN max(product_id) OVER () THEN min(product_id) OVER () ELSE product_id END AS product_id`,
    `coalesce(lag(unit_price) OVER (ORDER BY transaction_id), last_value(unit_price) OVER (ORDER BY transaction_id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) AS unit_price`,
    `replace(replace(replace(transaction_id, '-0001-', '-x-'), '-0002-', '-0001-'), '-x-', '-0002-') AS transaction_id`,
  ])
    expect(await sums(change)).not.toBe(whole)
})
