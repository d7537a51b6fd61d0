import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Peers, startPeers } from '../peers/peers.ts'
import { retail } from '../tool.ts'
import { makeCloud } from './cloud.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

const counts = (table: string, id: string) => `SELECT COUNT(*) AS n, COUNT(DISTINCT ${id}) AS ids FROM raw.${table}`

test('dimensions and history are loaded, once, also when it is done again', async () => {
  const cloud = await makeCloud(peers, { to: '2024-02-10' })
  for (let i = 0; i < 2; i++) expect(await cloud.retail('seed-dims')).toMatchObject({ code: 0 })
  const first = await cloud.json<{ rows: { transactions: number; inventories: number } }>('backfill')
  expect(first).toMatchObject({ code: 0, complete: true, allShards: true })
  expect(await cloud.json('backfill')).toMatchObject({ code: 0, parts: { made: 0, remade: 0 } })
  expect(
    await cloud.query('SELECT (SELECT COUNT(*) FROM raw.product) AS p, (SELECT COUNT(*) FROM raw.store) AS s'),
  ).toEqual([{ p: 150, s: 24 }])
  expect(await cloud.query(counts('transactions', 'transaction_id'))).toEqual([
    { n: first.rows.transactions, ids: first.rows.transactions },
  ])
  expect(await cloud.query(counts('inventories', 'inventory_id'))).toEqual([
    { n: first.rows.inventories, ids: first.rows.inventories },
  ])
})

test('eight shards on eight machines load every month once', async () => {
  const cloud = await makeCloud(peers, { stores: 64, lines: 10, to: '2024-02-29' })
  const runs = await Promise.all(
    Array.from({ length: 8 }, (_, i) => retail(cloud.another(), `backfill --shard ${i + 1}/8 --workers 1`, cloud.env)),
  )
  for (const run of runs) expect(run, run.stderr).toMatchObject({ code: 0 })
  const [{ n, ids }] = await cloud.query<{ n: number; ids: number }>(counts('transactions', 'transaction_id'))
  expect(n).toBe(ids)
  expect(n).toBeGreaterThan(10_000)
})

test('a dataset of another world is refused', async () => {
  const cloud = await makeCloud(peers, { stores: 3, to: '2024-01-05' })
  await cloud.bigquery
    .dataset(cloud.names.datasets.raw)
    .table('product')
    .setMetadata({ labels: { 'retail-world': 'other' } })
  const { code, stderr } = await cloud.retail('seed-dims')
  expect([code, stderr]).toEqual([2, expect.stringContaining('belongs to another world')])
})

test('what infra did not make is named, with the command that makes it', async () => {
  const cloud = await makeCloud(peers, { stores: 3, to: '2024-01-05' })
  await cloud.bigquery.dataset(cloud.names.datasets.raw).table('store').delete()
  const { code, stderr } = await cloud.retail('seed-dims')
  expect([code, stderr]).toEqual([3, expect.stringContaining('retail infra apply')])
})
