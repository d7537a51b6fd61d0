import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileOf, openParquetReader } from '../../../test/parquet.ts'
import { rowsOfDays, shopWorld } from '../../../test/worlds.ts'
import { duckdbDialect } from '../../adapters/local/duckdb-dialect.ts'
import { accountBlock } from '../../truth/account.ts'
import { totalTruth } from '../../truth/total.ts'
import { rowsOf } from '../../world/dimensions.ts'
import type { VerifyContext } from './check.ts'
import { compareMart } from './mart.ts'
import { MARTS } from './marts.ts'

const CUSTOMER_MONTH = MARTS.find(({ model }) => model === 'customer_month')!
const COHORTS = MARTS.find(({ model }) => model === 'customer_cohorts')!
const DAYS = 9

/** Another value of a column. */
const CHANGED: Record<string, string> = {
  month: "month + INTERVAL '1 month'",
  customer_id:
    "'C' || lpad(CAST(CAST(substr(customer_id, 2) AS INTEGER) + 1 AS VARCHAR), CAST(length(customer_id) - 1 AS INTEGER), '0')",
  cohort: "cohort - INTERVAL '1 month'",
  visits: 'visits + 1',
  units: 'units - 1',
  revenue: 'revenue + 0.01',
}

test('verify finds any changed cell of a customer and month, and any row that is missing, doubled, or divided', async () => {
  const world = shopWorld({ stores: 6, products: 30, lines: 30, from: '2024-01-27', schema: 'extended' })
  const end = (world.from + DAYS) * 86_400
  const cut = { raw: end, marts: end }
  const truth = totalTruth(world.blocks.map((block) => accountBlock(world, block, cut)!))
  await using reader = await openParquetReader()
  const { database } = reader
  await database.run('CREATE SCHEMA marts')
  await database.run(
    `CREATE TABLE marts.dim_customer AS SELECT id AS customer_id, CAST(date_trunc('month', to_timestamp(joined) AT TIME ZONE 'UTC') AS DATE) AS cohort
     FROM (VALUES ${rowsOf(world, 'customer')
       .map(({ customer_id, joined }) => `('${customer_id}', ${joined})`)
       .join()}) AS customer(id, joined) WHERE joined < ${end}`,
  )
  await reader.ask(
    fileOf(world, 'transactions', [rowsOfDays(world, DAYS)]),
    `CREATE TABLE right_months AS SELECT CAST(date_trunc('month', "timestamp") AS DATE) AS month, customer_id, cohort,
      count(DISTINCT basket_id) AS visits, CAST(sum(quantity) AS BIGINT) AS units, CAST(sum(quantity * unit_price) AS DECIMAL(18, 2)) AS revenue
    FROM read_parquet(FILE) JOIN marts.dim_customer USING (customer_id) GROUP BY ALL ORDER BY ALL`,
  )
  const [{ n }] = await database.query<{ n: bigint }>('SELECT count(*) AS n FROM right_months')
  expect(Number(n)).toBeGreaterThan(100)
  const context = {
    reader: { query: (sql: string) => database.query(sql), dialect: duckdbDialect },
    world,
    truth,
    cut,
  } as unknown as VerifyContext
  const found = async (select: string) => {
    await database.run(`CREATE OR REPLACE VIEW marts.customer_month AS ${select}`)
    return (await compareMart(CUSTOMER_MONTH, context)).differences
  }
  expect(await found('FROM right_months')).toEqual([])

  await database.run(`CREATE TABLE marts.customer_cohorts AS SELECT cohort, month,
      date_diff('month', cohort, month) AS months_since, customers, count(*) AS active_customers, sum(visits) AS visits, sum(revenue) AS revenue
    FROM right_months JOIN (SELECT cohort, count(*) AS customers FROM marts.dim_customer GROUP BY 1) USING (cohort) GROUP BY ALL`)
  const cohorts = async () => (await compareMart(COHORTS, context)).differences
  expect(await cohorts()).toEqual([])
  await database.run('UPDATE marts.customer_cohorts SET active_customers = active_customers + 1 WHERE rowid = 0')
  expect(await cohorts()).toMatchObject([{ kind: 'changed', found: '1 cohorts and months differ' }])
  await database.run('DELETE FROM marts.customer_cohorts WHERE rowid = 0')
  expect(await cohorts()).toMatchObject([{ kind: 'changed', found: '1 cohorts and months differ' }])

  const row = fc.nat(Number(n) - 1)
  await fc.assert(
    fc.asyncProperty(row, fc.constantFrom(...Object.keys(CHANGED)), async (at, column) => {
      const cell = `CASE WHEN rowid = ${at} THEN ${CHANGED[column]} ELSE ${column} END AS ${column}`
      expect(await found(`SELECT * REPLACE (${cell}) FROM right_months`), column).not.toEqual([])
    }),
    { numRuns: 40 },
  )
  const one = (at: number, columns: string) => `SELECT ${columns} FROM right_months WHERE rowid = ${at}`
  for (const at of [0, Number(n) - 1]) {
    expect(await found(`FROM right_months WHERE rowid <> ${at}`)).not.toEqual([])
    expect(await found(`FROM right_months UNION ALL ${one(at, '*')}`)).not.toEqual([])
    const nothing = one(at, '* REPLACE (0 AS revenue, 0 AS units, 0 AS visits)')
    expect(await found(`FROM right_months UNION ALL ${nothing}`)).not.toEqual([])
  }
})
