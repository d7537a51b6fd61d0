import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { failuresOf, gradedShop } from '../../test/grade/graded.ts'
import { openLetters, openRelation } from '../adapters/open.ts'
import type { RetailError } from '../errors.ts'
import type { FactName } from '../tables/index.ts'
import { type GradeOptions, grade } from './grade.ts'

const shop = gradedShop('strict', { stores: 2 })
const columns = {
  transactions: Object.keys(shop.rows('transactions')[0]),
  inventories: Object.keys(shop.rows('inventories')[0]),
}

type Format = 'csv' | 'ndjson' | 'parquet'
function write(file: string, table: FactName, rows = shop.rows(table)): string {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  const lines = file.endsWith('csv')
    ? [columns[table].join(','), ...rows.map((row) => columns[table].map((column) => row[column]).join(','))]
    : rows.map((row) => JSON.stringify(row))
  fs.writeFileSync(file, lines.map((line) => `${line}\n`).join(''))
  return file
}

async function writeParquet(file: string, table: FactName): Promise<void> {
  const { openDatabase } = await import('../adapters/local/duckdb.ts')
  await using database = await openDatabase(':memory:', { threads: 1 })
  const from = write(path.join(freshFolder(), 'rows.ndjson'), table)
  fs.mkdirSync(path.dirname(file), { recursive: true })
  await database.run(`COPY (FROM read_ndjson('${from}')) TO '${file}' (FORMAT parquet)`)
}

const refusal = (work: Promise<unknown>): Promise<RetailError> =>
  work.then(
    () => expect.fail('it was accepted'),
    (error: RetailError) => error,
  )

async function gradeQuery(query: string, options: Partial<GradeOptions> = {}) {
  await using transactions = await openRelation({ query }, '/')
  return await grade(shop.config, { relations: { transactions }, until: shop.until, workers: 0, ...options })
}

test.each(['_temporary/0', '.tmp/77', '_delta', '.hidden'])('files below %s are no data', async (hidden) => {
  const folder = freshFolder()
  write(path.join(folder, 'day/sales.csv'), 'transactions')
  write(path.join(folder, hidden, 'sales.csv'), 'transactions')
  fs.writeFileSync(path.join(folder, 'day/_SUCCESS.json'), '')
  // An export and a stream to files leave these beside their rows.
  for (const note of ['world.json', 'position.json']) fs.writeFileSync(path.join(folder, note), '{"world":"1"}')
  for (const place of [folder, path.join(folder, '**/*.csv'), path.join(folder, '*/*')])
    expect(failuresOf(await shop.gradeAt({ transactions: place })), place).toEqual([])
  // Unless they are named.
  for (const place of [path.join(folder, hidden), path.join(folder, hidden, '*.csv')])
    expect((await shop.gradeAt({ transactions: place })).tables[0].found, place).toBeGreaterThan(0)
})

test('files without an extension are read by what they hold, as rows and as dead letters', async () => {
  const folder = freshFolder()
  write(path.join(folder, 'text/part-0-0'), 'transactions')
  await writeParquet(path.join(folder, 'columns/part-0-0'), 'transactions')
  fs.writeFileSync(path.join(folder, 'text/_SUCCESS'), '')
  for (const place of [path.join(folder, 'text'), path.join(folder, 'columns'), path.join(folder, 'text/part-*')])
    expect(failuresOf(await shop.gradeAt({ transactions: place })), place).toEqual([])
  for (const place of ['text', 'columns']) {
    let n = 0
    for await (const _ of await openLetters(place, folder)) n++
    expect(n, place).toBe(shop.rows('transactions').length)
  }
})

test.each<[Format, FactName]>([
  ['csv', 'transactions'],
  ['csv', 'inventories'],
  ['ndjson', 'transactions'],
  ['parquet', 'inventories'],
])('a folder of %s with two tables is not compared with %s', async (format, table) => {
  const folder = freshFolder()
  for (const name of ['transactions', 'inventories'] as const) {
    const file = path.join(folder, 'day', `${name}.${format}`)
    if (format === 'parquet') await writeParquet(file, name)
    else write(file, name)
  }
  const { code, message, hint } = await refusal(shop.gradeAt({ [table]: folder }))
  expect({ code, message }).toEqual({ code: 'missing', message: `${folder} has files of several tables` })
  const advised = /'out\/(.+)'/.exec(hint!)![1].replace('transactions', table)
  expect(failuresOf(await shop.gradeAt({ [table]: path.join(folder, advised) }))).toEqual([])
})

test('a period without events is neither right nor wrong', async () => {
  const [{ timestamp }] = shop.rows('inventories')
  const first = Date.parse(`${timestamp}Z`) / 1000
  const quiet = shop.rows('transactions').map((row) => Date.parse(`${row.timestamp}Z`) / 1000)
  const from = Math.max(...quiet.filter((at) => at < shop.until)) + 1
  expect(first).toBeLessThan(from)
  const empty = write(path.join(freshFolder(), 'sales.csv'), 'transactions', [])
  for (const transactions of [empty, write(path.join(freshFolder(), 'sales.csv'), 'transactions')]) {
    const result = await shop.gradeAt({ transactions }, { from })
    expect(result.ok).toBe(false)
    expect(failuresOf(result)).toEqual(['inconclusive: complete: the period has no row of transactions'])
  }
})

test('a table without rows has nothing that is right', async () => {
  const { verdicts } = await shop.gradeAt({
    transactions: write(path.join(freshFolder(), 'sales.csv'), 'transactions', []),
    inventories: write(path.join(freshFolder(), 'moves.csv'), 'inventories', []),
  })
  expect(verdicts.filter(({ outcome }) => outcome === 'pass')).toEqual([])
  expect(verdicts.find(({ name }) => name === 'complete')?.outcome).toBe('fail')
})

test('a comment at the end of a query or a condition ends with it', async () => {
  const file = write(path.join(freshFolder(), 'sales.csv'), 'transactions')
  const result = await gradeQuery(`SELECT * FROM read_csv('${file}', all_varchar = true) -- all of it`, {
    where: "store_id <> 'S9999' -- or nothing",
  })
  expect(failuresOf(result)).toEqual([])
  expect(result.tables[0].found).toBe(shop.rows('transactions').length)
})

test.each<[string, Partial<GradeOptions>, string]>([
  ['a condition', { where: 'nope = 1' }, '--where nope = 1 cannot be used'],
  ['something else than a condition', { where: ') UNION SELECT' }, '--where ) UNION SELECT cannot be used'],
  [
    'two columns for one',
    { columns: ['unit_price', 'quantity'].map((is) => ({ name: 'price', is })) },
    '--columns names price twice',
  ],
])('%s is refused as wrong usage', async (_, options, message) => {
  const file = write(path.join(freshFolder(), 'sales.csv'), 'transactions')
  expect(await refusal(shop.gradeAt({ transactions: file }, options))).toMatchObject({ code: 'bad_flag', message })
})

test.each(['duckdb:mine.db', 'duckdb::sales'])('%s names no table', async (given) => {
  expect(await refusal(openRelation(given, '/'))).toMatchObject({
    code: 'bad_flag',
    message: `${given} names no table`,
  })
})

test('an empty query is wrong usage', async () => {
  expect(await refusal(openRelation({ query: ' ' }, '/'))).toMatchObject({ code: 'bad_flag' })
})
