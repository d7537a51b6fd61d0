import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { SqlOptions } from '../src/pipeline/sql.ts'
import type { QueryCell, QueryColumn } from '../src/ports/index.ts'
import { freshFolder, retail } from '../test/front-door.ts'
import type { Verbs } from './verbs.ts'

const COLUMNS: QueryColumn[] = [
  { name: 'city, "state"', kind: 'text' },
  { name: 'revenue', kind: 'number' },
  { name: 'tags', kind: 'json' },
]
const ROWS: QueryCell[][] = [
  ['Tucson,\nAZ', '12345678901234567890.50', '["a"]'],
  ['', 'nan', null],
  [null, '-1', '{}'],
]

const asked: SqlOptions[] = []
const verbs = {
  async sql(_ports: unknown, _config: unknown, options: SqlOptions) {
    asked.push(options)
    await options.onColumns(COLUMNS)
    for (const row of ROWS) await options.onRows([row])
    return { database: 'retail.duckdb', rows: 3, more: false, billedBytes: undefined, seconds: 0.1 }
  },
} as unknown as Partial<Verbs>
const run = (words: readonly string[], visit: object = {}) => retail(['sql', ...words], { verbs, ...visit })

test('rows are CSV in a pipe, and what --format says elsewhere', async () => {
  const csv = '"city, ""state""",revenue,tags\n"Tucson,\nAZ",12345678901234567890.50,"[""a""]"\n"",nan,\n,-1,{}\n'
  expect(await run(['FROM t'])).toMatchObject({ code: 0, stdout: csv, stderr: expect.stringContaining('✔ 3 rows in') })
  expect(
    (await run(['FROM t', '--format', 'ndjson'])).stdout.split('\n').map((line) => line && JSON.parse(line)),
  ).toEqual([
    { 'city, "state"': 'Tucson,\nAZ', revenue: Number('12345678901234567890.50'), tags: ['a'] },
    { 'city, "state"': '', revenue: 'nan', tags: null },
    { 'city, "state"': null, revenue: -1, tags: {} },
    '',
  ])
  const json = await run(['FROM t', '--json'])
  expect(json.stdout).toContain('"revenue":12345678901234567890.50')
  expect(JSON.parse(json.stdout)).toHaveLength(3)
})

test('a terminal shows a table, which fits and does not move the cursor', async () => {
  expect((await run(['FROM t'], { screen: 80 })).stdout).toMatchInlineSnapshot(`
    "city, "state"                  revenue  tags
    Tucson,\\nAZ    12345678901234567890.50  ["a"]
                                       nan  NULL
    NULL                                -1  {}
    "
  `)
  expect((await run(['FROM t'], { screen: 24 })).stdout).toMatchInlineSnapshot(`
    "Tucson,\\nAZ
      revenue:
        12345678901234567890.50
      tags: ["a"]

      revenue: nan
      tags: NULL
    NULL
      revenue: -1
      tags: {}
    "
  `)
  expect(asked.at(-1)).toMatchObject({ limit: 100 })
  await run(['FROM t', '--format', 'csv'], { screen: 80 })
  expect(asked.at(-1)).toMatchObject({ limit: undefined })
})

test('the query is an argument or a file', async () => {
  const cwd = freshFolder()
  writeFileSync(path.join(cwd, 'retail.yaml'), 'version: 1\n')
  writeFileSync(path.join(cwd, 'q.sql'), 'SELECT 7')
  await run(['q.sql'], { cwd })
  expect(asked.at(-1)).toMatchObject({ query: 'SELECT 7' })
  expect(await run(['p.sql'], { cwd })).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('p.sql does not exist'),
  })
})

test.each([
  [['FROM t', '--json', '--format', 'csv'], /cannot be combined/],
  [['FROM t', '--format', 'table', '--limit', '20000'], /10000 rows at most/],
  [['FROM t', '--format', 'xml'], /expected table, csv, json, or ndjson/],
  [[], /missing required argument 'query'/],
])('%j is refused', async (words, why) => {
  expect(await run(words)).toMatchObject({ code: 2, stderr: expect.stringMatching(why) })
})
