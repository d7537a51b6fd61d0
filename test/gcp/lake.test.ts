import { randomUUID } from 'node:crypto'
import { Storage } from '@google-cloud/storage'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { commitFiles, metadataOf, readState } from '../../src/adapters/delta/table-log.ts'
import { bucketLake } from '../../src/adapters/gcp/bucket-lake.ts'
import { bucketLog } from '../../src/adapters/gcp/bucket-log.ts'
import { bucketTables } from '../../src/adapters/gcp/bucket-tables.ts'
import { useClock } from '../../src/clock.ts'
import { coverOf } from '../../src/ports/index.ts'
import { lakeContract } from '../../src/ports/lake.contract.ts'
import { dimensionKey, partKey } from '../../src/ports/layout.ts'
import { facts, tables } from '../../src/tables/index.ts'
import { parseDay } from '../../src/time.ts'
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
  const key = 'transactions/month=2024-01/block-000.parquet'
  await Promise.all(Array.from({ length: 20 }, () => lake.put(key, (sink) => sink.write([Buffer.from('rows')]))))
  expect(String(await lake.read(key))).toBe('rows')
  const identity = { generator: '1', seed: 1, historyFrom: '2024-01-01', blocks: 1, format: 2, config: {} }
  const all = await Promise.all(Array.from({ length: 9 }, (_, i) => lake.identify({ ...identity, world: `w${i}` })))
  expect(new Set(all.map(({ world }) => world)).size).toBe(1)
})

test('a part larger than one piece arrives whole', async () => {
  const lake = await open()
  const bytes = Buffer.alloc(20 << 20, 'abcdefg')
  expect(await lake.put('store/store.parquet', (sink) => sink.write([bytes]))).toBe(bytes.length)
  expect((await lake.read('store/store.parquet')).equals(bytes)).toBe(true)
})

test('a bucket that is not there is told as it is', async () => {
  await expect(bucketLake(storage, 'nobody-made-it').layout()).rejects.toMatchObject({
    code: 'missing',
    hint: 'retail infra apply',
  })
})

