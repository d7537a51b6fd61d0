import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import * as fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { DAYS, failuresOf, gradedShop } from '../../test/grade/graded.ts'
import { openDatabase } from '../adapters/local/duckdb.ts'
import { openRelation } from '../adapters/open.ts'
import type { GradeResult } from '../grade/result.ts'
import { rowsOf } from '../world/dimensions.ts'
import { type GradeAggregateOptions, gradeAggregate } from './grade-aggregate.ts'

const shop = gradedShop('strict', { lines: 60 })
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'retail-test-'))
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }))
const write = (name: string, rows: readonly object[]) => {
  const file = path.join(folder, `${name}.ndjson`)
  fs.writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return `'${file}'`
}
const SALES = `(SELECT s.*, s."timestamp"::TIMESTAMP AS sold, p.category, p.supplier_id, right(t.location, 2) AS state, t.location
  FROM read_ndjson(${write('sales', shop.rows('transactions'))}) s
  JOIN read_ndjson(${write('product', rowsOf(shop.world, 'product'))}) p USING (product_id)
  JOIN read_ndjson(${write('store', rowsOf(shop.world, 'store'))}) t USING (store_id))`

/** Group columns and sums as SQL: how a mart may write them. */
const GROUPS = {
  time: [
    'sold::DATE AS day',
    "date_trunc('hour', sold) AS hour",
    "date_trunc('week', sold) AS wk",
    "strftime(sold, '%Y-%m') AS month",
    'epoch(sold::DATE)::BIGINT AS ds',
    "date_trunc('quarter', sold) AS quarter",
    'year(sold) AS sales_year',
  ],
  store: ['store_id', 'substr(store_id, 2)::INTEGER AS shop', 'state', 'location AS city_of'],
  product: ['product_id AS "SKU"', 'category AS c', 'supplier_id'],
}
const SUMS = {
  lines: ['count(*) AS n', 'count(*)::VARCHAR AS "Order Count"', 'count(*)'],
  units: ['sum(quantity::BIGINT) AS units', 'sum(quantity::BIGINT)::DOUBLE AS total_qty'],
  visits: [
    'count(DISTINCT (store_id, sold)) AS visits',
    'count(DISTINCT concat(store_id, sold))::DOUBLE AS "numBaskets"',
  ],
  revenue: [
    'sum(quantity::BIGINT * unit_price::DECIMAL(12, 2)) AS revenue',
    'sum(quantity::BIGINT * unit_price::DOUBLE) AS "grossAmount"',
    'sum(quantity::BIGINT * unit_price::DECIMAL(12, 2))::VARCHAR AS zzz',
  ],
}
const some = <K extends string>(of: Record<K, string[]>) =>
  fc
    .tuple(...Object.values<string[]>(of).map((forms) => fc.option(fc.constantFrom(...forms), { nil: undefined })))
    .map((all) => all.filter((form) => form !== undefined))
const anyMart = fc
  .record({ groups: some(GROUPS), sums: some(SUMS) })
  .filter(({ sums }) => sums.length > 0)
  .map(({ groups, sums }) => ({ groups: groups.length, sums: sums.length, sql: mart(groups, sums) }))

const mart = (groups: readonly string[], sums: readonly string[], rows = SALES) =>
  `SELECT ${[...groups, ...sums].join(', ')} FROM ${rows} GROUP BY ALL`

async function gradeQuery(query: string, options: Partial<GradeAggregateOptions> = {}): Promise<GradeResult> {
  return await gradeFrom({ query }, options)
}

async function gradeFrom(place: string | { query: string }, options: Partial<GradeAggregateOptions> = {}) {
  await using relation = await openRelation(place, '/')
  return await gradeAggregate(shop.config, { relation, until: shop.until, workers: 0, ...options })
}

const runs = { numRuns: 12 }

