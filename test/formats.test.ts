import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { testEnvironment } from './python-env.ts'
import { checkStats } from './readers/parquet-cli.ts'
import { retail, type SmallWorld, workspace } from './tool.ts'

const here = path.join(import.meta.dirname, 'readers')
const tables = ['product', 'store', 'transactions', 'inventories'] as const

interface Seen {
  rows: number
  hash: string
}
type Answer = Record<(typeof tables)[number], Record<string, Seen>>

/** What DuckDB reads, in the form of rows.py. */
async function duckdb(lake: string): Promise<Record<string, Seen>> {
  await using database = await openDatabase(':memory:', { threads: 1 })
  const seen: Record<string, Seen> = {}
  for (const table of tables) {
    const files = table === 'product' || table === 'store' ? `${table}/${table}.parquet` : `${table}/*/*.parquet`
    const from = `read_parquet('${lake}/${files}', hive_partitioning = false)`
    const columns = await database.query<{ column_name: string }>(`DESCRIBE FROM ${from}`)
    const cells = columns.map(({ column_name }) => `coalesce(CAST("${column_name}" AS VARCHAR), 'None')`)
    const rows = await database.query<{ line: string }>(`SELECT concat_ws('|', ${cells}) AS line FROM ${from}`)
    const lines = rows.map(({ line }) => line).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    seen[table] = { rows: lines.length, hash: createHash('sha256').update(lines.join('\n')).digest('hex') }
  }
  return seen
}

let python: string
beforeAll(async () => {
  python = await testEnvironment(path.join(here, 'requirements.lock'))
})

const world: SmallWorld = { stores: 9, products: 120, lines: 30, to: '2024-02-09' }

describe.each(['strict', 'extended'] as const)('the %s files of a lake', (schema) => {
  test('say the same to PyArrow, Polars, Spark and DuckDB', async () => {
    const folder = workspace({ ...world, schema })
    for (const line of ['seed-dims', 'backfill']) expect((await retail(folder, line)).code).toBe(0)
    const lake = path.join(folder, 'lake')
    const { stdout } = await promisify(execFile)(python, [path.join(here, 'rows.py'), lake])
    const answer = JSON.parse(stdout.trim().split('\n').pop()!) as Answer
    const expected = await duckdb(lake)
    expect(expected.transactions.rows).toBeGreaterThan(8000)
    for (const table of tables) {
      const same = { pyarrow: expected[table], polars: expected[table], spark: expected[table] }
      expect(answer[table], table).toEqual(same)
    }
  })
  test('have statistics that parquet-cli calls sound, live batches too', async () => {
    const folder = workspace({ ...world, schema })
    for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-02-12'])
      expect((await retail(folder, line)).code).toBe(0)
    const lake = path.join(folder, 'lake')
    const files = readdirSync(lake, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.parquet'))
      .map((file) => path.join(lake, file))
    expect(files.length).toBeGreaterThan(12)
    expect(await checkStats(python, files)).toEqual(files.map((file) => `${file} has no corrupt stats`))
  })
})
