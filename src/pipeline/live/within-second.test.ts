import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import { type LocalShop, localShop, makeHistory, openBuild } from '../../../test/history.ts'
import { buildMarts } from '../../../test/lives/marts.ts'
import { type MemoryBroker, memoryBroker } from '../../../test/memory-broker.ts'
import { movedClock } from '../../../test/moved-clock.ts'
import { openDatabase } from '../../adapters/local/duckdb.ts'
import { openLocal } from '../../adapters/local/index.ts'
import type { Ports, Position } from '../../ports/index.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { byFact, type facts } from '../../tables/index.ts'
import { formatSecond, SECONDS_PER_DAY, type Second } from '../../time.ts'
import { rowsOf } from '../history/repair.ts'
import { repair } from '../repair.ts'
import { seedDims } from '../seed-dims.ts'
import { status } from '../status.ts'
import { stream } from '../stream.ts'
import { verify } from '../verify.ts'
import { coverWorld } from './layout.ts'

const HISTORY_DAYS = 3
const SHOP = { stores: 2, products: 400, lines: 20, from: '2024-02-25' }
const HOUR = 3600

const open = async (shop: LocalShop): Promise<LocalShop> => {
  await makeHistory(shop, formatSecond((shop.world.from + HISTORY_DAYS - 1) * SECONDS_PER_DAY).slice(0, 10))
  return shop
}
const positionOf = async ({ ports, world }: LocalShop) => coverWorld(await ports.lake.layout(), world).live

/** The second of a large basket, and the number of its lines. */
async function basketAfter({ ports, world }: LocalShop, from: Second): Promise<[second: Second, lines: number]> {
  const counts = new Map<Second, number>()
  const rows = await rowsOf(ports, world, from, from + 14 * SECONDS_PER_DAY)
  for (const second of secondsOf(rows, 'transactions')) counts.set(second, (counts.get(second) ?? 0) + 1)
  return [...counts].find(([, n]) => n >= 7)!
}

/** Stops a slow stream after the lines and three movements of this basket, before it rolls. */
async function stopWithin({ config, ports }: LocalShop, [second, lines]: [Second, number]): Promise<void> {
  const unrolled = { ...ports, live: { ...ports.live, roll: async () => {} } } as Ports
  await stream(unrolled, config, { speed: 'max', until: second })
  await stream(unrolled, config, { rate: 2, maxEvents: lines + 3, clock: movedClock() })
}