/** The same sums in a file. */
async function writtenAs(format: 'csv' | 'json' | 'parquet', sql: string): Promise<string> {
  const file = path.join(folder, `mart.${format}`)
  await using database = await openDatabase(':memory:', { threads: 1 })
  await database.run(`COPY (${sql}) TO '${file}' (FORMAT ${format})`)
  return file
}
const anyFormat = fc.constantFrom(undefined, 'csv', 'json', 'parquet' as const)

test('an aggregate of the rows that DuckDB adds up is right, whatever its groups, sums, types, and file', async () => {
  await fc.assert(
    fc.asyncProperty(anyMart, anyFormat, async ({ sql, groups, sums }, format) => {
      const result = await gradeFrom(format ? await writtenAs(format, sql) : { query: sql })
      expect(failuresOf(result), sql).toEqual([])
      expect(result.tables[0].columns).toHaveLength(groups + sums)
      expect(result.tables[0].found).toBe(result.tables[0].expected)
    }),
    runs,
  )
})

test('each damage of one group is found, and no other', async () => {
  const damages = {
    changed: (at: string, column: string) =>
      `SELECT * REPLACE (CASE WHEN r = ${at} THEN CAST("${column}" AS DECIMAL(14, 2)) + 1 ELSE CAST("${column}" AS DECIMAL(14, 2)) END AS "${column}") FROM m`,
    missing: (at: string) => `SELECT * FROM m WHERE r <> ${at}`,
    doubled: (at: string) => `SELECT * FROM m UNION ALL SELECT * FROM m WHERE r = ${at}`,
  }
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...(Object.keys(damages) as (keyof typeof damages)[])),
      fc.nat(10_000),
      fc.constantFrom('n', 'units', 'revenue'),
      async (kind, nth, column) => {
        const base = mart([GROUPS.time[0], 'store_id', 'category'], [SUMS.lines[0], SUMS.units[0], SUMS.revenue[0]])
        const rows = `WITH m AS (SELECT *, row_number() OVER (ORDER BY day, store_id, category) AS r FROM (${base}))`
        const at = `(1 + ${nth} % (SELECT count(*) FROM m))`
        await using database = await openDatabase(':memory:', { threads: 1 })
        const [{ name }] = await database.query<{ name: string }>(
          `${rows} SELECT concat_ws(' · ', day, store_id, category) AS name FROM m WHERE r = ${at}`,
        )
        const result = await gradeQuery(`SELECT * EXCLUDE (r) FROM (${rows} ${damages[kind](at, column)})`)
        const [{ differences, counts }] = result.tables
        expect(
          differences.map((each) => [each.kind, each.id, ...(each.cells ?? []).map((cell) => cell.column)]),
        ).toEqual([[kind, name, ...(kind === 'changed' ? [column === 'n' ? 'lines' : column] : [])]])
        expect({ ...counts }).toMatchObject({ [kind]: 1 })
        expect(result.ok).toBe(false)
      },
    ),
    runs,
  )
})

