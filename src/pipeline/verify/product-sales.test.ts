import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileOf, openParquetReader } from '../../../test/parquet.ts'
import { rowsOfDays, shopWorld } from '../../../test/worlds.ts'
import { duckdbDialect } from '../../adapters/local/duckdb-dialect.ts'
import { accountBlock } from '../../truth/account.ts'
import { totalTruth } from '../../truth/total.ts'
import { CATEGORIES } from '../../world/calibration.ts'
import { CITIES } from '../../world/cities.ts'
import type { VerifyContext } from './check.ts'
import { compareMart } from './mart.ts'
import { MARTS } from './marts.ts'

const PRODUCT_SALES = MARTS.find(({ model }) => model === 'monthly_product_sales')!
const DAYS = 9

/** Another value of a column. */
const CHANGED: Record<string, string> = {
  month: "month + INTERVAL '1 month'",
  location: "'Nowhere, ' || state",
  state: "CASE state WHEN 'XX' THEN 'YY' ELSE 'XX' END",
  product_id:
    "'P' || lpad(CAST(CAST(substr(product_id, 2) AS INTEGER) + 1 AS VARCHAR), CAST(length(product_id) - 1 AS INTEGER), '0')",
  category: "CASE category WHEN 'Books' THEN 'Home' ELSE 'Books' END",
  revenue: 'revenue + 0.01',
  units: 'units + 1',
  lines: 'lines - 1',
}

test('verify finds any changed cell, and any row that is missing, doubled, or divided', async () => {
  const world = shopWorld({ stores: 6, products: 30, lines: 30, from: '2024-01-27' })
  const end = (world.from + DAYS) * 86_400
  const cut = { raw: end, marts: end }
  const truth = totalTruth(world.blocks.map((block) => accountBlock(world, block, cut)!))
  await using reader = await openParquetReader()
  const { database } = reader
  const places = Array.from({ length: 6 }, (_, store) => CITIES[world.stores.city[store]])
  await database.run('CREATE SCHEMA marts')
  await database.run(
    `CREATE TABLE stores AS FROM (VALUES ${places
      .map(({ name, state }, i) => `(${i + 1}, '${name}, ${state}', '${state}')`)
      .join()}) AS store(number, location, state)`,
  )
  await database.run(
    `CREATE TABLE products AS FROM (VALUES ${Array.from(
      { length: world.products.count },
      (_, i) => `(${i + 1}, '${CATEGORIES[world.products.category[i]]}')`,
    ).join()}) AS product(number, category)`,
  )
  await reader.ask(
    fileOf(world, 'transactions', [rowsOfDays(world, DAYS)]),
    `CREATE TABLE right_sales AS SELECT CAST(date_trunc('month', "timestamp") AS DATE) AS month, location, state, product_id,
      category, CAST(sum(quantity * unit_price) AS DECIMAL(18, 2)) AS revenue, CAST(sum(quantity) AS BIGINT) AS units, count(*) AS lines
    FROM read_parquet(FILE) JOIN stores ON stores.number = CAST(substr(store_id, 2) AS INTEGER)
    JOIN products ON products.number = CAST(substr(product_id, 2) AS INTEGER) GROUP BY ALL ORDER BY ALL`,
  )
  const [{ n }] = await database.query<{ n: bigint }>('SELECT count(*) AS n FROM right_sales')
  const found = async (select: string) => {
    await database.run(`CREATE OR REPLACE VIEW marts.monthly_product_sales AS ${select}`)
    const context = {
      reader: { query: (sql: string) => database.query(sql), dialect: duckdbDialect },
      world,
      truth,
      cut,
    }
    return (await compareMart(PRODUCT_SALES, context as unknown as VerifyContext)).differences
  }
  expect(await found('FROM right_sales')).toEqual([])

  const row = fc.nat(Number(n) - 1)
  await fc.assert(
    fc.asyncProperty(row, fc.constantFrom(...Object.keys(CHANGED)), async (at, column) => {
      const cell = `CASE WHEN rowid = ${at} THEN ${CHANGED[column]} ELSE ${column} END AS ${column}`
      expect(await found(`SELECT * REPLACE (${cell}) FROM right_sales`), column).not.toEqual([])
    }),
    { numRuns: 40 },
  )
  const one = (at: number, columns: string) => `SELECT ${columns} FROM right_sales WHERE rowid = ${at}`
  for (const at of [0, Number(n) - 1]) {
    expect(await found(`FROM right_sales WHERE rowid <> ${at}`)).not.toEqual([])
    expect(await found(`FROM right_sales UNION ALL ${one(at, '*')}`)).not.toEqual([])
    const nothing = one(at, '* REPLACE (0 AS revenue, 0 AS units, 0 AS lines)')
    expect(await found(`FROM right_sales UNION ALL ${nothing}`)).not.toEqual([])
  }
})