describe('a stream that stopped within a second', () => {
  let original: LocalShop
  let second: Second
  let at: Second
  beforeAll(async () => {
    original = await open(localShop(SHOP, mkdtempSync(path.join(tmpdir(), 'retail-'))))
    await seedDims(original.ports, original.config, {})
    await original.ports.warehouse.publish()
    const basket = await basketAfter(original, await positionOf(original))
    second = basket[0]
    await stopWithin(original, basket)
    at = await positionOf(original)
  }, 60_000)

  afterAll(() => rmSync(original.config.workspace, { recursive: true, force: true }))

  /** A copy that reads its own lake. */
  async function copy(): Promise<LocalShop> {
    const workspace = freshFolder()
    cpSync(original.config.workspace, workspace, { recursive: true })
    const config = { ...original.config, workspace }
    const ports = openLocal(config)
    await ports.warehouse.publish()
    return { ...original, config, ports }
  }
  const lastBatch = async ({ ports, world }: LocalShop) => {
    const { batches, open } = coverWorld(await ports.lake.layout(), world)
    return [...batches, ...open].filter(({ from, to }) => to > from).at(-1)!
  }
  const rowsAt = async ({ warehouse }: Ports) => {
    await using reader = await warehouse.reader()
    const sql = `SELECT inventory_id AS id FROM raw.inventories WHERE "timestamp" = make_timestamp(${second * 1_000_000}) ORDER BY 1`
    return (await reader.query(sql)).map(({ id }) => id)
  }

  test('is there: its position and its batches are between two events', async () => {
    expect(at).toBeGreaterThan(second)
    expect(at).toBeLessThan(second + 1)
    const { raw } = await status(original.ports, original.config)
    expect(raw.live).toMatch(/\.\d{6}Z$/)
    expect((await lastBatch(original)).key).toContain(raw.live.replaceAll(/[-:]/g, ''))
    const all = (await rowsOf(original.ports, original.world, second, second + 1)).facts.inventories.rows.n
    const here = (await rowsAt(original.ports)).length
    expect(here).toBeGreaterThan(0)
    expect(here).toBeLessThan(all)
  })

  test('has marts to the second before, and they are not stale', async () => {
    const shop = await copy()
    {
      await using build = await openBuild(shop.ports)
      expect(build.cut.live).toBe(second)
      {
        await using database = await openDatabase(build.env.RETAIL_DATABASE, { readOnly: true })
        const sql = `SELECT max("timestamp") < make_timestamp(${second * 1_000_000}) AS before FROM raw.inventories`
        expect(await database.query(sql)).toEqual([{ before: true }])
      }
      await build.publish([])
    }
    expect(await rowsAt(shop.ports)).toEqual(await rowsAt(original.ports))
    const { steps } = await status(shop.ports, shop.config)
    expect(steps.find(({ step }) => step === 'transform')).toMatchObject({ state: 'done' })
  })

  test('is verified to its last event, while the stream goes on, too', async () => {
    const shop = await copy()
    {
      await using build = await openBuild(shop.ports)
      await buildMarts(build.env)
      await build.publish([])
    }
    const exact = { ok: true, differences: [], raw: { live: formatSecond(at) } }
    const layout = await shop.ports.lake.layout()
    const published = await shop.ports.warehouse.published()
    const first = await verify(shop.ports, shop.config, { workers: 0 })
    expect(first).toMatchObject(exact)
    expect(first.checks.map(({ name }) => name)).toContain('mv_retail_transactions')
    await stream(shop.ports, shop.config, { rate: 2, maxEvents: 2, clock: movedClock() })
    const { lake, warehouse } = shop.ports
    const before = {
      ...shop.ports,
      lake: { ...lake, layout: async () => layout },
      warehouse: Object.assign(Object.create(warehouse) as typeof warehouse, { published: async () => published }),
    }
    expect(await verify(before, shop.config, { workers: 0 })).toMatchObject({ ...exact, rows: first.rows })
  })

  test.each([
    ['is not there', '', `WHERE inventory_id <> $id`, 'missing'],
    ['is changed', 'REPLACE (quantity_change + 1 AS quantity_change)', '', 'changed'],
  ])('is verified there: a row that %s is found', async (_what, replaced, where, kind) => {
    const shop = await copy()
    const [id] = (await rowsAt(shop.ports)).slice(-1)
    const file = path.join(shop.config.workspace, 'lake', (await lastBatch(shop)).key, 'inventories.parquet')
    {
      await using database = await openDatabase(':memory:')
      const select = `SELECT * ${replaced} FROM read_parquet('${file}') ${where.replace('$id', `'${id}'`)}`
      await database.run(`COPY (${select}) TO '${file}.new' (FORMAT parquet)`)
    }
    renameSync(`${file}.new`, file)
    const { ok, differences } = await verify(shop.ports, shop.config, { workers: 0 })
    expect(ok).toBe(false)
    expect(differences).toContainEqual(expect.objectContaining({ check: 'inventories', kind, id }))
  })

  test('gets its last batch back from repair, with the same rows', async () => {
    const shop = await copy()
    const expected = await rowsAt(shop.ports)
    rmSync(path.join(shop.config.workspace, 'lake', (await lastBatch(shop)).key), { recursive: true })
    expect(coverWorld(await shop.ports.lake.layout(), shop.world).gaps).toHaveLength(1)
    expect((await repair(shop.ports, shop.config, {})).repaired).toHaveLength(1)
    expect(await positionOf(shop)).toBe(at)
    expect(await rowsAt(shop.ports)).toEqual(expected)
    expect(await verify(shop.ports, shop.config, { workers: 0 })).toMatchObject({ ok: true })
  })

  test('rolls such batches into one, and resumes with the right rows', async () => {
    const shop = await copy()
    await stream(shop.ports, shop.config, { rate: 2, maxEvents: 4, clock: movedClock(), rollEvery: 2 })
    expect(readdirSync(path.join(shop.config.workspace, 'lake/rolled')).join()).toMatch(/-\d{8}T\d{6}\.\d{6}Z/)
    const until = second + HOUR
    await stream(shop.ports, shop.config, { speed: 600, until, clock: movedClock() })
    expect(await positionOf(shop)).toBe(until)
    expect(await verify(shop.ports, shop.config, { workers: 0 })).toMatchObject({ ok: true, differences: [] })
  })
})

test('through a broker, rows are counted at whole seconds only, whatever a stream stopped at', async () => {
  const shop = await open(localShop(SHOP))
  const since = await positionOf(shop)
  const broker: MemoryBroker = memoryBroker()
  const saved: Position[] = []
  const { savePosition } = broker
  broker.savePosition = async (position) => {
    saved.push(structuredClone(position))
    await savePosition(position)
  }
  const arrival = { by: 'itself', what: 'a test', setting: 'none' } as const
  const ports: Ports = {
    ...shop.ports,
    live: { by: 'broker', broker, arrival, stopAfterMs: Number.POSITIVE_INFINITY },
  }
  await stopWithin({ ...shop, ports }, await basketAfter(shop, since))
  for (const maxEvents of [1, 1, 3, 25, 60])
    await stream(ports, shop.config, { rate: 2, maxEvents, clock: movedClock() })

  const until = Math.ceil(saved.at(-1)!.position)
  const all = await rowsOf(ports, shop.world, since, until)
  const before = (end: Second) => byFact((name) => secondsOf(all, name).filter((at) => at < end).length)
  for (const { position, checkpoints, rest } of saved) {
    for (const { at, rows } of checkpoints) expect([Number.isInteger(at), rows]).toEqual([true, before(at)])
    if (checkpoints.length > 0) expect(checkpoints.at(-1)!.at).toBe(Math.floor(position))
    expect(rest === undefined).toBe(Number.isInteger(position))
  }
  const last = saved.filter(({ position }) => !Number.isInteger(position))
  expect(last.length).toBeGreaterThan(2)
  await stream(ports, shop.config, { speed: 'max', until })
  expect(broker.events.size).toBe(all.n)
  // Nobody was killed, so nothing was sent twice.
  expect(broker.sent).toBe(all.n)
})

const secondsOf = ({ spans, facts: all }: ColumnBatch, name: (typeof facts)[number]['name']): number[] => {
  const { rows, length } = all[name]
  const seconds: number[] = []
  for (let span = 0, from = 0; span < spans.n; from += length[span++])
    for (let row = from; row < from + length[span]; row++)
      seconds.push(spans.day[span] * SECONDS_PER_DAY + rows.second[row])
  return seconds
}