describe('a cause is one line', () => {
  const groups = [GROUPS.time[0], 'store_id']
  const sums = [SUMS.lines[0], SUMS.units[0], SUMS.revenue[0]]
  const lost = shop.rows('transactions')[7].product_id
  const from = (change: string) => `(SELECT * ${change} FROM ${SALES})`
  test.each([
    ['every day begins 5 h late: a zone', mart(groups, sums, from('REPLACE (sold - INTERVAL 5 HOUR AS sold)'))],
    ['every day begins 2 h early: a zone', mart(groups, sums, from('REPLACE (sold + INTERVAL 2 HOUR AS sold)'))],
    [
      'every day begins 5 h late: a zone',
      mart(["timezone('America/New_York', timezone('UTC', sold))::DATE::TIMESTAMP + INTERVAL 5 HOUR AS day"], sums),
    ],
    [
      'lines, units, revenue are 2 × as large: rows were added 2 times',
      mart(groups, [...sums, SUMS.visits[0]], `(FROM ${SALES} UNION ALL FROM ${SALES})`),
    ],
    [
      'every revenue is 100 × as large: cents',
      mart(groups, ['count(*) AS n', 'sum(quantity::BIGINT * unit_price::DOUBLE * 100) AS revenue']),
    ],
    [
      'every revenue is not a number that can be read, such as "$',
      mart(groups, [`'$' || sum(quantity::BIGINT * unit_price::DOUBLE) AS revenue`]),
    ],
    [
      'every revenue is rounded to whole dollars',
      mart(groups, ['round(sum(quantity::BIGINT * unit_price::DOUBLE)) AS revenue']),
    ],
    ['every visits is the number of lines: it lacks DISTINCT', mart(groups, [SUMS.units[0], 'count(*) AS visits'])],
    ['2024-01-03 … 2024-01-04: no rows: not loaded', `SELECT * FROM (${mart(groups, sums)}) WHERE day < '2024-01-03'`],
    ['each group is there 2 times', `FROM (${mart(groups, sums)}) UNION ALL FROM (${mart(groups, sums)})`],
    ['these may be sums of another world', mart(groups, sums, from('REPLACE (hash(transaction_id) % 9 AS quantity)'))],
    ['S0002: no rows', `SELECT * FROM (${mart(groups, sums)}) WHERE store_id <> 'S0002'`],
    [
      `the sums lack exactly the rows of ${lost}: a join may have lost them`,
      mart(groups, [...sums, SUMS.visits[0]], `(FROM ${SALES} WHERE product_id <> '${lost}')`),
    ],
  ])('%s', async (cause, sql) => {
    const { ok, tables } = await gradeQuery(sql)
    expect(tables[0].causes).toEqual([expect.stringContaining(cause)])
    expect(ok).toBe(false)
  })
})

test('groups after the period are not compared, and a table without groups proves nothing', async () => {
  const sql = mart([GROUPS.time[0]], [SUMS.units[0]])
  const result = await gradeQuery(sql, { until: shop.until - 86_400 })
  expect(failuresOf(result)).toEqual([])
  expect(result.tables[0]).toMatchObject({ found: DAYS, expected: DAYS - 1, beside: 1 })
  const empty = await gradeQuery(`SELECT * FROM (${sql}) WHERE false`)
  expect(empty.verdicts.filter(({ outcome }) => outcome === 'pass')).toEqual([])
  expect(failuresOf(empty)).toEqual([`fail: complete: ${DAYS} groups missing`])
})

test('NULL, unknown members, and sums that are no numbers are wrong, and nothing fails', async () => {
  const base = mart(['store_id'], ['sum(quantity::BIGINT)::VARCHAR AS units'])
  const sql = `FROM (${base}) UNION ALL VALUES ('S9999', '4'), (NULL, '5')`
  const { tables, verdicts } = await gradeQuery(sql)
  expect(tables[0].differences.map(({ kind, id, why }) => [kind, id, why])).toEqual([
    ['unexpected', 'S9999', 'this world has no such member'],
    ['unexpected', 'NULL', 'it names no group'],
  ])
  expect(verdicts.find(({ name }) => name === 'keys known')?.outcome).toBe('fail')
  for (const value of ["'abc'", 'NULL', "'NaN'"]) {
    const result = await gradeQuery(
      `SELECT store_id, CASE WHEN store_id = 'S0001' THEN ${value} ELSE units END AS units FROM (${base})`,
    )
    expect(result.tables[0].counts, value).toMatchObject({ changed: 1, unexpected: 0, missing: 0 })
  }
})

test('a column that nobody knows must be named, or left out', async () => {
  const sql = mart(['store_id'], [SUMS.units[0], 'avg(unit_price::DOUBLE) AS typical'])
  await expect(gradeQuery(sql)).rejects.toMatchObject({
    code: 'missing',
    message: expect.stringContaining('what column typical'),
  })
  const result = await gradeQuery(sql, { columns: [{ name: 'typical', is: '-' }] })
  expect(result.ok).toBe(true)
  expect(result.tables[0].left).toEqual(['typical'])
  await expect(gradeQuery(sql, { columns: [{ name: 'nope', is: 'revenue' }] })).rejects.toMatchObject({
    code: 'bad_flag',
  })
})
