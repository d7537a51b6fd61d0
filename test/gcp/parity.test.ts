import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { openPorts } from '../../src/adapters/open.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { VerifyResult } from '../../src/pipeline/results.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { recordingProxy } from '../peers/recording-proxy.ts'
import { WRONG_CELLS } from '../planted.ts'
import { retail, workspace } from '../tool.ts'
import { type Cloud, makeCloud } from './cloud.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

/** Every column as one text, which both sides write alike. */
const MARTS: Record<string, Record<string, 'text' | 'money' | 'instant'>> = {
  daily_sales: { day: 'text', store_id: 'text', category: 'text', revenue: 'money', units: 'text', lines: 'text' },
  monthly_inventory: { month: 'text', location: 'text', quantity_change: 'text', movements: 'text' },
  monthly_sales: {
    month: 'text',
    location: 'text',
    state: 'text',
    category: 'text',
    revenue: 'money',
    units: 'text',
    lines: 'text',
  },
  monthly_product_sales: {
    month: 'text',
    location: 'text',
    state: 'text',
    product_id: 'text',
    category: 'text',
    revenue: 'money',
    units: 'text',
    lines: 'text',
  },
  monthly_stock: {
    month: 'text',
    store_id: 'text',
    category: 'text',
    stocked_items: 'text',
    on_hand: 'text',
    out_of_stock: 'text',
    quantity_change: 'text',
    movements: 'text',
  },
  stock_levels: {
    location: 'text',
    state: 'text',
    category: 'text',
    stocked_items: 'text',
    on_hand: 'text',
    out_of_stock: 'text',
  },
  dim_product: {
    product_id: 'text',
    product_name: 'text',
    category: 'text',
    base_price: 'money',
    supplier_id: 'text',
  },
  dim_store: {
    store_id: 'text',
    location: 'text',
    city: 'text',
    state: 'text',
    store_size: 'text',
    manager: 'text',
  },
  // On the emulator, a sum of integers is a decimal.
  sales_by_store_size: { store_size: 'text', stores: 'text', revenue: 'money', units: 'money' },
  stock_on_hand: { store_id: 'text', product_id: 'text', on_hand: 'text', last_moved_at: 'instant' },
  mv_retail_transactions: {
    transaction_id: 'text',
    timestamp: 'instant',
    event_date: 'text',
    product_id: 'text',
    product_name: 'text',
    category: 'text',
    base_price: 'money',
    supplier_id: 'text',
    store_id: 'text',
    location: 'text',
    city: 'text',
    state: 'text',
    store_size: 'text',
    manager: 'text',
    quantity: 'text',
    unit_price: 'money',
    revenue: 'money',
  },
}

const local = {
  text: (c: string) => `CAST("${c}" AS VARCHAR)`,
  money: (c: string) => `CAST(CAST("${c}" AS DECIMAL(18,2)) AS VARCHAR)`,
  instant: (c: string) => `strftime("${c}", '%Y-%m-%d %H:%M:%S')`,
}
const cloudy = {
  text: (c: string) => `CAST(\`${c}\` AS STRING)`,
  money: (c: string) => `FORMAT('%.2f', \`${c}\`)`,
  instant: (c: string) => `FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', \`${c}\`)`,
}

const select = (table: string, write: typeof local) => {
  const cells = Object.entries(MARTS[table]).map(([column, how]) => write[how](column))
  return `SELECT ${cells.join(" || '|' || ")} AS line FROM marts.${table} ORDER BY 1`
}
const linesOf = (rows: object[]) => rows.map((row) => (row as { line: string }).line)

async function localMarts(folder: string): Promise<Record<string, string[]>> {
  const { config } = loadConfig({ cwd: folder, env: {}, workspace: folder, overrides: {} })
  await using ports = await openPorts(config)
  await using reader = await ports.warehouse.reader()
  const all: Record<string, string[]> = {}
  for (const table of Object.keys(MARTS)) all[table] = linesOf(await reader.query(select(table, local)))
  return all
}

async function cloudMarts(cloud: Cloud): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {}
  for (const table of Object.keys(MARTS)) all[table] = linesOf(await cloud.query(select(table, cloudy)))
  return all
}

const ok = async (run: ReturnType<typeof retail>) => {
  const ended = await run
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
}
const checks = ({ checks }: VerifyResult) => Object.fromEntries(checks.map(({ name, ok }) => [name, ok]))

