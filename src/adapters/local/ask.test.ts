import { describe, expect, test } from 'vitest'
import { askDatabase } from './ask.ts'
import { openDatabase } from './duckdb.ts'

async function ask(sql: string, about: { hasMarts?: boolean; signal?: AbortSignal } = {}) {
  const database = await openDatabase(':memory:', { threads: 1 })
  for (const layer of ['marts', 'staging', 'raw']) await database.run(`CREATE SCHEMA ${layer}`)
  await database.run(
    `CREATE TABLE marts.daily_sales AS SELECT 'Books' AS category, 12.50::DECIMAL(18,2) AS revenue, 3 AS units`,
  )
  await using answer = await askDatabase(database, sql, { hasMarts: true, blame: (error) => error, ...about })
  const rows = []
  for await (const page of answer.pages) rows.push(...page)
  return { columns: answer.columns.map(({ name, kind }) => `${name}: ${kind}`), rows }
}

test('an answer has every digit, and says how JSON writes it', async () => {
  expect(
    await ask(`SELECT category, revenue, units, 170141183460469231731687303715884105727 AS huge, 0.5::DOUBLE AS half,
      true AS yes, NULL AS nothing, DATE '2024-02-29' AS day, TIMESTAMP '2024-02-29 01:02:03' AS at, ['a', NULL] AS list,
      {'a': 1, 'b': {'c': 'x"'}} AS deep, '{"a": [1]}'::JSON AS json FROM daily_sales`),
  ).toEqual({
    columns: [
      ...['category: text', 'revenue: number', 'units: number', 'huge: number', 'half: number', 'yes: boolean'],
      ...['nothing: number', 'day: text', 'at: text', 'list: json', 'deep: json', 'json: json'],
    ],
    rows: [
      [
        ...['Books', '12.50', '3', '170141183460469231731687303715884105727', '0.5', 'true', null],
        ...['2024-02-29', '2024-02-29 01:02:03', '["a",null]', '{"a":1,"b":{"c":"x\\""}}', '{"a": [1]}'],
      ],
    ],
  })
})

test('rows arrive page by page, and an abort ends them', async () => {
  expect((await ask('FROM range(5000)')).rows).toHaveLength(5000)
  expect((await ask('FROM daily_sales WHERE units > 5')).rows).toEqual([])
  const stop = new AbortController()
  stop.abort()
  await expect(ask('FROM range(5000)', { signal: stop.signal })).rejects.toThrow()
})

describe('an error names the place in the query', () => {
  test.each([
    [
      'SELECT revenu FROM daily_sales',
      'line 1, column 8 of the query: Referenced column "revenu" not found',
      'revenue',
    ],
    ["SELECT 'ü€',\n  1 + missing", 'line 2, column 7 of the query: Referenced column "missing"', undefined],
    ['SELEC 1', 'line 1, column 1 of the query: syntax error at or near "SELEC"', undefined],
    ["SELECT\nCAST('x' AS INTEGER)", 'line 2, column 1 of the query: Could not convert', undefined],
    ["FROM 'nowhere.csv'", 'the query is not valid: No files found that match the pattern "nowhere.csv"', undefined],
    ['  ', 'the query is not valid: it is empty', undefined],
    ['SELECT $1', 'the query is not valid: it has parameters', undefined],
  ])('%s', async (sql, message, why) => {
    await expect(ask(sql)).rejects.toMatchObject({
      code: 'bad_flag',
      message: expect.stringContaining(message),
      ...(why && { why: expect.stringContaining(why) }),
    })
  })

  test('and before the first transform, the command that makes the table', async () => {
    await expect(ask('FROM monthly_sales', { hasMarts: false })).rejects.toMatchObject({
      hint: expect.stringContaining('retail transform'),
    })
  })
})

describe('only statements that read are run', () => {
  test.each([
    'SHOW ALL TABLES',
    'DESCRIBE daily_sales',
    'SUMMARIZE daily_sales',
    'EXPLAIN ANALYZE SELECT 1',
    'VALUES (1)',
  ])('%s is answered', async (sql) => expect((await ask(sql)).rows.length).toBeGreaterThan(0))

  test.each([
    'DELETE FROM daily_sales',
    "COPY (SELECT 1) TO 'x.csv'",
    "EXPLAIN ANALYZE COPY (SELECT 1) TO 'x.csv'",
    "/* a */ -- b\n explain (analyze) COPY (SELECT 1) TO 'x.csv'",
    "ATTACH 'other.duckdb'",
    'SET threads = 1',
    'CREATE TEMP TABLE t AS SELECT 1',
    'SELECT 1; DROP TABLE daily_sales',
  ])('%s is refused', async (sql) => {
    await expect(ask(sql)).rejects.toMatchObject({
      code: 'bad_flag',
      message: expect.stringContaining('only a statement'),
    })
  })
})
