import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TransformResult, VerifyResult } from '../../src/pipeline/results.ts'
import { type JobProxy, jobProxy, type PostedJob, withUndoableTruncate } from '../peers/job-proxy.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { retail } from '../tool.ts'
import { readable, readsOf } from './bytes/reads.ts'
import { type Cloud, makeCloud } from './cloud.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

let captured: { cloud: Cloud; first: readonly PostedJob[]; jobs: readonly PostedJob[] } | undefined

const isPublish = ({ query }: PostedJob) => query.startsWith('begin transaction')
const isDailySales = ({ query }: PostedJob) =>
  /create or replace table|merge into/i.test(query) && /daily_sales`/.test(query)

/** What readers see of every mart, and the instant that they are told. */
const SEEN = `SELECT (SELECT STRING_AGG(CAST(live AS STRING)) FROM marts.published) || ' ' ||
  (SELECT SUM(lines) FROM marts.daily_sales) || ' ' || (SELECT SUM(lines) FROM marts.monthly_sales) || ' ' || (SELECT SUM(lines) FROM marts.monthly_product_sales) || ' ' ||
  (SELECT COUNT(*) FROM marts.mv_retail_transactions) || ' ' || (SELECT SUM(movements) FROM marts.monthly_inventory) || ' ' ||
  (SELECT SUM(on_hand) FROM marts.stock_on_hand) || ' ' || (SELECT SUM(on_hand) FROM marts.stock_levels) || ' ' || (SELECT SUM(movements) FROM marts.monthly_stock) AS seen`

const ok = async (run: ReturnType<Cloud['retail']>) => {
  const ended = await run
  expect(ended, ended.stderr).toMatchObject({ code: 0 })
}

/** What a script does before it fails: each time one statement more. */
function beginningsOf(script: string): string[] {
  const statements = withUndoableTruncate(script).trim().split(';\n')
  return statements.slice(1).map((_, i) => `${statements.slice(0, i + 1).join(';\n')};\n`)
}

test('after a kill at any job readers see marts of one instant', async () => {
  const cloud = await makeCloud(peers, { stores: 3, products: 20, lines: 20, from: '2024-01-01', to: '2024-01-20' })
  const seen = async () => String((await cloud.query<{ seen: string }>(SEEN))[0].seen)
  const proxies: JobProxy[] = []
  const through = async (hooks: Parameters<typeof jobProxy>[1]) => {
    proxies.push(await jobProxy(peers.env.RETAIL_BIGQUERY_ENDPOINT, hooks))
    return { RETAIL_BIGQUERY_ENDPOINT: proxies.at(-1)!.url }
  }
  for (const line of ['seed-dims', 'backfill']) await ok(cloud.retail(line))
  await ok(cloud.retail('transform', await through({})))
  const first = [...proxies[0].jobs]
  for (const line of ['stream --speed max --until 2024-01-22T06:00:00Z', 'load'])
    await ok(cloud.retail(line, { RETAIL_BIGQUERY_ENDPOINT: proxies[0].url }))
  const before = await seen()

  // Killed in the middle of the models; a selection then stays at the instant of the others.
  let kill = () => {}
  const env = await through({ after: async (job) => void (isDailySales(job) && kill()) })
  const child = cloud.start('transform', env)
  kill = () => child.kill('SIGKILL')
  expect(await child.ended).toMatchObject({ signal: 'SIGKILL' })
  expect(await seen()).toBe(before)
  const part = await cloud.json<TransformResult>('transform --select monthly_sales+ stock_on_hand+')
  expect(part, part.failed?.join()).toMatchObject({ code: 0, published: true, cut: { live: '2024-01-21T00:00:00Z' } })
  expect(await seen()).toBe(before)
  expect((await cloud.json<VerifyResult>('verify')).differences).toEqual([])

  const elsewhere = cloud.another()
  const refused: Awaited<ReturnType<typeof retail>>[] = []
  const states: string[] = []
  const undone: string[] = []
  const planted: string[] = []
  const whole = await through({
    async before(job) {
      if (!isPublish(job)) return
      // An error after any statement undoes all of them.
      for (const beginning of beginningsOf(job.query)) {
        await cloud.query(`${beginning}select * from marts.nothing_of_this_name;\n`).catch(() => {})
        undone.push(await seen())
      }
      // Table by table, which is what this test is for.
      for (const statement of job.query.trim().split(';\n').slice(1, -1)) {
        await cloud.query(statement)
        planted.push(await seen())
      }
    },
    async after(job) {
      if (isDailySales(job)) refused.push(await retail(elsewhere, 'transform', cloud.env))
      if (!job.query.includes('nothing_of_this_name')) states.push(await seen())
    },
    loses: isPublish,
  })
  await ok(cloud.retail('transform', whole))
  // Another machine that comes meanwhile is told to wait.
  expect(refused.length).toBeGreaterThan(0)
  for (const { code, stderr } of refused)
    expect([code, stderr]).toEqual([2, expect.stringContaining('another transform is building the marts')])
  const after = await seen()
  expect(after).not.toBe(before)
  expect([...new Set(states)]).toEqual([before, after])
  expect([...new Set(undone)]).toEqual([before])
  expect(new Set(planted).size).toBeGreaterThan(5)

  const jobs = [...proxies.at(-1)!.jobs]
  const publishes = jobs.filter(isPublish)
  expect(publishes).toHaveLength(1)
  const sql = publishes[0].query
    .replaceAll(cloud.names.datasets.raw.replace(/_raw$/, ''), 'shop')
    .replace(publishes[0].id, 'JOB')
    .replace(/timestamp_millis\(\d+\)/, 'timestamp_millis(END)')
  await expect(sql).toMatchFileSnapshot('__snapshots__/publish.sql')
  const verified = await cloud.json<VerifyResult>('verify', whole)
  expect(verified.differences).toEqual([])
  expect(verified).toMatchObject({ code: 0, marts: { live: '2024-01-22T06:00:00Z' } })
  captured = { cloud, first, jobs }
  await Promise.all(proxies.map((proxy) => proxy.stop()))
})

const CHANGED = ['2024-01-21', '2024-01-22']

/** In the form that the house has, for a file of the house. */
async function formatted(text: string, file: string): Promise<string> {
  const biome = promisify(execFile)('npx', ['biome', 'format', `--stdin-file-path=${file}`])
  biome.child.stdin!.end(text)
  return (await biome).stdout
}

test('a transform reads the days that changed, and what it reads is what the cost is computed from', async () => {
  const { cloud, jobs } = captured!
  const reads = await readsOf(cloud, jobs, CHANGED)
  // A month of sums by day is small; everything else is read by the day.
  const more = reads.filter(
    ({ table, of }) => of !== 'day' && /raw\.|stg_(transactions|inventories)|daily_sales/.test(table),
  )
  expect(more.map(({ job, table, of }) => [job, table, of])).toEqual([
    ['monthly_sales', 'build.daily_sales', 'month'],
    ['monthly_sales_are_sound', 'build.daily_sales', 'month'],
  ])
  await expect(readable(cloud, jobs)).toMatchFileSnapshot('__snapshots__/transform.sql')
  const file = 'src/pipeline/infra/transform-reads.ts'
  const text = `/** Generated by test/gcp/marts.test.ts from the statements of a transform: what each one reads, by Google's rules. */
