import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Fault, type FaultProxy, type FaultyPeers, faultyPeers, mostWithin } from '../peers/fault-proxy.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Cloud, makeCloud } from './cloud.ts'

/** A minute takes a second here. */
const HASTE = '60'
const MINUTE_MS = 1_000
/** The first call of each of so many workers and tables at once, and twelve retries. */
const CALLS_A_MINUTE = 12 + 8

let peers: Peers
let faults: FaultyPeers
beforeAll(async () => {
  peers = await startPeers()
  faults = await faultyPeers(peers)
})
afterAll(async () => {
  await faults?.stop()
  await peers?.stop()
})
afterEach(() => faults.heal())

type Shop = Cloud & { through(line: string): ReturnType<Cloud['retail']> }

async function openShop(world = {}): Promise<Shop> {
  const cloud = await makeCloud(peers, { stores: 6, products: 40, lines: 20, to: '2024-01-10', ...world })
  return { ...cloud, through: (line) => cloud.retail(line, { ...faults.env, RETAIL_EMULATOR_HASTE: HASTE }) }
}

async function withHistory(world = {}): Promise<Shop> {
  const shop = await openShop(world)
  for (const line of ['seed-dims', 'backfill']) await ok(shop.retail(line))
  return shop
}

async function ok(run: ReturnType<Cloud['retail']>): Promise<string> {
  const { code, stderr, stdout } = await run
  expect(code, stderr).toBe(0)
  return stdout
}

/** One after the other, each so many times. */
function plant(proxy: FaultProxy, match: RegExp, ...planted: (readonly [Fault, number?])[]): void {
  for (const [fault, times = 1] of planted) proxy.fault(match, fault, times)
}

const distinct = async (shop: Shop, table: string, id: string) =>
  (
    await shop.query<{ n: number; ids: number }>(
      `SELECT COUNT(*) AS n, COUNT(DISTINCT ${id}) AS ids FROM raw.${table} WHERE \`timestamp\` >= TIMESTAMP '2024-01-11 00:00:00+00'`,
    )
  )[0]

const UNAVAILABLE = { status: 14 }
const EXHAUSTED = { status: 8 }

describe('what passes by itself is waited for, and nothing is lost or doubled', () => {
  test('while history is made: Cloud Storage and BigQuery', async () => {
    const shop = await openShop()
    plant(faults.storage, /^(POST|PUT)/, [{ status: 503 }, 2], ['lost'], ['reset'], [{ status: 429 }], ['hang'])
    plant(faults.storage, /^GET/, [{ status: 500 }], ['reset'])
    plant(faults.bigquery, /^POST .*\/jobs/, [{ status: 503 }], ['lost', 2], ['reset'], ['hang'])
    plant(faults.bigquery, /^GET .*\/jobs\//, [{ status: 429, reason: 'rateLimitExceeded' }], ['reset'], ['hang'])
    for (const line of ['seed-dims', 'backfill']) await ok(shop.through(line))
    expect(faults.storage.count(/^(POST|PUT)/)).toBeGreaterThan(7)
    // It counts rows of every day, so that a month that was loaded twice would be found.
    await ok(shop.retail('verify'))
  })

  test('while events go out and come in: Pub/Sub, and a commit whose answer is lost', async () => {
    const shop = await withHistory()
    const { pubsub, writes } = faults
    plant(pubsub, /Publish$/, [UNAVAILABLE, 2], ['lost'], ['reset'], [EXHAUSTED], [{ slowMs: 300 }])
    await ok(shop.through('stream --speed max --until 2024-01-13'))
    plant(pubsub, /Pull$/, [UNAVAILABLE, 2], ['reset'], ['lost'], [{ slowMs: 300 }])
    plant(pubsub, /Acknowledge$/, ['lost'], [UNAVAILABLE])
    plant(writes, /BatchCommitWriteStreams$/, ['lost', 2], [UNAVAILABLE])
    plant(writes, /CreateWriteStream$/, [EXHAUSTED, 2])
    await ok(shop.through('load --idle 12s'))
    expect(writes.count(/BatchCommitWriteStreams$/)).toBeGreaterThan(3)
    await ok(shop.retail('transform'))
    await ok(shop.retail('verify'))
    const [staged] = await shop.query<{ n: number; ids: number }>(
      'SELECT COUNT(*) AS n, COUNT(DISTINCT transaction_id) AS ids FROM staging.stg_transactions',
    )
    expect(staged.n).toBe(staged.ids)
  })
})

describe('what does not pass is told, with what to do, after few calls', () => {
  test.each<[string, keyof Pick<FaultyPeers, 'storage' | 'bigquery'>, Fault, number, string]>([
    ['Cloud Storage is down', 'storage', { status: 503 }, 1, 'run the same command again'],
    ['BigQuery throttles', 'bigquery', { status: 429, reason: 'rateLimitExceeded' }, 1, 'run the same command again'],
    ['BigQuery hangs', 'bigquery', 'hang', 1, 'run the same command again'],
    [
      'a token has expired',
      'storage',
      { status: 401, reason: 'authError' },
      4,
      'gcloud auth application-default login',
    ],
    ['a role is missing', 'bigquery', { status: 403, reason: 'accessDenied' }, 4, 'retail infra apply'],
    ['a quota is used up', 'bigquery', { status: 403, reason: 'quotaExceeded' }, 1, 'quotas page'],
  ])('%s', async (_name, server, fault, code, hint) => {
    const shop = await openShop()
    faults[server].fault(/./, fault)
    const from = faults[server].calls.length
    const run = await shop.through('backfill')
    expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(hint)])
    const calls = faults[server].calls.slice(from)
    expect(calls.length).toBeGreaterThan(0)
    expect(mostWithin({ ...faults[server], calls }, /./, MINUTE_MS)).toBeLessThanOrEqual(CALLS_A_MINUTE)
    if (code === 4) expect(calls.length).toBeLessThan(8)
    faults.heal()
    for (const line of ['seed-dims', 'backfill', 'verify']) await ok(shop.retail(line))
  })

  test('an object in the place of a part, of other bytes: it is made anew, never loaded', async () => {
    const shop = await openShop()
    const part = shop.storage.bucket(shop.names.bucket).file('lake/transactions/2024-01/block-000-through-10.parquet')
    await part.save(Buffer.from('not a part'))
    for (const line of ['seed-dims', 'backfill', 'verify']) await ok(shop.retail(line))
  })

  test('a dataset in another location, before anything is written', async () => {
    const shop = await openShop()
    faults.bigquery.fault(/^GET .*\/datasets\/\w+_raw\?|^GET .*\/datasets\/\w+_raw\/tables\/\w+/, {
      edit: (body) => JSON.stringify({ ...JSON.parse(body), location: 'europe-west4' }),
    })
    const jobs = () => faults.bigquery.count(/^POST .*\/jobs/)
    const before = jobs()
    const { code, stderr } = await shop.through('seed-dims')
    expect([code, stderr]).toEqual([2, expect.stringContaining('set location: europe-west4')])
    expect(jobs()).toBe(before)
  })
})

