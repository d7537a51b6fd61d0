import { execFile } from 'node:child_process'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ListLettersResult, ShowLettersResult, StatusResult } from '../../src/pipeline/results.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { retail, start } from '../tool.ts'
import { type Cloud, makeCloud } from './cloud.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

interface Streamed {
  rows: { transactions: number; inventories: number }
  from: string
  to: string
}

async function withHistory(world = {}): Promise<Cloud> {
  const cloud = await makeCloud(peers, { stores: 12, lines: 40, to: '2024-01-10', ...world })
  for (const line of ['seed-dims', 'backfill']) expect(await cloud.retail(line)).toMatchObject({ code: 0 })
  return cloud
}

/** The naive pipeline of docs/grade.md, subscribed from now on. Resolves to its table when it has taken what was sent. */
async function naiveConsumer({ pubsub, bigquery, names, env }: Cloud): Promise<() => Promise<string>> {
  const [subscription] = await pubsub.createSubscription(
    names.topics.transactions,
    `${names.topics.transactions}-naive`,
  )
  const schema =
    'transaction_id:STRING, product_id:STRING, timestamp:TIMESTAMP, quantity:INTEGER, unit_price:FLOAT, store_id:STRING'
  await bigquery.dataset(names.datasets.raw).createTable('naive_sales', { schema })
  const table = `${peers.project}.${names.datasets.raw}.naive_sales`
  const file = path.resolve(import.meta.dirname, '../../examples/pipelines/pubsub/naive.py')
  const endpoints = {
    PUBSUB: `http://${env.PUBSUB_EMULATOR_HOST}`,
    BIGQUERY: env.RETAIL_BIGQUERY_ENDPOINT,
    TOKEN: 'none',
  }
  return async () => {
    await promisify(execFile)('python3', [file, subscription.name, table], { env: { ...process.env, ...endpoints } })
    return table
  }
}

/** Rows that came by the stream. */
const live = (cloud: Cloud, table: string, id: string) =>
  cloud.query<{ n: number; ids: number }>(
    `SELECT COUNT(*) AS n, COUNT(DISTINCT ${id}) AS ids FROM raw.${table} WHERE \`timestamp\` >= TIMESTAMP '2024-01-11 00:00:00+00'`,
  )

test.each(['strict', 'extended'] as const)(
  'what is streamed is loaded, every row once, in a %s world',
  async (schema) => {
    const cloud = await withHistory({ schema })
    const streamed = await cloud.json<Streamed>('stream --speed max --until 2024-01-14')
    expect(streamed).toMatchObject({ code: 0, from: '2024-01-11T00:00:00Z', to: '2024-01-14T00:00:00Z' })
    const all = ({ rows }: Streamed) => `load --max-events ${rows.transactions + rows.inventories} --duration 3m`
    const loaded = await cloud.json(all(streamed))
    expect(loaded).toMatchObject({ code: 0, rows: streamed.rows, deadLetters: 0, stoppedBy: 'max-events' })
    const { transactions, inventories } = streamed.rows
    expect(await live(cloud, 'transactions', 'transaction_id')).toEqual([{ n: transactions, ids: transactions }])
    expect(await live(cloud, 'inventories', 'inventory_id')).toEqual([{ n: inventories, ids: inventories }])
    // It goes on where it was, and nothing that was loaded comes again.
    const more = await cloud.json<Streamed>('stream --speed max --until 2024-01-15')
    expect(more.from).toBe('2024-01-14T00:00:00Z')
    expect(await cloud.json(all(more))).toMatchObject({ rows: more.rows })
  },
)

