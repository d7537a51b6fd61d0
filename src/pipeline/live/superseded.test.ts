import { readdirSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type LocalShop, localShop, makeHistory } from '../../../test/history.ts'
import { type Database, openDatabase } from '../../adapters/local/duckdb.ts'
import { type Moment, useClock } from '../../clock.ts'
import { parsePartKey, partKey } from '../../ports/layout.ts'
import { byDimension, facts } from '../../tables/index.ts'
import { monthOf } from '../../time.ts'
import { rowsOf as timelineRows } from '../history/repair.ts'
import { writeBatch } from './batches.ts'
import { removeSuperseded } from './layout.ts'

const MINUTE = 60_000
const SHOP = { stores: 6, products: 40, lines: 20, from: '2024-01-01' }

/** A clock that the test moves: the wall's and the one that nobody sets, each on its own. */
const time = { wall: 0, moment: { boot: 'first', ms: 0 } satisfies Moment as Moment }
beforeEach(() => {
  time.wall = 1_700_000_000_000
  time.moment = { boot: 'first', ms: 5_000 }
  useClock({
    now: () => time.wall,
    elapsed: () => time.moment.ms,
    moment: () => time.moment,
    sleep: async () => {},
  })
  onTestFinished(() => useClock())
})

const publish = async ({ ports, world }: LocalShop) => {
  await ports.warehouse.publish()
  await removeSuperseded(ports, world)
}
const rowsOf = async (database: Database, relation: string) =>
  (await database.query(`SELECT count(*)::INT AS n, count(DISTINCT transaction_id)::INT AS ids FROM ${relation}`))[0]
