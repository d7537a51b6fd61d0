import { spawn } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { deltaSource } from '../src/adapters/local/delta.ts'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { openPorts } from '../src/adapters/open.ts'
import { loadConfig } from '../src/config/load.ts'
import { stream } from '../src/pipeline/stream.ts'
import { json, retail, workspace } from './tool.ts'

interface Seen {
  rows: number
  off: number
  last: string
  error?: string
}

async function readTable(folder: string): Promise<{ n: number; ids: number }> {
  await using database = await openDatabase(':memory:', { threads: 1 })
  const source = await deltaSource(database, folder)
  const [seen] = await database.query<{ n: number; ids: number }>(
    `SELECT count(*)::INT AS n, count(DISTINCT transaction_id)::INT AS ids FROM ${source}`,
  )
  return seen
}

test('fresh readers beside a fast stream with many rolls see no error, gap, double or step back', async () => {
  const folder = workspace({ stores: 40, products: 150, lines: 60, to: '2024-01-10' })
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const { config } = loadConfig({ cwd: folder, env: {} })
  await using ports = await openPorts(config)
  mkdirSync(path.join(folder, 'lake/live'), { recursive: true })
  const reader = spawn(process.execPath, [
    path.join(import.meta.dirname, 'reader.mjs'),
    path.join(folder, 'retail.duckdb'),
    '2024-01-11',
  ])
  const generations = () => readdirSync(path.join(folder, 'lake/live')).length
  const seen: Seen[] = []
  let enough = () => {}
  const stop = new AbortController()
  createInterface({ input: reader.stdout }).on('line', (line) => {
    seen.push(JSON.parse(line) as Seen)
    if (seen.length >= 150 && generations() >= 8) enough()
  })
  const ended = new Promise((resolve) => reader.on('close', resolve))
  const watched = new Promise<void>((resolve) => (enough = resolve))

  // A roll about every second; many within a day, so that rolled batches are merged again.
  const streaming = stream(ports, config, { speed: 12_000, rollEvery: 3, signal: stop.signal })
  // The Delta table is read as `grade` reads anybody's.
  const tables: { n: number; ids: number }[] = []
  let over = false
  const reading = (async () => {
    while (!over) tables.push(await readTable(path.join(folder, 'lake/transactions')))
  })()
  await watched
  over = true
  await reading
  stop.abort()
  const result = await streaming
  reader.stdin.end()
  await ended

  expect(seen.filter(({ error }) => error)).toEqual([])
  expect(seen.filter(({ off }) => off !== 0)).toEqual([])
  for (let i = 1; i < seen.length; i++) expect(seen[i].rows, `read ${i}`).toBeGreaterThanOrEqual(seen[i - 1].rows)
  expect(new Set(seen.map(({ rows }) => rows)).size).toBeGreaterThan(5)
  expect(result.batches).toBeGreaterThan(20)
  expect(tables.filter(({ n, ids }) => n !== ids)).toEqual([])
  for (let i = 1; i < tables.length; i++) expect(tables[i].n, `read ${i}`).toBeGreaterThanOrEqual(tables[i - 1].n)
  expect(new Set(tables.map(({ n }) => n)).size).toBeGreaterThan(3)
  // A stream that ends rolls what it has delivered.
  await using database = await openDatabase(path.join(folder, 'retail.duckdb'), { readOnly: true, threads: 1 })
  const raw = await database.query('SELECT count(*)::INT AS n FROM raw.transactions')
  expect(raw).toEqual([{ n: (await readTable(path.join(folder, 'lake/transactions'))).n }])
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
})

test('while a history is extended within a month, an open database stays unchanged, and the folder has each row once', async () => {
  const folder = workspace({ stores: 40, products: 150, lines: 60, to: '2024-02-10' })
  for (const line of ['seed-dims', 'backfill']) expect((await retail(folder, line)).code).toBe(0)
  const held = await openDatabase(path.join(folder, 'retail.duckdb'), { readOnly: true, threads: 1 })
  onTestFinished(() => held[Symbol.asyncDispose]())
  const history = 'SELECT count(*)::INT AS n, max("timestamp")::VARCHAR AS last FROM raw.transactions'
  const before = await held.query(history)
  const files = `read_parquet('${path.join(folder, 'lake')}/transactions/*/*.parquet')`
  const ids = `SELECT count(*)::INT AS n, count(DISTINCT transaction_id)::INT AS ids FROM ${files}`
  let over = false
  const reads: unknown[] = []
  const reading = (async () => {
    while (!over) reads.push(await held.query(history))
  })()
  let rows = 0
  for (const line of [
    'backfill --to 2024-02-15',
    'backfill --to 2024-02-20',
    'transform',
    'backfill --to 2024-03-05',
  ]) {
    expect((await retail(folder, line)).code, line).toBe(0)
    // Another instance: nothing that the first one remembers of files.
    await using fresh = await openDatabase(':memory:', { threads: 1 })
    const [found] = await fresh.query<{ n: number; ids: number }>(ids)
    expect(found.n, line).toBe(found.ids)
    expect(found.n, line).toBeGreaterThanOrEqual(rows)
    rows = found.n
  }
  over = true
  await reading
  expect(reads.length).toBeGreaterThan(5)
  for (const read of reads) expect(read).toEqual(before)
})
