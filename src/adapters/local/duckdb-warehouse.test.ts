import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { type LocalShop, localShop, makeHistory, openBuild } from '../../../test/history.ts'
import { stateAt } from '../../pipeline/history/snapshots.ts'
import { beginGeneration, writeBatch } from '../../pipeline/live/batches.ts'
import { coverWorld } from '../../pipeline/live/layout.ts'
import type { BuildScope, LiveByLake, OwnRelation } from '../../ports/index.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { LiveTimeline } from '../../simulator/live-timeline.ts'
import { columnsOf, tablesOf } from '../../tables/index.ts'
import { openDatabase } from './duckdb.ts'

const SHOP = { stores: 2, products: 20, lines: 30 }
const DAY = 86_400

async function ask({ ports }: LocalShop, sql: string) {
  await using reader = await ports.warehouse.reader()
  return await reader.query(sql)
}
const linesIn = async (shop: LocalShop) => Number((await ask(shop, 'SELECT count(*) AS n FROM raw.transactions'))[0].n)

/** A shop with two days of history and an open generation of hourly batches behind them. */
async function streamingShop(hours: number) {
  const shop = localShop(SHOP)
  await makeHistory(shop, '2024-01-02')
  const { ports, world } = shop
  const start = coverWorld(await ports.lake.layout(), world).live
  const generation = await beginGeneration(ports.lake, world, await ports.lake.layout(), start)
  await ports.warehouse.publish()
  const cursors = await Promise.all(world.blocks.map((block) => stateAt(world, block, start / 3600, ports.workspace)))
  const timeline = LiveTimeline.open(world, cursors, start)
  const deliver = async (at: number) => {
    const rows = new ColumnBatch(false)
    timeline.advanceTo(at + 3600, rows)
    await writeBatch(ports.lake, world, generation, at, at + 3600, rows)
  }
  for (let hour = 0; hour < hours; hour++) await deliver(start + hour * 3600)
  return { shop, start, deliver }
}

describe('a database', () => {
  test('of an empty lake has the tables, and no rows', async () => {
    const shop = localShop(SHOP)
    expect(await shop.ports.warehouse.published()).toBeUndefined()
    expect(await shop.ports.warehouse.publish()).toMatchObject({ world: '', marts: undefined })
    for (const table of tablesOf('strict')) {
      const columns = await ask(shop, `DESCRIBE raw.${table.name}`)
      expect(columns.map(({ column_name }) => column_name)).toEqual(columnsOf(table, 'strict').map(([name]) => name))
      expect(await ask(shop, `SELECT * FROM raw.${table.name}`)).toEqual([])
    }
  })

  test('that is not there yet is missing, and how to make it is said', async () => {
    await expect(localShop().ports.warehouse.reader()).rejects.toMatchObject({
      code: 'missing',
      hint: expect.stringContaining('retail backfill'),
    })
  })

  test.each([
    ['a text', 'not a database', 'foreign_world', 'is not a retail database'],
    ['nothing', '', 'damaged', 'is damaged'],
    ['long', 'x'.repeat(50_000), 'foreign_world', 'is not a retail database'],
  ])('that holds %s is refused, and left as it is', async (_, text, code, message) => {
    const { ports } = localShop()
    fs.writeFileSync(ports.warehouse.location, text)
    await expect(ports.warehouse.published()).rejects.toMatchObject({
      code,
      message: `${ports.warehouse.location} ${message}`,
      hint: expect.stringContaining('retail repair'),
    })
    expect(fs.readFileSync(ports.warehouse.location, 'utf8')).toBe(text)
  })

  test("of somebody else's is refused, and left as it is", async () => {
    const { ports } = localShop()
    {
      await using theirs = await openDatabase(ports.warehouse.location)
      await theirs.run('CREATE TABLE precious AS SELECT 1 AS one')
    }
    await expect(ports.warehouse.published()).rejects.toMatchObject({
      code: 'foreign_world',
      why: 'it has no record of a publish',
    })
    await using again = await openDatabase(ports.warehouse.location, { readOnly: true })
    expect(await again.query('SELECT * FROM precious')).toEqual([{ one: 1 }])
  })
})

