import { randomUUID } from 'node:crypto'
import { Storage } from '@google-cloud/storage'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bucketLake } from '../../src/adapters/gcp/bucket-lake.ts'
import { lakeContract } from '../../src/ports/lake.contract.ts'
import { type Peers, startPeers } from '../peers/peers.ts'

let peers: Peers
let storage: Storage
beforeAll(async () => {
  peers = await startPeers()
  storage = new Storage({
    projectId: peers.project,
    apiEndpoint: peers.env.STORAGE_EMULATOR_HOST,
    retryOptions: { autoRetry: false },
  })
})
afterAll(() => peers?.stop())

async function open() {
  const [{ name }] = await storage.createBucket(`contract-${randomUUID()}`)
  return bucketLake(storage, name)
}
const put = async ({ location }: { location: string }, key: string) => {
  const [, , bucket, ...folder] = location.split('/')
  await storage
    .bucket(bucket)
    .file([...folder, key].join('/'))
    .save('x')
}

lakeContract('a bucket', {
  open,
  litter: (lake) => put(lake, 'live/000002/20240401T000000Z-20240401T000005Z/transactions.parquet'),
  putStray: put,
})

test('of many writers of the same part all are done, and of many identities one stands', async () => {
  const lake = await open()
  const key = 'transactions/2024-01/block-000.parquet'
  await Promise.all(Array.from({ length: 20 }, () => lake.put(key, (sink) => sink.write([Buffer.from('rows')]))))
  expect(String(await lake.read(key))).toBe('rows')
  const identity = { generator: '1', seed: 1, historyFrom: '2024-01-01', blocks: 1, format: 2, config: {} }
  const all = await Promise.all(Array.from({ length: 9 }, (_, i) => lake.identify({ ...identity, world: `w${i}` })))
  expect(new Set(all.map(({ world }) => world)).size).toBe(1)
})

test('a part larger than one piece arrives whole', async () => {
  const lake = await open()
  const bytes = Buffer.alloc(20 << 20, 'abcdefg')
  expect(await lake.put('store.parquet', (sink) => sink.write([bytes]))).toBe(bytes.length)
  expect((await lake.read('store.parquet')).equals(bytes)).toBe(true)
})

test('a bucket that is not there is told as it is', async () => {
  await expect(bucketLake(storage, 'nobody-made-it').layout()).rejects.toMatchObject({
    code: 'missing',
    hint: 'retail infra apply',
  })
})