describe('the Delta tables of a bucket', () => {
  const FROM = parseDay('2024-01-01')!

  async function openTables() {
    const lake = await open()
    const [, , name] = lake.location.split('/')
    const logOf = (table: string) => bucketLog(storage, name, `${lake.folder}/${table}`)
    const delta = bucketTables(storage, name, lake, 'strict')
    const look = async () => {
      const layout = await lake.layout()
      return { world: 'w', layout, cover: coverOf(layout, FROM, 2), short: false }
    }
    return {
      ...{ lake, name, delta, look, logOf },
      /** A block's parts of January, up to this day. */
      async part(block: number, day: number) {
        for (const { name: table } of facts)
          await lake.put(partKey(table, block, 2024 * 12, FROM + day - 1), (sink) => sink.write([Buffer.alloc(day)]))
      },
      publish: () => delta.commit(look),
      named: async (table = 'transactions') => [...((await readState(logOf(table)))?.files.keys() ?? [])].sort(),
      damage: async () => await delta.damage(await look(), true),
    }
  }
  const names = (...days: number[]) =>
    days.map((day, block) => `month=2024-01/block-00${block}${day < 31 ? `-through-${day}` : ''}.parquet`)

  test('name each part once: after an extension, beside one that is not complete, and of the dimensions', async () => {
    const { lake, part, publish, named, damage, logOf } = await openTables()
    await lake.put(dimensionKey('store', lake), (sink) => sink.write([Buffer.from('stores')]))
    for (const block of [0, 1]) await part(block, 10)
    expect(await damage()).toHaveLength(3)
    await publish()
    expect([await named(), await named('store')]).toEqual([names(10, 10), ['store.parquet']])
    // Raw has the rows of the shorter parts until all blocks are as long.
    await part(0, 20)
    await publish()
    expect(await named()).toEqual(names(10, 10))
    await part(1, 20)
    await publish()
    expect([await named(), await named('inventories')]).toEqual([names(20, 20), names(20, 20)])
    const [second] = [await logOf('transactions').read('00000000000000000001.json')]
    expect(String(second).match(/"remove"/g)).toHaveLength(2)
    expect(String(second).match(/"add"/g)).toHaveLength(2)
    expect(await damage()).toEqual([])
    await publish()
    expect(await logOf('transactions').names()).toHaveLength(2)
  })

  test('whoever loses the race for a commit changes nothing, looks again, and names what the winner named, too', async () => {
    const { delta, look, part, publish, named, logOf } = await openTables()
    for (const block of [0, 1]) await part(block, 10)
    await publish()
    const looks: number[] = []
    await delta.commit(async () => {
      const found = await look()
      looks.push(found.layout.parts.length)
      // Beside us, history is extended and published.
      if (looks.length === 1) for (const block of [0, 1]) await part(block, 20)
      if (looks.length === 1) await publish()
      // What we have seen first differs from every log.
      return looks.length === 1 ? { ...found, cover: { ...found.cover, parts: found.cover.parts.slice(1) } } : found
    })
    expect(looks).toEqual([4, 8])
    expect([await named(), await named('inventories')]).toEqual([names(20, 20), names(20, 20)])
    // Many at once: each version is written once, and the last one has everything.
    const log = logOf('product')
    const metadata = metadataOf(tables.product, 'w', { schema: 'strict', months: false, timestamps: 'utc' })
    const add = async (n: number): Promise<void> => {
      const state = await readState(log)
      const files = [...(state?.files.keys() ?? []), `${n}.parquet`].map((path) => ({ path, sizeBytes: 1 }))
      if (!(await commitFiles(log, state, files, metadata))) await add(n)
    }
    await Promise.all(Array.from({ length: 6 }, (_, n) => add(n)))
    expect((await named('product')).length).toBe(6)
    expect(await log.names()).toHaveLength(6)
  })

  test('have a checkpoint every hundred commits, and lose older commits after thirty days', async () => {
    const { logOf } = await openTables()
    const log = logOf('transactions')
    const time = { now: Date.now() }
    useClock({ now: () => time.now, elapsed: () => 0, moment: () => ({ boot: '', ms: 0 }), sleep: async () => {} })
    onTestFinished(() => useClock())
    const metadata = metadataOf(tables.transactions, 'w', { schema: 'strict', months: true, timestamps: 'utc' })
    const fileOf = (n: number) => ({ path: `month=2024-01/${n}.parquet`, sizeBytes: n, month: '2024-01' })
    const commit = async (...numbers: number[]) =>
      expect(await commitFiles(log, await readState(log), numbers.map(fileOf), metadata)).toBe(true)
    const fill = (from: number, to: number) =>
      Promise.all(
        Array.from({ length: to - from }, (_, i) =>
          log.create(`${String(from + i).padStart(20, '0')}.json`, Buffer.from('{"commitInfo":{}}\n')),
        ),
      )
    await commit(1)
    await fill(1, 100)
    await commit(1, 2)
    expect((await log.names()).length).toBe(103)
    await fill(101, 200)
    time.now += 31 * 24 * 60 * 60_000
    await commit(2, 3)
    expect((await log.names()).sort()).toEqual([
      '00000000000000000200.checkpoint.parquet',
      '00000000000000000200.json',
      '_last_checkpoint',
    ])
    expect(await readState(log)).toMatchObject({ version: 200, schema: metadata.schema })
    expect([...(await readState(log))!.files]).toEqual([2, 3].map((n) => [fileOf(n).path, n]))
    await commit(4)
    expect([...(await readState(log))!.files.keys()]).toEqual([fileOf(4).path])
  })

  test('are damaged where a log is cut, and begin again', async () => {
    const { name, part, publish, named, damage } = await openTables()
    for (const block of [0, 1]) await part(block, 31)
    await publish()
    const commit = storage.bucket(name).file('lake/inventories/_delta_log/00000000000000000000.json')
    await commit.save('{"protocol":{"min')
    expect(await damage()).toMatchObject([{ file: expect.stringContaining('inventories/_delta_log'), follows: 'raw' }])
    await publish()
    expect([await damage(), await named('inventories')]).toEqual([[], names(31, 31)])
  })
})
