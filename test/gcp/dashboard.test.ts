import { rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { serve } from '../dashboard-shop.ts'
import { type Fault, faultProxy } from '../peers/fault-proxy.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { recordingProxy } from '../peers/recording-proxy.ts'
import { json, retail, workspace } from '../tool.ts'
import { type Cloud, makeCloud } from './cloud.ts'

const WORLD = { stores: 12, products: 40, lines: 15, to: '2024-03-10' }

let peers: Peers
let cloud: Cloud
beforeAll(async () => {
  peers = await startPeers()
  cloud = await makeCloud(peers, WORLD, true)
  for (const line of ['seed-dims', 'backfill']) expect(await cloud.retail(line)).toMatchObject({ code: 0 })
})
afterAll(async () => {
  await peers?.stop()
  if (cloud) rmSync(cloud.folder, { recursive: true })
})

/** What dbt makes of raw, as far as the dashboard asks for it. */
const MARTS = {
  dim_store: `SELECT store_id, location, TRIM(REGEXP_EXTRACT(location, r',([^,]*)$')) AS state FROM raw.store`,
  dim_product: 'SELECT product_id, name AS product_name, category FROM raw.product',
  daily_sales: `SELECT CAST(sale.timestamp AS DATE) AS day, sale.store_id, product.category,
    SUM(sale.quantity * sale.unit_price) AS revenue, SUM(sale.quantity) AS units, COUNT(*) AS \`lines\`
    FROM raw.transactions AS sale JOIN raw.product AS product ON product.product_id = sale.product_id GROUP BY 1, 2, 3`,
  monthly_sales: `SELECT CAST(DATE_TRUNC(sale.day, MONTH) AS DATE) AS month, store.location, store.state, sale.category,
    SUM(sale.revenue) AS revenue, SUM(sale.units) AS units, SUM(sale.lines) AS \`lines\`
    FROM marts.daily_sales AS sale JOIN marts.dim_store AS store ON store.store_id = sale.store_id GROUP BY 1, 2, 3, 4`,
  monthly_product_sales: `SELECT CAST(DATE_TRUNC(CAST(sale.timestamp AS DATE), MONTH) AS DATE) AS month, store.location, store.state,
    sale.product_id, product.category, SUM(sale.quantity * sale.unit_price) AS revenue, SUM(sale.quantity) AS units, COUNT(*) AS \`lines\`
    FROM raw.transactions AS sale JOIN marts.dim_store AS store ON store.store_id = sale.store_id
    JOIN raw.product AS product ON product.product_id = sale.product_id GROUP BY 1, 2, 3, 4, 5`,
  stock_on_hand: 'SELECT store_id, product_id, SUM(quantity_change) AS on_hand FROM raw.inventories GROUP BY 1, 2',
  stock_levels: `SELECT store.location, store.state, product.category, COUNT(*) AS stocked_items, SUM(held.on_hand) AS on_hand,
    SUM(CASE WHEN held.on_hand <= 0 THEN 1 ELSE 0 END) AS out_of_stock FROM marts.stock_on_hand AS held
    JOIN marts.dim_store AS store ON store.store_id = held.store_id
    JOIN marts.dim_product AS product ON product.product_id = held.product_id GROUP BY 1, 2, 3`,
  monthly_stock: `SELECT month, store_id, category, COUNT(*) AS stocked_items, SUM(on_hand) AS on_hand,
    SUM(CASE WHEN on_hand <= 0 THEN 1 ELSE 0 END) AS out_of_stock
    FROM (SELECT months.month, moved.store_id, product.category, moved.product_id, SUM(moved.quantity_change) AS on_hand
      FROM (SELECT DISTINCT month FROM marts.monthly_sales) AS months
      JOIN raw.inventories AS moved ON CAST(DATE_TRUNC(CAST(moved.timestamp AS DATE), MONTH) AS DATE) <= months.month
      JOIN marts.dim_product AS product ON product.product_id = moved.product_id GROUP BY 1, 2, 3, 4) AS items
    GROUP BY 1, 2, 3`,
}

test('every view says on BigQuery what it says on DuckDB', async () => {
  const local = workspace(WORLD)
  for (const line of ['seed-dims', 'backfill', 'transform'])
    expect(await retail(local, line)).toMatchObject({ code: 0 })
  const early = await cloud.retail('dashboard --json')
  expect([early.code, early.stderr]).toEqual([3, expect.stringContaining('retail transform')])

  for (const [name, select] of Object.entries(MARTS)) await cloud.query(`CREATE TABLE marts.${name} AS ${select}`)
  const end = String(Date.UTC(2024, 2, 11) / 1000)
  await cloud.query(`INSERT INTO marts.published (history, live, job) VALUES (${end}, ${end}, 'planted')`)
  const heard = await recordingProxy(peers.env.RETAIL_BIGQUERY_ENDPOINT)
  onTestFinished(heard.stop)
  for (const flags of [
    '',
    '--year 2024 --month 2',
    '--month 3',
    '--state TX',
    '--rows states --compare off',
    '--year 2024',
    '--from 2024-01-15 --to 2024-02-20 --category Books',
    '--store S0003 --per day',
    '--state TX --by month',
  ]) {
    const [there, here] = await Promise.all([
      cloud.json(`dashboard ${flags}`, { RETAIL_BIGQUERY_ENDPOINT: heard.url }),
      json(local, `dashboard ${flags}`),
    ])
    expect(plain(there), flags).toEqual(plain(here))
  }
  const asked = heard.posted.filter(({ path, body }) => /\/(jobs|queries)\b/.test(path) && /"query"/.test(body))
  expect(asked.length).toBeGreaterThan(30)
  const limit = `"maximumBytesBilled":"${cloud.config.gcp?.max_bytes_billed}"`
  expect(asked.filter(({ body }) => !body.includes(limit))).toEqual([])
})

test('what BigQuery refuses is told in words, and the page is answered again when it has passed', async () => {
  const bigquery = await faultProxy('http', peers.env.RETAIL_BIGQUERY_ENDPOINT)
  onTestFinished(bigquery.stop)
  const served = await serve(cloud.folder, 'dashboard --port 0', {
    ...cloud.env,
    RETAIL_BIGQUERY_ENDPOINT: `http://${bigquery.address}`,
    RETAIL_EMULATOR_HASTE: '60',
  })
  onTestFinished(async () => {
    served.kill('SIGINT')
    await served.ended
  })
  const lines = async (search: string) =>
    (await (await fetch(`${served.url}api/panels?${search}`)).text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { trouble?: { message: string }; panel?: string })
  // Each asks for what was not asked before: answers are kept.
  const refused: [string, Fault, RegExp][] = [
    ['month=1', { status: 403, reason: 'accessDenied' }, /not allowed/],
    ['month=2', { status: 403, reason: 'quotaExceeded' }, /a quota .* was exceeded/],
    ['month=3', { status: 401, reason: 'authError' }, /rejected the credentials/],
  ]
  for (const [search, fault, words] of refused) {
    bigquery.fault(/\/(jobs|queries)/, fault)
    expect((await lines(search)).map(({ trouble }) => trouble?.message).join(), words.source).toMatch(words)
    bigquery.heal()
    const answered = await lines(search)
    expect(answered.filter(({ trouble }) => trouble)).toEqual([])
    expect(answered.length).toBeGreaterThan(7)
  }
})

test('a query is answered with the limit on cost, and one that writes is refused before it runs', async () => {
  const heard = await recordingProxy(peers.env.RETAIL_BIGQUERY_ENDPOINT)
  onTestFinished(heard.stop)
  const ask = (sql: string, flags: string) => {
    writeFileSync(path.join(cloud.folder, 'q.sql'), sql)
    return cloud.retail(`sql q.sql ${flags}`, { RETAIL_BIGQUERY_ENDPOINT: heard.url })
  }
  const rows = `SELECT DISTINCT day, 'a"b' AS text, CAST(7 AS INT64) AS n, NUMERIC '1.50' AS money, [1, 2] AS list, CAST(NULL AS BOOL) AS no
    FROM daily_sales WHERE day = DATE '2024-02-01'`
  const json = await ask(rows, '--json')
  expect([json.code, json.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^\[{"day":"2024-02-01","text":"a\\"b","n":7,"money":1\.50?,"list":\[.*1.*2.*\],"no":null}\]\n$/,
    ),
  ])
  const none = await ask(`SELECT day, \`lines\` FROM daily_sales WHERE day > DATE '2030-01-01'`, '--format csv')
  expect([none.code, none.stdout, none.stderr]).toEqual([0, 'day,lines\n', expect.stringContaining('0 rows')])
  expect((await ask('SELECT nothing FROM daily_sales', '')).code).toBe(2)
  const before = heard.posted.length
  expect(await ask('DELETE FROM marts.daily_sales WHERE TRUE', '')).toMatchObject({ code: 2, stdout: '' })
  const jobs = heard.posted.filter(({ body }) => body.includes('"query"'))
  expect(jobs.filter(({ body }) => !body.includes('"dryRun":true') && /DELETE/.test(body))).toEqual([])
  expect(heard.posted.length).toBeGreaterThan(before)
  const limit = `"maximumBytesBilled":"${cloud.config.gcp?.max_bytes_billed}"`
  expect(jobs.filter(({ body }) => !body.includes('"dryRun":true') && !body.includes(limit))).toEqual([])
})

/** But for where they come from and what they cost. */
function plain({ head, panels }: Record<string, unknown>): unknown {
  const text = JSON.stringify({ head, panels }, (name, value) =>
    name === 'source' || name === 'version' || name === 'bytesBilled' ? undefined : value,
  )
  const found = JSON.parse(text)
  found.panels.sort((a: { panel: string }, b: { panel: string }) => (a.panel < b.panel ? -1 : 1))
  return found
}
