import { afterAll, beforeAll, expect, test } from 'vitest'
import type { TransformResult, VerifyResult } from '../../src/pipeline/results.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Cloud, makeCloud } from './cloud.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

/** What somebody sends who tries a topic out. */
const TRIED = {
  transaction_id: 'TEST-1',
  product_id: 'P00001',
  timestamp: '2024-01-11T06:00:00Z',
  quantity: 1,
  unit_price: '1.00',
  store_id: 'S0001',
}
const SUBSCRIPTION = { RETAIL_INGEST: 'subscription' }

async function withHistory(): Promise<Cloud> {
  const cloud = await makeCloud(peers, { stores: 3, products: 40, lines: 30, to: '2024-01-10' })
  for (const line of ['seed-dims', 'backfill']) expect(await cloud.retail(line)).toMatchObject({ code: 0 })
  return cloud
}

const foreignRows = (cloud: Cloud, table: string) =>
  cloud.query(`SELECT transaction_id AS id FROM ${table} WHERE transaction_id IN ('TEST-1', 'T240111-0001-900000')`)

test('a message that somebody else published is a dead letter, and the marts go on', async () => {
  const cloud = await withHistory()
  await cloud.pubsub.topic(cloud.names.topics.transactions).publishMessage({ data: Buffer.from(JSON.stringify(TRIED)) })
  for (const line of ['stream --speed max --until 2024-01-11T12:00:00Z', 'load', 'transform'])
    expect(await cloud.retail(line)).toMatchObject({ code: 0 })
  const verified = await cloud.json<VerifyResult>('verify')
  expect(verified.differences).toEqual([])
  expect(verified).toMatchObject({ code: 0, marts: { live: '2024-01-11T12:00:00Z' } })
  expect(await cloud.query('SELECT COUNT(*) AS n FROM raw.dead_letter')).toEqual([{ n: 1 }])
  expect(await foreignRows(cloud, 'raw.transactions')).toEqual([])
})

test('rows that a BigQuery subscription wrote and nobody of ours published are named, and stay out of staging', async () => {
  const cloud = await withHistory()
  expect(await cloud.retail('transform')).toMatchObject({ code: 0 })
  const values = (id: string) => `('${id}', 'P00001', TIMESTAMP '2024-01-11 06:00:00+00', 1, NUMERIC '1.00', 'S0001')`
  await cloud.query(
    `INSERT INTO raw.transactions (transaction_id, product_id, \`timestamp\`, quantity, unit_price, store_id) VALUES ${values('TEST-1')}, ${values('T240111-0001-900000')}`,
  )
  // The emulator's BigQuery subscriptions write nothing: a loader does.
  for (const line of ['stream --speed max --until 2024-01-11T12:00:00Z', 'load'])
    expect(await cloud.retail(line)).toMatchObject({ code: 0 })
  const transformed = await cloud.json<TransformResult>('transform', SUBSCRIPTION)
  expect(transformed).toMatchObject({ code: 0, cut: { live: '2024-01-11T12:00:00Z' }, failed: [] })
  const named = [
    { table: 'transactions', id: 'T240111-0001-900000', why: 'the stream never published it' },
    { table: 'transactions', id: 'TEST-1', why: expect.stringContaining('another form') },
  ]
  expect(transformed.delivery).toMatchObject({ surplusCount: 2, surplus: named })
  expect(transformed.delivery?.shortage).toBeUndefined()
  expect(await foreignRows(cloud, 'raw.transactions')).toHaveLength(2)
  expect(await foreignRows(cloud, 'staging.stg_transactions')).toEqual([])

  const verified = await cloud.json<VerifyResult>('verify', SUBSCRIPTION)
  expect(verified.differences).toEqual([])
  expect(verified).toMatchObject({ code: 0, delivery: { surplusCount: 2 }, marts: { live: '2024-01-11T12:00:00Z' } })
  const { stdout } = await cloud.retail('verify', SUBSCRIPTION)
  expect(stdout).toContain('2 rows of raw are not of this world and left out of staging')
  expect(stdout).toContain('transactions TEST-1')
})

test('one message too few stops the marts where it is missing, and verify says which command sends it again', async () => {
  const cloud = await withHistory()
  for (const line of ['stream --speed max --until 2024-01-11T12:00:00Z', 'load'])
    expect(await cloud.retail(line)).toMatchObject({ code: 0 })
  await cloud.query(`DELETE FROM raw.transactions WHERE transaction_id = 'T240111-0001-000002'`)
  // As many rows as were published, and yet one of them is missing.
  await cloud.query(
    `INSERT INTO raw.transactions (transaction_id, product_id, \`timestamp\`, quantity, unit_price, store_id) VALUES ('T240111-0001-900000', 'P00001', TIMESTAMP '2024-01-11 06:00:00+00', 1, NUMERIC '1.00', 'S0001')`,
  )
  const { code, stdout } = await cloud.retail('verify')
  expect([code, stdout]).toEqual([6, expect.stringContaining('1 of transactions from 2024-01-11T00:00:00Z')])
  const again = /retail (stream --speed max --resend-from \S+ --until \S+)/.exec(stdout)?.[1] ?? ''
  for (const line of [again, 'load', 'transform', 'verify']) expect(await cloud.retail(line)).toMatchObject({ code: 0 })
})