test('one world has the same marts in both targets, cell by cell, with live events that came twice', async () => {
  const world = { stores: 12, products: 60, lines: 30, from: '2024-01-15', to: '2024-02-03' }
  const cloud = await makeCloud(peers, world)
  // With a project of the user, of which one model leaves before the second transform.
  const OWN = 'init --with dbt --yes --force --skip-checks'
  await ok(cloud.retail(OWN))
  const gone = path.join(cloud.folder, 'dbt/models/gone.sql')
  writeFileSync(
    gone,
    `{{ config(materialized='incremental') }} select max(day) as last_day from {{ ref('daily_sales') }}`,
  )
  for (const line of ['seed-dims', 'backfill', 'transform', 'verify']) await ok(cloud.retail(line))
  expect(await cloud.query('SELECT CAST(last_day AS STRING) AS day FROM marts.gone')).toEqual([{ day: '2024-02-03' }])
  rmSync(gone)
  await ok(cloud.retail('stream --speed max --until 2024-02-06'))
  await ok(cloud.retail('stream --speed max --resend-from 2024-02-04 --until 2024-02-06'))

  // Events that are on their way are told, and are no reason not to transform the rest.
  const early = await cloud.json<VerifyResult>('verify')
  expect([early.code, checks(early)]).toEqual([
    6,
    expect.objectContaining({ delivery: false, transactions: true, daily_sales: true }),
  ])

  await ok(cloud.retail('load'))
  await ok(cloud.retail('transform'))
  await expect(cloud.query('SELECT * FROM marts.gone')).rejects.toThrow(/not found/i)
  const verified = await cloud.json<VerifyResult>('verify')
  expect(verified.differences).toEqual([])
  expect(verified).toMatchObject({
    code: 0,
    raw: { live: '2024-02-06T00:00:00Z' },
    marts: { live: '2024-02-06T00:00:00Z' },
  })
  expect(checks(verified)).toMatchObject({ delivery: true, staging: true, mv_retail_transactions: true })
  const raw = await cloud.query<{ n: number; ids: number }>(
    'SELECT COUNT(*) AS n, COUNT(DISTINCT transaction_id) AS ids FROM raw.transactions',
  )
  expect(raw[0].n).toBeGreaterThan(raw[0].ids)

  const here = workspace(world)
  await ok(retail(here, OWN))
  for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-02-06', 'transform'])
    await ok(retail(here, line))
  const [ours, theirs] = [await cloudMarts(cloud), await localMarts(here)]
  for (const table of Object.keys(MARTS)) {
    expect(theirs[table].length, table).toBeGreaterThan(table === 'sales_by_store_size' ? 1 : 10)
    expect(ours[table], table).toEqual(theirs[table])
  }

  const status = await cloud.json<{ ready: boolean; billedBytes: number; target: string }>('status')
  expect(status).toMatchObject({ ready: true, target: 'gcp', billedBytes: expect.any(Number) })
})

test('what is wrong in BigQuery is found, to the row, and no query is without a limit', async () => {
  const heard = await recordingProxy(peers.env.RETAIL_BIGQUERY_ENDPOINT)
  onTestFinished(heard.stop)
  const env = { RETAIL_BIGQUERY_ENDPOINT: heard.url }
  const cloud = await makeCloud(peers, { stores: 3, products: 20, lines: 20, from: '2024-01-01', to: '2024-01-20' })
  for (const line of ['seed-dims', 'backfill', 'transform']) await ok(cloud.retail(line, env))
  const wrong = async (statement: string) => {
    await cloud.query(statement)
    const result = await cloud.json<VerifyResult>('verify', env)
    return [result.code, result.differences.map(({ check, kind, column }) => ({ check, kind, column }))]
  }
  const id = '(SELECT MIN(transaction_id) FROM raw.transactions)'
  expect(await wrong(`UPDATE raw.transactions SET unit_price = unit_price + 1 WHERE transaction_id = ${id}`)).toEqual([
    6,
    [{ check: 'transactions', kind: 'changed', column: 'unit_price' }],
  ])
  expect(await wrong(`DELETE FROM raw.transactions WHERE transaction_id = ${id}`)).toEqual([
    6,
    [{ check: 'transactions', kind: 'missing', column: undefined }],
  ])

  for (const statement of Object.values(WRONG_CELLS)) await cloud.query(statement)
  const result = await cloud.json<VerifyResult>('verify', env)
  expect(result.code).toBe(6)
  expect(result.differences.map(({ check, kind }) => `${check} ${kind}`).sort()).toEqual(
    [...Object.keys(WRONG_CELLS).map((mart) => `${mart} changed`), 'transactions missing'].sort(),
  )

  const queries = heard.posted
    .filter(({ path, body }) => /\/(jobs|queries)\b/.test(path) && /"query"/.test(body))
    .map(({ body }) => body)
  expect(queries.filter((body) => /"merge|create or replace|materialized view/i.test(body)).length).toBeGreaterThan(3)
  expect(queries.filter((body) => /UNIX_SECONDS/.test(body)).length).toBeGreaterThan(3)
  const limit = String(cloud.config.gcp?.max_bytes_billed)
  expect(queries.filter((body) => !new RegExp(`"maximumBytesBilled": ?"${limit}"`).test(body))).toEqual([])
})
