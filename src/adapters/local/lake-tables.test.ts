import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type LocalShop, localShop, makeHistory } from '../../../test/history.ts'
import { rowsOf } from '../../pipeline/history/repair.ts'
import { writeBatch } from '../../pipeline/live/batches.ts'
import { removeSuperseded } from '../../pipeline/live/layout.ts'
import { parseDay } from '../../time.ts'
import { deltaSource } from './delta.ts'
import { openDatabase } from './duckdb.ts'

const SHOP = { stores: 4, products: 20, lines: 20, from: '2024-01-20' }
const DAY = 86_400

/** Rows, ids, and a checksum of every cell, of raw and of the Delta table as `grade` reads it. */
async function both({ ports }: LocalShop, table: 'transactions' | 'inventories'): Promise<unknown[]> {
  const columns =
    table === 'transactions'
      ? 'transaction_id, product_id, "timestamp", quantity, unit_price, store_id'
      : 'inventory_id, product_id, "timestamp", quantity_change, store_id'
  await using database = await openDatabase(ports.warehouse.location, { readOnly: true, threads: 1 })
  await using other = await openDatabase(':memory:', { threads: 1 })
  const sql = `SELECT count(*)::INT AS n, count(DISTINCT ${columns.split(',')[0]})::INT AS ids, sum(hash(${columns}))::VARCHAR AS sum FROM`
  const source = await deltaSource(other, path.join(ports.lake.location, table))
  return [(await database.query(`${sql} raw.${table}`))[0], (await other.query(`${sql} ${source}`))[0]]
}

async function publishAndCompare(shop: LocalShop): Promise<number> {
  const { ports, world } = shop
  await ports.warehouse.publish()
  await removeSuperseded(ports, world)
  let rows = 0
  for (const table of ['transactions', 'inventories'] as const) {
    const [raw, delta] = (await both(shop, table)) as { n: number; ids: number }[]
    expect(delta, table).toEqual(raw)
    expect(raw.n).toBe(raw.ids)
    rows += raw.n
  }
  expect(await damageOf(shop)).toEqual([])
  return rows
}

const damageOf = ({ ports: { upkeep }, world }: LocalShop) => upkeep.damage(world.id)

/** A rolled batch of these days. */
async function roll({ ports, world }: LocalShop, first: string, days: number): Promise<void> {
  const from = parseDay(first)! * DAY
  for (let at = from; at < from + days * DAY; at += DAY)
    await writeBatch(ports.lake, world, undefined, at, at + DAY, await rowsOf(ports, world, at, at + DAY))
}

test('a Delta table has the rows of raw after every extension, roll, merge and interrupted extension', async () => {
  const shop = localShop(SHOP)
  const { ports, world } = shop
  await makeHistory(shop, '2024-01-25')
  const counts = [await publishAndCompare(shop)]
  await roll(shop, '2024-01-26', 2)
  counts.push(await publishAndCompare(shop))
  // The roll of two rolled batches: both are in place at once, then the shorter ones go.
  const from = parseDay('2024-01-26')! * DAY
  await writeBatch(ports.lake, world, undefined, from, from + 2 * DAY, await rowsOf(ports, world, from, from + 2 * DAY))
  counts.push(await publishAndCompare(shop))
  // History overtakes the batches, in the next month.
  await makeHistory(shop, '2024-02-03')
  counts.push(await publishAndCompare(shop))
  expect(counts[2]).toBe(counts[1])
  expect([counts[0] < counts[1], counts[2] < counts[3]]).toEqual([true, true])
  // One block is longer than the others: raw reads a piece of its part, the log the part that it is to replace.
  await makeHistory({ ...shop, world: { ...world, blocks: world.blocks.slice(0, 1) } }, '2024-02-06')
  expect(await publishAndCompare(shop)).toBe(counts[3])
  await makeHistory(shop, '2024-02-06')
  expect(await publishAndCompare(shop)).toBeGreaterThan(counts[3])
})

test('a log that does not name what raw names is damage, and the next publish repairs it', async () => {
  const shop = localShop(SHOP)
  await makeHistory(shop, '2024-02-03')
  await shop.ports.warehouse.publish()
  const log = path.join(shop.ports.lake.location, 'transactions/_delta_log')
  const commit = (version: number) => path.join(log, `${String(version).padStart(20, '0')}.json`)
  for (const harm of [
    () => fs.rmSync(log, { recursive: true }),
    () => fs.truncateSync(commit(0), 100),
    () => fs.writeFileSync(commit(1), '{"add":{"path":"month=2024-02/other.parquet","size":1}}\n'),
    () => fs.writeFileSync(commit(1), '{"remove":{"path":"month=2024-01/block-000.parquet"}}\n'),
  ]) {
    harm()
    expect(await damageOf(shop)).toMatchObject([{ file: log, kind: 'broken', follows: 'raw' }])
    await publishAndCompare(shop)
    fs.rmSync(log, { recursive: true })
    await shop.ports.warehouse.publish()
  }
})
