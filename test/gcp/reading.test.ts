import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/adapters/local/duckdb.ts'
import {
  type ColumnType,
  columnsOf,
  dimensions,
  type Table,
  tablesOf,
  type WorldSchema,
} from '../../src/tables/index.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { openReaders, rawDigests } from '../readers/delta.ts'
import { retail, workspace } from '../tool.ts'
import { type Cloud, makeCloud } from './cloud.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

const BIGQUERY: Record<ColumnType, (column: string) => string> = {
  string: (column) => column,
  int: (column) => `CAST(${column} AS STRING)`,
  money: (column) => `CAST(CAST(${column} * 100 AS INT64) AS STRING)`,
  timestamp: (column) => `FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', ${column})`,
}
const DUCKDB: typeof BIGQUERY = {
  string: (column) => column,
  int: (column) => `CAST(${column} AS VARCHAR)`,
  money: (column) => `CAST(CAST(${column} * 100 AS BIGINT) AS VARCHAR)`,
  timestamp: (column) => `strftime(${column}, '%Y-%m-%d %H:%M:%S')`,
}

/** Every row as one text, each column by its name and as its type. */
const linesFrom = (table: Table, schema: WorldSchema, text: typeof BIGQUERY, from: string) =>
  `SELECT ${columnsOf(table, schema)
    .map(([name, { type }]) => `COALESCE(${text[type](name)}, '∅')`)
    .join(" || '|' || ")} AS line FROM ${from}`

function seen(rows: readonly { line: string }[]) {
  const lines = rows.map(({ line }) => line).sort()
  return { rows: lines.length, hash: createHash('sha256').update(lines.join('\n')).digest('hex') }
}

async function inDuckdb(lake: string, schema: WorldSchema) {
  await using database = await openDatabase(':memory:', { threads: 1 })
  const all: Record<string, ReturnType<typeof seen>> = {}
  for (const table of tablesOf(schema)) {
    const isDimension = dimensions.some(({ name }) => name === table.name)
    const files = `${table.name}/${isDimension ? '*' : 'month=*/*'}.parquet`
    const rows = `read_parquet('${path.join(lake, files)}', hive_partitioning = false)`
    all[table.name] = seen(await database.query(linesFrom(table, schema, DUCKDB, rows)))
  }
  return all
}

async function inBigquery(cloud: Cloud, schema: WorldSchema) {
  const all: Record<string, ReturnType<typeof seen>> = {}
  for (const table of tablesOf(schema))
    all[table.name] = seen(await cloud.query(linesFrom(table, schema, BIGQUERY, `raw.${table.name}`)))
  return all
}

/** All objects of the lake, as files. */
async function download(cloud: Cloud): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-bucket-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const [files] = await cloud.storage.bucket(cloud.names.bucket).getFiles()
  for (const file of files.filter(({ name }) => /^lake\/\w+\/.*\.\w+$/.test(name))) {
    const destination = path.join(folder, file.name.slice('lake/'.length))
    mkdirSync(path.dirname(destination), { recursive: true })
    await file.download({ destination })
  }
  return folder
}

test.each(['strict', 'extended'] as const)(
  'the %s parts of a bucket say the same to BigQuery and DuckDB, and the same as the parts of a folder',
  async (schema) => {
    const world = { stores: 9, products: 120, lines: 30, to: '2024-02-09', schema }
    const cloud = await makeCloud(peers, world)
    const local = workspace(world)
    for (const line of ['seed-dims', 'backfill']) {
      for (const run of [await cloud.retail(line), await retail(local, line)])
        expect(run, run.stderr).toMatchObject({ code: 0 })
    }
    const loaded = await inBigquery(cloud, schema)
    expect(loaded.transactions.rows).toBeGreaterThan(8000)
    expect(loaded).toEqual(await inDuckdb(await download(cloud), schema))
    expect(loaded).toEqual(await inDuckdb(path.join(local, 'lake'), schema))
    if (schema === 'strict') await readAsDelta(cloud, local)
  },
)

/** The Delta tables of the bucket, by other programs, have the rows of the same history on this machine. */
async function readAsDelta(cloud: Cloud, local: string): Promise<void> {
  const bucket = cloud.storage.bucket(cloud.names.bucket)
  const read = await openReaders(false)
  const isRead = async (step: string) => {
    const expected = await rawDigests(local)
    for (const [table, seen] of Object.entries(await read.lake(await download(cloud))))
      expect(seen, `${table} after ${step}`).toEqual({ delta_rs: expected[table], polars: expected[table] })
    return expected.transactions.rows
  }
  const before = await isRead('backfill')
  for (const run of [await cloud.retail('backfill --to 2024-02-20'), await retail(local, 'backfill --to 2024-02-20')])
    expect(run, run.stderr).toMatchObject({ code: 0 })
  expect(await isRead('an extension')).toBeGreaterThan(before)
  const [{ ids }] = await cloud.query<{ ids: number }>(
    'SELECT COUNT(DISTINCT transaction_id) AS ids FROM raw.transactions',
  )
  expect(ids).toBe((await rawDigests(local)).transactions.rows)

  await bucket.file('lake/transactions/month=2024-02/block-000-through-20.parquet').delete()
  await bucket.file('lake/inventories/month=2024-01/block-000.parquet').save('damaged')
  expect(await cloud.json('backfill --to 2024-02-20')).toMatchObject({ code: 0, parts: { longer: 1, remade: 1 } })
  await isRead('a repair')

  const log = 'lake/transactions/_delta_log/'
  await bucket
    .file(`${log}00000000000000000002.json`)
    .save('{"remove":{"path":"month=2024-01/block-000.parquet","dataChange":true}}\n')
  const wrong = await cloud.retail('verify')
  expect([wrong.code, wrong.stdout]).toEqual([
    6,
    expect.stringContaining('does not name month=2024-01/block-000.parquet'),
  ])
  expect(wrong.stdout).toContain('retail backfill')
  for (const line of ['backfill --to 2024-02-20', 'verify'])
    expect(await cloud.retail(line), line).toMatchObject({ code: 0 })
  await isRead('a wrong commit')
}