test('a malformed event is kept with its reason and stops nothing', async () => {
  const cloud = await withHistory()
  const topic = cloud.pubsub.topic(cloud.names.topics.transactions)
  const good = {
    transaction_id: 'T240111-0001-000001',
    product_id: 'P00001',
    timestamp: '2024-01-11T00:00:00Z',
    quantity: 1,
    unit_price: '1.00',
    store_id: 'S0001',
  }
  const { world } = await cloud.json<{ world: string }>('status')
  const bad = [
    'no json',
    '[]',
    JSON.stringify({ ...good, quantity: '1' }),
    JSON.stringify({ ...good, unit_price: 1 }),
    JSON.stringify({ ...good, timestamp: 'yesterday' }),
    JSON.stringify({ ...good, surprise: 1 }),
    JSON.stringify({ ...good, store_id: undefined }),
    JSON.stringify({ ...good, transaction_id: 'TEST-1' }),
    JSON.stringify({ ...good, store_id: 'S0002' }),
    JSON.stringify({ ...good, product_id: 'P99999' }),
  ]
  const attributes = { world }
  for (const data of bad) await topic.publishMessage({ data: Buffer.from(data), attributes })
  await topic.publishMessage({ data: Buffer.from([0xff, 0xfe]), attributes })
  await topic.publishMessage({ data: Buffer.from(JSON.stringify(good)), attributes: { world: 'another' } })
  await topic.publishMessage({ data: Buffer.from(JSON.stringify(good)) })
  await topic.publishMessage({ data: Buffer.from(JSON.stringify(good)), attributes })
  expect(await cloud.json('load --max-events 14 --duration 3m')).toMatchObject({
    code: 0,
    rows: { transactions: 1 },
    deadLetters: 13,
  })
  const rows = await cloud.query<{ reason: string }>('SELECT reason FROM raw.dead_letter ORDER BY reason')
  expect(rows.map(({ reason }) => reason)).toEqual([
    'it belongs to another world (another)',
    'it does not say which world it belongs to: it has no attribute world',
    'it has an unknown column, surprise',
    'it has no store_id',
    'it is not JSON',
    'it is not JSON',
    'it is not a JSON object',
    'product_id is not a product of this world: P99999',
    'quantity is not a whole number',
    'store_id is S0002, but T240111-0001-000001 belongs to S0001',
    "timestamp is not text like '2024-01-31T23:59:59Z'",
    'transaction_id is not an id that this world has: TEST-1',
    "unit_price is not text like '12.50'",
  ])

  const listed = await cloud.json<ListLettersResult>('dead-letters')
  expect(listed).toMatchObject({ code: 0, counts: [{ state: 'open', table: 'transactions', letters: 13 }] })
  expect(listed.letters.map(({ reason }) => reason).sort()).toEqual(rows.map(({ reason }) => reason))
  const idOf = (reason: string) => listed.letters.find((letter) => letter.reason === reason)?.id ?? ''
  const strange = listed.letters.filter(({ reason }) => reason === 'it is not JSON').map(({ id }) => id)
  const shown = await cloud.json<ShowLettersResult>(`dead-letters show ${strange.join(' ')}`)
  expect(shown.letters.map(({ body }) => body)).toEqual([{ text: 'no json' }, { base64: '//4=' }])
  // None of them becomes valid by being sent again, and what is refused stays.
  expect(await cloud.json('dead-letters replay --all')).toMatchObject({
    code: 5,
    invalid: 13,
    replayed: { transactions: 0 },
  })
  const dropped = idOf('it is not a JSON object')
  expect(await cloud.retail(`dead-letters drop ${dropped} --reason tried`)).toMatchObject({ code: 0 })
  expect(await cloud.json<ListLettersResult>('dead-letters --state dropped')).toMatchObject({
    letters: [{ id: dropped, state: 'dropped', marked: { by: expect.stringContaining('@'), note: 'tried' } }],
  })
  const { stdout } = await cloud.retail('dead-letters export --state all')
  expect(
    stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).state)
      .sort(),
  ).toEqual(['dropped', ...Array.from({ length: 12 }, () => 'open')])
  const { openLetters } = await cloud.json<StatusResult>('status')
  expect(openLetters).toMatchObject([{ table: 'transactions', letters: 12 }])
})

test('two loaders share the work, and events that are published twice are in raw at least once', async () => {
  const cloud = await withHistory()
  const { rows } = await cloud.json<Streamed>('stream --speed max --until 2024-01-13')
  await cloud.json('stream --speed max --resend-from 2024-01-11 --until 2024-01-13')
  const both = await Promise.all([
    cloud.retail('load --idle 25s'),
    retail(cloud.another(), 'load --idle 25s', cloud.env),
  ])
  expect(both.map(({ code }) => code)).toEqual([0, 0])
  const [{ n, ids }] = await live(cloud, 'transactions', 'transaction_id')
  expect([n, ids]).toEqual([2 * rows.transactions, rows.transactions])
})