export const transformReads: readonly { job: string; table: string; of: 'day' | 'month' | 'all'; columns: readonly string[] }[] = ${JSON.stringify(reads)}`
  await expect(await formatted(text, file)).toMatchFileSnapshot(path.join(import.meta.dirname, '../..', file))

  const without = jobs.map((job) => ({
    ...job,
    query: job.query.replace(/(where|and) (DBT_INTERNAL_DEST|line)?\.?event_date in \([^)]*\)/gi, '$1 true'),
  }))
  const found = (await readsOf(cloud, without, CHANGED)).filter(
    ({ table, of }) => of === 'all' && table.includes('stg_transactions'),
  )
  expect(found.map(({ job }) => job)).toEqual(expect.arrayContaining(['stg_transactions', 'sales_are_sound']))
})

const LINE = `(SELECT MIN(transaction_id) FROM staging.stg_transactions WHERE event_date = DATE '2024-01-21')`
const MOVE = `(SELECT MIN(inventory_id) FROM staging.stg_inventories WHERE event_date = DATE '2024-01-21')`
const ITEM = '(SELECT MIN(CONCAT(store_id, product_id)) FROM build.stock_on_hand)'
const again = (table: string, where: string) => `INSERT INTO ${table} SELECT * FROM ${table} WHERE ${where}`
const set = (table: string, change: string, where: string) => `UPDATE ${table} SET ${change} WHERE ${where}`

/** A wrong row, and the test of BigQuery that has to find it. */
const WRONG: [test: string, table: string, statement: (table: string) => string][] = [
  ...(
    [
      (table) => again(table, `transaction_id = ${LINE}`),
      (table) => set(table, 'quantity = 0', `transaction_id = ${LINE}`),
      (table) => set(table, 'unit_price = NULL', `transaction_id = ${LINE}`),
      (table) => set(table, "product_id = 'P99999'", `transaction_id = ${LINE}`),
      (table) => set(table, "store_id = 'S9999'", `transaction_id = ${LINE}`),
      (table) => `DELETE FROM ${table} WHERE transaction_id = ${LINE}`,
    ] satisfies ((table: string) => string)[]
  ).map((each): (typeof WRONG)[number] => ['sales_are_sound', 'staging.stg_transactions', each]),
  ['sales_are_sound', 'build.daily_sales', (table) => set(table, "category = 'Food'", "day = DATE '2024-01-21'")],
  ['sales_are_sound', 'build.daily_sales', (table) => set(table, 'units = units + 1', "day = DATE '2024-01-21'")],
  ['sales_are_sound', 'build.daily_sales', (table) => again(table, "day = DATE '2024-01-21'")],
  ['monthly_sales_are_sound', 'build.monthly_sales', (table) => again(table, 'true')],
  ['monthly_sales_are_sound', 'build.monthly_sales', (table) => set(table, 'state = NULL', 'true')],
  ['monthly_sales_are_sound', 'build.monthly_sales', (table) => set(table, 'revenue = revenue + 1', 'true')],
  ['monthly_sales_are_sound', 'build.monthly_product_sales', (table) => again(table, 'true')],
  ['monthly_sales_are_sound', 'build.monthly_product_sales', (table) => set(table, 'revenue = NULL', 'true')],
  ['monthly_sales_are_sound', 'build.monthly_product_sales', (table) => set(table, 'units = units + 1', 'true')],
  ['stock_is_sound', 'staging.stg_inventories', (table) => again(table, `inventory_id = ${MOVE}`)],
  [
    'stock_is_sound',
    'staging.stg_inventories',
    (table) => set(table, "product_id = 'P99999'", `inventory_id = ${MOVE}`),
  ],
  [
    'stock_is_sound',
    'staging.stg_inventories',
    (table) => set(table, 'quantity_change = NULL', `inventory_id = ${MOVE}`),
  ],
  [
    'stock_is_sound',
    'build.stock_on_hand',
    (table) => set(table, `on_hand = IF(CONCAT(store_id, product_id) = ${ITEM}, -1, on_hand)`, 'true'),
  ],
  ['stock_is_sound', 'build.stock_levels', (table) => set(table, 'on_hand = on_hand + 1', 'true')],
  ['stock_is_sound', 'build.stock_levels', (table) => set(table, 'out_of_stock = NULL', 'true')],
  ['stock_is_sound', 'build.monthly_inventory', (table) => set(table, 'movements = movements + 1', 'true')],
  ['dimensions_are_sound', 'staging.stg_product', (table) => again(table, 'true')],
  ['dimensions_are_sound', 'build.dim_product', (table) => set(table, "category = 'Food'", 'true')],
  ['dimensions_are_sound', 'build.dim_store', (table) => set(table, 'state = NULL', 'true')],
]

test('every test of BigQuery finds what it is for', async () => {
  const { cloud, first, jobs } = captured!
  const failures = async (name: string) => {
    // What adds movements to the published marts held before they were published.
    const asked = name === 'stock_is_sound' ? first : [...jobs, ...first]
    const job = asked.find(({ query }) => query.includes(`"node_id": "test.retail.${name}"`))
    const [{ failures }] = await cloud.query<{ failures: number }>(job!.query)
    return failures
  }
  for (const name of new Set(WRONG.map(([name]) => name))) expect(await failures(name), name).toBe(0)
  for (const [name, table, statement] of WRONG) {
    await cloud.query(`CREATE OR REPLACE TABLE build.kept AS SELECT * FROM ${table}`)
    await cloud.query(statement(table))
    expect(await failures(name), `${name}: ${statement(table)}`).toBeGreaterThan(0)
    await cloud.query(`DELETE FROM ${table} WHERE true`)
    await cloud.query(`INSERT INTO ${table} SELECT * FROM build.kept`)
  }
})