const folderOf = ({ ports }: LocalShop) => `read_parquet('${ports.lake.location}/transactions/*/*.parquet')`
const keptIn = ({ ports }: LocalShop) =>
  readdirSync(path.join(ports.lake.location, 'transactions/.kept'), { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.includes('block'),
  )

/** A history that ends within a month, published and held open by somebody; then a longer one. */
async function extended() {
  const shop = localShop(SHOP)
  await makeHistory(shop, '2024-02-10')
  await publish(shop)
  const held = await openDatabase(shop.ports.warehouse.location, { readOnly: true })
  onTestFinished(() => held[Symbol.asyncDispose]())
  const before = await rowsOf(held, 'raw.transactions')
  await makeHistory(shop, '2024-02-20')
  await publish(shop)
  return { shop, held, before }
}

describe('a history that is extended within a month', () => {
  test('is in the folder once, as soon as it is published; who holds the old database open reads on', async () => {
    const { shop, held, before } = await extended()
    const { n, ids } = await rowsOf(held, folderOf(shop))
    expect(n).toBe(ids)
    expect(Number(n)).toBeGreaterThan(Number(before.n))
    expect(await rowsOf(held, 'raw.transactions')).toEqual(before)
    await using fresh = await openDatabase(shop.ports.warehouse.location, { readOnly: true })
    expect(await rowsOf(fresh, 'raw.transactions')).toEqual({ n, ids })
  })

  test.each([
    ['a year ahead', 365 * 24 * 60 * MINUTE],
    ['a year behind', -365 * 24 * 60 * MINUTE],
  ])('keeps the old database readable for ten minutes, also when the clock is set %s', async (_how, step) => {
    const { shop, held, before } = await extended()
    const both = keptIn(shop).length
    time.wall += step
    time.moment = { boot: 'first', ms: time.moment.ms + 10 * MINUTE - 1 }
    await publish(shop)
    expect(await rowsOf(held, 'raw.transactions')).toEqual(before)
    time.moment = { boot: 'first', ms: time.moment.ms + 1 }
    await publish(shop)
    expect(keptIn(shop)).toHaveLength(both / 2)
    await using fresh = await openDatabase(shop.ports.warehouse.location, { readOnly: true })
    expect(await rowsOf(fresh, 'raw.transactions')).toEqual(await rowsOf(fresh, folderOf(shop)))
  })

  test('forgets the old database after a restart of the machine: nobody has it open any more', async () => {
    const { shop } = await extended()
    const both = keptIn(shop).length
    time.moment = { boot: 'second', ms: 1 }
    await publish(shop)
    expect(keptIn(shop)).toHaveLength(both / 2)
  })

  test('removes nothing that a reader of ours may be at, however long it reads', async () => {
    const { shop, held, before } = await extended()
    const reading = await shop.ports.workspace.reading()
    time.moment = { boot: 'first', ms: time.moment.ms + 60 * MINUTE }
    await publish(shop)
    expect(await rowsOf(held, 'raw.transactions')).toEqual(before)
    await reading[Symbol.asyncDispose]()
    await publish(shop)
    await expect(rowsOf(held, 'raw.transactions')).rejects.toThrow(/No files found/)
  })

  test('reads a part that was damaged and made again, not the damaged one', async () => {
    const shop = localShop(SHOP)
    await makeHistory(shop, '2024-02-10')
    await publish(shop)
    const { parts } = await shop.ports.lake.layout()
    const { key } = parts.find((part) => part.table === 'transactions' && part.key.includes('through'))!
    await shop.ports.lake.put(key, (sink) => sink.write([Buffer.from('PAR1 rubbish')]))
    await publish(shop)
    await shop.ports.lake.remove([key])
    await makeHistory(shop, '2024-02-10')
    await publish(shop)
    await using fresh = await openDatabase(shop.ports.warehouse.location, { readOnly: true })
    expect(await rowsOf(fresh, 'raw.transactions')).toEqual(await rowsOf(fresh, folderOf(shop)))
  })
})

test('a rolled batch that history has caught up with goes at once; who holds the old database open reads on for ten minutes', async () => {
  const shop = localShop(SHOP)
  await makeHistory(shop, '2024-01-31')
  const { lake } = shop.ports
  const [from, to] = ['2024-02-01', '2024-02-02'].map((day) => Date.parse(`${day}T00:00:00Z`) / 1000)
  const key = await writeBatch(
    lake,
    shop.world,
    undefined,
    from,
    to,
    await timelineRows(shop.ports, shop.world, from, to),
  )
  await publish(shop)
  expect((await lake.layout()).rolled.map((batch) => batch.key)).toEqual([key])
  const held = await openDatabase(shop.ports.warehouse.location, { readOnly: true })
  onTestFinished(() => held[Symbol.asyncDispose]())
  const before = await rowsOf(held, 'raw.transactions')
  await makeHistory(shop, '2024-02-10')
  await publish(shop)
  expect((await lake.layout()).rolled).toEqual([])
  expect(await rowsOf(held, 'raw.transactions')).toEqual(before)
  const { n, ids } = await rowsOf(held, folderOf(shop))
  expect(n).toBe(ids)
  expect(Number(n)).toBeGreaterThan(Number(before.n))
  time.moment = { boot: 'first', ms: time.moment.ms + 10 * MINUTE }
  await publish(shop)
  await expect(rowsOf(held, 'raw.transactions')).rejects.toThrow(/No files found/)
})

test('in a lake without second names, a part stays while the part that replaces it is not of history yet', async () => {
  const { ports, world } = localShop(SHOP)
  const days = new Map(world.blocks.map(({ index }) => [index, new Set([10])]))
  const removed: string[] = []
  const lake = {
    layout: async () => ({
      ...{
        rolled: [],
        live: [],
        generation: 0,
        dimensions: byDimension((name) => name === 'product' || name === 'store'),
      },
      parts: [...days].flatMap(([block, all]) =>
        [...all].flatMap((day) =>
          facts.map(({ name }) => ({
            ...parsePartKey(partKey(name, block, monthOf(world.from), world.from + day - 1))!,
            sizeBytes: 1,
          })),
        ),
      ),
    }),
    remove: async (keys: readonly string[]) => void removed.push(...keys),
  }
  const twice = async () => {
    for (const _ of [1, 2]) {
      await removeSuperseded({ lake: { ...ports.lake, ...lake }, workspace: ports.workspace }, world)
      time.moment = { boot: 'first', ms: time.moment.ms + 11 * MINUTE }
    }
    return removed
  }
  days.get(0)!.add(20)
  expect(world.blocks.length).toBeGreaterThan(1)
  expect(await twice()).toEqual([])
  for (const all of days.values()) all.add(20)
  expect((await twice()).filter((key) => !key.includes('-through-10'))).toEqual([])
  expect(new Set(removed).size).toBe(2 * world.blocks.length)
})
