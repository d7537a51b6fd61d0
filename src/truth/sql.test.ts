import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { valuesOfRow } from '../../test/naive.ts'
import { fileOf, openParquetReader, type ParquetReader } from '../../test/parquet.ts'
import { anyRuns, batchOf, rowsOfDays, shopWorld } from '../../test/worlds.ts'
import type { Batch } from '../simulator/batch.ts'
import { type FactName, facts } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { addRow, noSums, type Sums } from './checksum.ts'
import { plainRows } from './rows.ts'
import { countsBy, duckdbDialect, factValues, sumsBy } from './sql.ts'

let reader: ParquetReader
beforeAll(async () => {
  reader = await openParquetReader()
})
afterAll(() => reader[Symbol.asyncDispose]())

const RELATION = 'read_parquet(FILE)'
const DAY = 'CAST("timestamp" AS DATE)'

/** Sums by day, as SQL has them and as rows of text say. */
async function bothSides(world: World, table: FactName, batch: Batch) {
  const sql = sumsBy(DAY, factValues(table, world.schema, world.ids, duckdbDialect), RELATION, 'true')
  const found = await reader.ask(fileOf(world, table, [batch]), sql)
  const days = new Map<string, Sums>()
  for (const { row } of plainRows(world, table, batch)) {
    const day = row.timestamp.slice(0, 10)
    if (!days.has(day)) days.set(day, noSums())
    addRow(days.get(day)!, valuesOfRow(row))
  }
  const said = [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([day, { rows, a, b }]) => [day, rows, a, b])
  return {
    found: found.map(({ key, row_count, sum_a, sum_b }) => [key, Number(row_count), Number(sum_a), Number(sum_b)]),
    said,
  }
}

describe.each(['strict', 'extended'] as const)('a %s warehouse', (schema) => {
  const world = shopWorld({ stores: 70, products: 150, schema })

  test.each(facts)('sums $name by the same arithmetic as we do, whatever the rows', async ({ name }) => {
    await fc.assert(
      fc.asyncProperty(anyRuns(world), async (runs) => {
        const { found, said } = await bothSides(world, name, batchOf(world, runs))
        expect(found).toEqual(said)
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
  expect(counts.reduce((sum, { row_count }) => sum + Number(row_count), 0)).toBe(batch.lines.n)
})

test('a text that is no id, or a fraction of a second, changes the sums and stops nothing', async () => {
  const world = shopWorld()
  const file = fileOf(world, 'transactions', [rowsOfDays(world, 1)])
  const values = factValues('transactions', 'strict', world.ids, duckdbDialect)
  const sums = async (change: string) => {
    const relation = `(SELECT * REPLACE (${change}) FROM ${RELATION})`
    const rows = await reader.ask(file, sumsBy("'all'", values, relation, 'true'))
    return rows.map(({ sum_a, sum_b }) => `${sum_a} ${sum_b}`).join()
  }
  const whole = await sums('product_id AS product_id')
  expect(whole).toMatch(/^\d+ \d+$/)
  for (const change of [
    `'PX' AS product_id`,
    `"timestamp" + INTERVAL 1 MICROSECOND AS "timestamp"`,
    `transaction_id || ' ' AS transaction_id`,
    `replace(transaction_id, 'T', 'I') AS transaction_id`,
  ])
    expect(await sums(change)).not.toBe(whole)
})