test('a table of other columns stops the loader, and no event is lost', async () => {
  const cloud = await withHistory()
  const { rows } = await cloud.json<Streamed>('stream --speed max --until 2024-01-12')
  const raw = cloud.bigquery.dataset(cloud.names.datasets.raw)
  const [{ schema, labels }] = await raw.table('inventories').getMetadata()
  await raw.table('inventories').delete()
  await raw.createTable('inventories', { schema: [{ name: 'inventory_id', type: 'STRING', mode: 'REQUIRED' }] })
  const stopped = await cloud.retail('load --idle 5s')
  expect([stopped.code, stopped.stderr]).toEqual([
    1,
    expect.stringMatching(/lacks product_id.*[\s\S]*No event is lost/),
  ])
  await raw.table('inventories').delete()
  await raw.createTable('inventories', { schema, labels, timePartitioning: { type: 'DAY', field: 'timestamp' } })
  expect(await cloud.retail('load')).toMatchObject({ code: 0 })
  expect((await live(cloud, 'inventories', 'inventory_id'))[0].ids).toBe(rows.inventories)
  expect(await cloud.query('SELECT COUNT(*) AS n FROM raw.dead_letter')).toEqual([{ n: 0 }])
})

test('two streams of one timeline do not write the same position', async () => {
  const cloud = await withHistory()
  const first = cloud.start('stream --speed 3600 --json')
  await new Promise((resolve) => first.stdout!.once('data', resolve))
  const second = start(cloud.another(), 'stream --speed 3600', cloud.env)
  await Promise.race([first.ended, second.ended])
  for (const stream of [first, second]) stream.kill('SIGINT')
  const [one, other] = await Promise.all([first.ended, second.ended])
  expect([one.code, other.code]).toContain(2)
  expect(one.stderr + other.stderr).toContain('another stream is writing the same timeline')
})

test('what faults send through Pub/Sub is loaded, staged, and put aside right', async () => {
  const shop = await withHistory({ lines: 60 })
  const ok = async (line: string) => {
    const run = await shop.retail(line)
    expect(run.code, `${line}\n${run.stdout}${run.stderr}`).toBe(0)
  }
  const hostile = '--faults hostile --without changed'
  const refused = await shop.retail('stream --speed max --until 2024-01-12 --faults hostile')
  expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('target gcp cannot carry changed events')])
  const theirs = await naiveConsumer(shop)
  // What a killed stream has sent is sent again.
  const killed = shop.start(`stream --speed 7200 --until 2024-01-11T10:00:00Z ${hostile} --json`)
  for await (const line of createInterface(killed.stdout!)) if (/"events":[1-9]/.test(line)) break
  killed.kill('SIGKILL')
  await killed.ended
  // Two runs: the second one computes again what is on its way.
  await ok(`stream --speed max --until 2024-01-11T10:00:00Z ${hostile}`)
  const endless = await shop.retail('load')
  expect([endless.code, endless.stderr]).toEqual([2, expect.stringContaining('copies are still on their way')])
  // Staging is built twice: clocks that are wrong date events before the first instant.
  for (const end of ['2024-01-12', '2024-01-13']) {
    await ok(`stream --speed max --until ${end} ${hostile} --drain`)
    await ok('load --timeout 2m')
    await ok('transform')
  }
  const period = `--from 2024-01-11 --until 2024-01-13 ${hostile}`
  const { raw, staging } = shop.names.datasets
  const letters = `--dead-letters bigquery:${peers.project}.${raw}.dead_letter`
  // History is there, too, and came without faults.
  for (const [table, key] of [
    ['transactions', 'transaction_id'],
    ['inventories', 'inventory_id'],
  ]) {
    const live = `SUBSTR(${key},2,6)>='240111'`
    await ok(`grade --${table} bigquery:${peers.project}.${staging}.stg_${table} --where ${live} ${letters} ${period}`)
  }
  const naive = await shop.retail(`grade --transactions bigquery:${await theirs()} ${letters} ${period}`)
  expect([naive.code, naive.stdout]).toEqual([
    6,
    expect.stringMatching(/every copy was delivered, as Pub\/Sub records[\s\S]*kept twice or more; none was removed/),
  ])
  expect(naive.stdout).toMatch(/✘ no duplicates: .*, \d+ repeats of a restart/)
  expect(naive.stdout).toMatch(/✘ bad data quarantined: \d+ of \d+ damaged events became rows/)
  expect(await shop.retail('verify')).toMatchObject({ code: 2 })
  const clean = await shop.retail('stream --speed max --until 2024-01-14')
  expect([clean.code, clean.stderr]).toEqual([2, expect.stringContaining('have faults')])
})
