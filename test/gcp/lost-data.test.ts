import { expect, test, vi } from 'vitest'
import { readState } from '../../src/adapters/delta/table-log.ts'
import { bucketLog } from '../../src/adapters/gcp/bucket-log.ts'
import type { Cloud } from './cloud.ts'
import { faultyCloud, ok } from './faulty-cloud.ts'

const { faults, withHistory } = faultyCloud()

const distinct = async (shop: Cloud, table: string, id: string) =>
  (
    await shop.query<{ n: number; ids: number }>(
      `SELECT COUNT(*) AS n, COUNT(DISTINCT ${id}) AS ids FROM raw.${table} WHERE \`timestamp\` >= TIMESTAMP '2024-01-11 00:00:00+00'`,
    )
  )[0]

test('rows that somebody changed in BigQuery are named, and fixed as verify says', async () => {
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
  expect(wrong.stdout).toMatch(/retail seed-dims .*\n *retail backfill /)
  for (const line of ['seed-dims', 'backfill', 'verify']) await ok(shop.retail(line))
})

test('a Pub/Sub that lost everything: reported, and fixed by sending again', async () => {
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
  const short = await shop.retail('load --timeout 10s')
  expect([short.code, short.stdout]).toEqual([5, expect.stringContaining('--resend-from')])
  const lost = await shop.retail('verify')
  expect([lost.code, lost.stderr + lost.stdout]).toEqual([6, expect.stringContaining('--resend-from')])
  await ok(shop.retail('stream --speed max --resend-from 2024-01-11 --until 2024-01-14'))
  await ok(shop.retail('load'))
  await ok(shop.retail('verify'))
  expect((await distinct(shop, 'transactions', 'transaction_id')).ids).toBeGreaterThan(100)
})

test('a backfill that is killed between parts and commits: the Delta tables stay whole, and the next run commits', async () => {
  const shop = await withHistory()
  const bucket = shop.storage.bucket(shop.names.bucket)
  const named = async () =>
    Object.fromEntries(
      await Promise.all(
        ['transactions', 'inventories'].map(async (table) => {
          const { files, version } = (await readState(bucketLog(shop.storage, bucket.name, `lake/${table}`)))!
          return [table, { version, files: [...files].sort() }] as const
        }),
      ),
    )
  const before = await named()
  const commits = /^(POST|PUT) .*_delta_log/
  faults.storage.fault(commits, 'hang')
  const killed = shop.start('backfill --to 2024-01-20', faults.env)
  await vi.waitUntil(() => faults.storage.count(commits) > 0, { timeout: 120_000, interval: 50 })
  killed.kill('SIGKILL')
  await killed.ended
  faults.heal()
  expect(await named()).toEqual(before)
  for (const [table, { files }] of Object.entries(before))
    for (const [name, size] of files)
      expect(Number((await bucket.file(`lake/${table}/${name}`).getMetadata())[0].size), name).toBe(size)
  await ok(shop.retail('backfill --to 2024-01-20'))
  const after = await named()
  for (const table of ['transactions', 'inventories']) {
    expect(after[table].version).toBe(before[table].version + 1)
    expect(after[table].files.map(([name]) => name.match(/through-\d+/)?.[0])).toEqual(
      after[table].files.map(() => 'through-20'),
    )
    expect(after[table].files.length).toBe(before[table].files.length)
  }
})