describe('readers', () => {
  test('see what is streamed without a publish, and the same after a roll and a publish', async () => {
    const { shop, start, deliver } = await streamingShop(40)
    const { lake, warehouse } = shop.ports
    const before = await linesIn(shop)
    await deliver(start + 40 * 3600)
    const now = await linesIn(shop)
    expect(now).toBeGreaterThan(before)
    const batches = (await lake.layout()).live.filter(({ from, to }) => to > from && to <= start + DAY)
    const live = shop.ports.live as LiveByLake
    await live.roll(batches, start, start + DAY)
    expect(await linesIn(shop)).toBe(now)
    await beginGeneration(lake, shop.world, await lake.layout(), start + 41 * 3600)
    await warehouse.publish()
    expect(await linesIn(shop)).toBe(now)
    expect(coverWorld(await lake.layout(), shop.world).batches[0]).toMatchObject({
      generation: undefined,
      from: start,
      to: start + DAY,
    })
  })

  test('keep what they have open while it is replaced', async () => {
    const { shop } = await streamingShop(3)
    await using reader = await shop.ports.warehouse.reader()
    const count = async () => (await reader.query('SELECT count(*) AS n FROM raw.transactions'))[0].n
    const before = await count()
    for (let i = 0; i < 3; i++) await shop.ports.warehouse.publish()
    expect(await count()).toBe(before)
  })

  test('see marts when a build is published, and nothing of one that is given up', async () => {
    const { shop } = await streamingShop(2)
    const { warehouse } = shop.ports
    const work = async (value: number, publish: boolean) => {
      await using build = await openBuild(shop.ports)
      {
        await using database = await openDatabase(build.env.RETAIL_DATABASE)
        await database.run(
          `CREATE OR REPLACE TABLE marts.answer AS SELECT ${value} AS value, (SELECT count(*) FROM raw.transactions) AS lines`,
        )
      }
      if (publish) await build.publish([])
      return build.cut
    }
    await work(1, false)
    await expect(ask(shop, 'SELECT * FROM marts.answer')).rejects.toThrow('does not exist')
    const cut = await work(42, true)
    await work(43, false)
    expect(await warehouse.published()).toMatchObject({ marts: cut })
    await warehouse.publish()
    expect(await ask(shop, 'SELECT value FROM marts.answer')).toEqual([{ value: 42 }])
    expect((await warehouse.published())?.marts).toEqual(cut)
  })

  test.each([
    ['lost its checksum', (file: string) => fs.rmSync(`${file}.checksum`)],
    ['has another checksum', (file: string) => fs.writeFileSync(`${file}.checksum`, '00000000')],
    ['is cut', (file: string) => fs.truncateSync(file, 20_000)],
    ['is gone', (file: string) => fs.rmSync(file)],
  ])('keep their marts when the private copy %s', async (_, harm) => {
    const { shop } = await streamingShop(1)
    const { warehouse, workspace } = shop.ports
    {
      await using build = await openBuild(shop.ports)
      {
        await using database = await openDatabase(build.env.RETAIL_DATABASE)
        await database.run('CREATE OR REPLACE TABLE marts.answer AS SELECT 42 AS value')
      }
      await build.publish([])
    }
    harm(path.join(workspace.folder, 'marts.duckdb'))
    for (let i = 0; i < 2; i++) expect(await warehouse.publish()).toMatchObject({ marts: expect.anything() })
    expect(await ask(shop, 'SELECT value FROM marts.answer')).toEqual([{ value: 42 }])
  })

  test('find no temporary file beside the database', async () => {
    const { shop } = await streamingShop(1)
    const files = fs.readdirSync(path.dirname(shop.ports.warehouse.location))
    expect(files.sort()).toEqual(['.retail', 'lake', 'retail.duckdb'])
  })
})

describe('models of the user', () => {
  const OWN = [
    { schema: 'marts', name: 'mine', kind: 'model' },
    { schema: 'marts', name: 'my_view', kind: 'model' },
    { schema: 'kept', name: 'prices', kind: 'snapshot' },
  ] as const

  /** Builds as the scope says: what dbt would begin with, and what is published of it. */
  async function transformed(
    shop: LocalShop,
    scope: BuildScope,
    own: readonly OwnRelation[],
    statements: string[] = [],
  ) {
    await using build = await openBuild(shop.ports, scope)
    const found = await (async () => {
      await using database = await openDatabase(build.env.RETAIL_DATABASE)
      const there = await database.query<{ name: string }>(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema NOT IN ('raw', 'meta') ORDER BY 1`,
      )
      for (const sql of statements) await database.run(sql)
      return there.map(({ name }) => name)
    })()
    await build.publish([], { own: { relations: own, panels: [] } })
    return { unchanged: build.unchanged, found }
  }

  const first = [
    'CREATE TABLE marts.ours AS SELECT 1 AS one',
    'CREATE TABLE marts.mine AS SELECT 1 AS one',
    'CREATE VIEW marts.my_view AS FROM marts.mine',
    'CREATE SCHEMA kept',
    'CREATE TABLE kept.prices AS SELECT 7 AS price',
  ]

  test('leave when their project changes, and snapshots stay', async () => {
    const { shop } = await streamingShop(1)
    await transformed(shop, { project: 'a', own: '1' }, OWN, first)
    expect(await transformed(shop, { project: 'a', own: '1' }, OWN)).toEqual({
      unchanged: true,
      found: ['mine', 'my_view', 'ours', 'prices'],
    })
    // Only a selection, so nothing leaves; but it is not forgotten.
    expect((await transformed(shop, { project: 'a', own: '2', part: true }, [OWN[2]])).found).toContain('mine')
    expect(await transformed(shop, { project: 'a', own: '2' }, [OWN[2]])).toEqual({
      unchanged: false,
      found: ['ours', 'prices'],
    })
    expect(await ask(shop, 'SELECT price FROM kept.prices')).toEqual([{ price: 7 }])
    expect(await transformed(shop, { project: 'a', own: '2' }, [OWN[2]])).toMatchObject({ unchanged: true })
  })

  test('and snapshots stay when everything is built again, unless the user gives one up', async () => {
    const { shop } = await streamingShop(1)
    await transformed(shop, { project: 'a', own: '1' }, OWN, first)
    expect(await transformed(shop, { project: 'b', own: '1' }, OWN)).toEqual({ unchanged: false, found: ['prices'] })
    expect((await transformed(shop, { project: 'b', own: '2' }, [])).found).toEqual(['prices'])
    expect((await transformed(shop, { project: 'c', own: '2' }, [])).found).toEqual(['prices'])
    expect((await transformed(shop, { project: 'c', own: '2', whole: true }, [])).found).toEqual(['prices'])
    expect((await transformed(shop, { project: 'c', own: '2' }, [])).found).toEqual([])
  })
})

test('only one transform at a time', async () => {
  const { shop } = await streamingShop(1)
  await using _build = await openBuild(shop.ports)
  await expect(openBuild(shop.ports)).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringContaining('transform'),
  })
})
