import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { batchContent, batchKey } from '../../ports/layout.ts'
import { formatSecond, parseSecond, type Second } from '../../time.ts'
import { openDatabase } from './duckdb.ts'
import { folderFeed } from './folder-feed.ts'

const START = parseSecond('2024-04-01T00:00:00Z') ?? 0

async function openLake(world?: string) {
  const lake = mkdtempSync(path.join(tmpdir(), 'retail-feed-'))
  const database = await openDatabase(':memory:', { threads: 1 })
  const feed = folderFeed(lake, async () => world)
  onTestFinished(async () => {
    await feed[Symbol.asyncDispose]()
    await database[Symbol.asyncDispose]()
    rmSync(lake, { recursive: true })
  })
  for (const name of ['product', 'store']) mkdirSync(path.join(lake, name), { recursive: true })
  const copy = (query: string, name: string, about = '') =>
    database.query(`COPY (${query}) TO '${path.join(lake, name)}.parquet' (FORMAT parquet${about && `, ${about}`})`)
  await copy(`SELECT 'P' AS product_id, 'Kettle' AS name`, 'product/product')
  await copy(`SELECT 'S' AS store_id, 'Tucson' AS location`, 'store/store')

  /** One line a second, at which its quantity is the number of seconds since the start. */
  async function batch(generation: number, from: number, to: number, about = ''): Promise<void> {
    const key = batchKey(generation, START + from, START + to)
    mkdirSync(path.join(lake, key), { recursive: true })
    await copy(
      `SELECT TIMESTAMP '2024-04-01' + to_seconds(n) AS "timestamp", 'T' || n AS transaction_id, 'P' AS product_id, 'S' AS store_id,
        n::INTEGER AS quantity, 1.25::DECIMAL(10, 2) AS unit_price FROM range(${from}, ${to}) AS lines(n)`,
      `${key}/transactions`,
      about,
    )
  }
  return { feed, batch }
}

/** What a batch of ours records. */
const recorded = (world: string, from: number, to: number) =>
  `KV_METADATA {'retail.world': '${world}', 'retail.content': '${batchContent(START + from, START + to)}'}`

test('a batch of another world, or of another time than its name says, is named and counts for nothing', async () => {
  const { feed, batch } = await openLake('mine')
  await batch(1, 0, 4, recorded('mine', 0, 4))
  await feed.news()
  await batch(1, 4, 9, recorded('theirs', 4, 9))
  expect(await feed.news()).toMatchObject({
    ...{ position: START + 4, lines: 0 },
    trouble: `${batchKey(1, START + 4, START + 9)} cannot be used: it belongs to another world (theirs)`,
  })
  await batch(1, 4, 6, recorded('mine', 4, 6))
  await batch(2, 6, 60, recorded('mine', 0, 4))
  expect(await feed.news()).toMatchObject({ position: START + 6, lines: 2, trouble: expect.any(String) })
})

const seconds = (last: readonly { second: Second }[] = []) => last.map(({ second }) => second - START)

test('a lake without a stream has no news', async () => {
  const { feed } = await openLake()
  expect(await feed.news()).toBeUndefined()
})

test('each look tells the lines since the last one and the newest six', async () => {
  const { feed, batch } = await openLake()
  await batch(1, 0, 4)
  expect(seconds((await feed.news())?.last)).toEqual([3, 2, 1, 0])
  await batch(1, 4, 9)
  const news = await feed.news()
  expect(news).toMatchObject({ lines: 5, position: START + 9 })
  expect(seconds(news?.last)).toEqual([8, 7, 6, 5, 4, 3])
  expect(news?.last[0]).toEqual({
    second: START + 8,
    product: 'Kettle',
    location: 'Tucson',
    quantity: 8,
    revenueCents: 1000,
  })
  expect(await feed.news(), formatSecond(START + 9)).toEqual({ ...news, lines: 0 })
})

test('batches that were rolled between two looks are reported, too', async () => {
  const { feed, batch } = await openLake()
  await batch(1, 0, 2)
  await feed.news()
  await batch(1, 2, 5)
  await batch(2, 5, 5)
  expect(await feed.news()).toMatchObject({ lines: 3, position: START + 5 })
  await batch(2, 5, 6)
  const news = await feed.news()
  expect(news?.lines).toBe(1)
  expect(seconds(news?.last)).toEqual([5, 4, 3, 2, 1, 0])
})