test('while the warehouse stalls few messages are held, few calls are made, and no event is lost', async () => {
  const shop = await withHistory({ stores: 24, lines: 400 })
  await ok(shop.retail('stream --speed max --until 2024-01-15'))
  const from = faults.writes.calls.length
  faults.writes.fault(/AppendRows$|CreateWriteStream$/, EXHAUSTED)
  const loader = shop.start('load --duration 20s --json', { ...faults.env, RETAIL_EMULATOR_HASTE: '20' })
  const { code, stdout, stderr } = await loader.ended
  const ticks = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { waiting?: number })
  const most = Math.max(...ticks.map(({ waiting }) => waiting ?? 0))
  expect(most).toBeGreaterThan(10_000)
  expect(most).toBeLessThanOrEqual(2 * 20_000)
  const stalled = { ...faults.writes, calls: faults.writes.calls.slice(from) }
  expect(mostWithin(stalled, /CreateWriteStream$/, MINUTE_MS * 3)).toBeLessThanOrEqual(CALLS_A_MINUTE)
  expect([code, stderr]).toEqual([1, expect.stringContaining('No event is lost')])
  faults.heal()
  await ok(shop.retail('load --idle 15s'))
  await ok(shop.retail('verify'))
})

test('rows that somebody changed in BigQuery are named, and mended as verify says', async () => {
  const shop = await withHistory()
  await shop.query("UPDATE raw.transactions SET quantity = quantity + 1 WHERE store_id = 'S0002'")
  await shop.query("UPDATE raw.product SET base_price = base_price + 1 WHERE product_id = 'P00003'")
  const wrong = await shop.retail('verify')
  expect(wrong.code).toBe(6)
  const raw = shop.bigquery.dataset(shop.names.datasets.raw)
  for (const name of ['transactions', 'product']) {
    expect(wrong.stdout).toContain(`bq rm -t ${shop.config.gcp?.project}:${shop.names.datasets.raw}.${name}`)
    const [{ schema, labels, timePartitioning }] = await raw.table(name).getMetadata()
    await raw.table(name).delete()
    await raw.createTable(name, { schema, labels, ...(timePartitioning && { timePartitioning }) })
  }
  expect(wrong.stdout).toContain('retail seed-dims && retail backfill')
  for (const line of ['seed-dims', 'backfill', 'verify']) await ok(shop.retail(line))
})

test('a Pub/Sub that forgot everything: told, and mended by sending again', async () => {
  const shop = await withHistory()
  await ok(shop.retail('stream --speed max --until 2024-01-13'))
  const { topics, subscriptions, deadLetter } = shop.names
  for (const name of [...Object.values(subscriptions), deadLetter]) await shop.pubsub.subscription(name).delete()
  for (const name of [...Object.values(topics), deadLetter]) await shop.pubsub.topic(name).delete()
  for (const line of ['stream --speed max --until 2024-01-14', 'load --idle 2s']) {
    const { code, stderr } = await shop.through(line)
    expect([code, stderr]).toEqual([3, expect.stringContaining('retail infra apply')])
  }
  await shop.makeTopics()
  await ok(shop.retail('stream --speed max --until 2024-01-14'))
  await ok(shop.retail('load --idle 12s'))
  const lost = await shop.retail('verify')
  expect([lost.code, lost.stderr + lost.stdout]).toEqual([6, expect.stringContaining('--resend-from')])
  await ok(shop.retail('stream --speed max --resend-from 2024-01-11 --until 2024-01-14'))
  await ok(shop.retail('load --idle 12s'))
  await ok(shop.retail('verify'))
  expect((await distinct(shop, 'transactions', 'transaction_id')).ids).toBeGreaterThan(100)
})
