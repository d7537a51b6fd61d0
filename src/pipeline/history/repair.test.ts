import fs from 'node:fs'
import path from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type LocalShop, localShop, makeHistory } from '../../../test/history.ts'
import { rowsOfDays, type Shop } from '../../../test/worlds.ts'
import type { LiveByLake } from '../../ports/index.ts'
import { batchKey, parseBatchKey } from '../../ports/layout.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { LiveTimeline } from '../../simulator/live-timeline.ts'
import { columnsOf, facts, tables } from '../../tables/index.ts'
import { plainRows } from '../../truth/rows.ts'
import { coverWorld } from '../live/layout.ts'
import { LiveWriter } from '../live/writer.ts'
import { repair } from '../repair.ts'
import { days, repairLive } from './repair.ts'
import { stateAt } from './snapshots.ts'

const DAY = 86_400
const SHOP: Shop = { stores: 3, products: 30, lines: 20, from: '2024-01-30' }

/** Continues from the end of the lake, with this many seconds per batch and a roll every few batches. */
async function deliver({ ports, world }: LocalShop, seconds: number, until: number, rollEvery: number): Promise<void> {
  const writer = await LiveWriter.open(ports, ports.live as LiveByLake, world, rollEvery)
  const hour = Math.floor(writer.position / 3600)
  const cursors = await Promise.all(world.blocks.map((block) => stateAt(world, block, hour, ports.workspace)))
  const timeline = LiveTimeline.open(world, cursors, writer.position)
  while (writer.position < until) {
    const midnight = (Math.floor(writer.position / DAY) + 1) * DAY
    const to = Math.min(until, midnight, writer.position + seconds)
    const rows = new ColumnBatch(world.schema === 'extended')
    timeline.advanceTo(to, rows)
    await writer.write(to, rows)
  }
  // As if it were killed then: its last batches are not rolled.
  await writer.abandon()
}

/** Every row of raw as DuckDB reads it, and every row there should be before an instant; sorted. */
async function bothSides({ ports, world }: LocalShop, before: number) {
  await ports.warehouse.publish()
  await using reader = await ports.warehouse.reader()
  const sides: { found: string[]; said: string[] }[] = []
  for (const { name } of facts) {
    const columns = columnsOf(tables[name], world.schema).map(
      ([column]) => `coalesce(CAST("${column}" AS VARCHAR), '')`,
    )
    const found = await reader.query<{ line: string }>(
      `SELECT concat_ws(' ', ${columns.join(', ')}) AS line FROM raw.${name}`,
    )
    const rows = plainRows(world, name, rowsOfDays(world, Math.ceil(before / DAY) - world.from))
    const said = [...rows].filter(({ second }) => second < before).map(({ row }) => Object.values(row).join(' '))
    sides.push({ found: found.map(({ line }) => line).sort(), said: said.sort() })
  }
  return sides
}

describe.each(['strict', 'extended'] as const)('a %s stream', (schema) => {
  test('delivers each event once, over midnights, rolls and restarts', async () => {
    const shop = localShop({ ...SHOP, schema })
    await makeHistory(shop, '2024-01-31')
    const end = (shop.world.from + 4) * DAY + 50_000
    await deliver(shop, 11_001, end - 100_000, 3)
    await deliver(shop, 8_999, end, 4)
    for (const { found, said } of await bothSides(shop, end)) expect(found).toEqual(said)
    await shop.ports[Symbol.asyncDispose]()
  })
})

test('batches that were cut, changed or lost are made again with the rows they had, in the open generation and before it', async () => {
  const shop = localShop(SHOP)
  const { ports, world } = shop
  await makeHistory(shop, '2024-01-31')
  const end = (world.from + 3) * DAY + 30_000
  for (const until of [end - 60_000, end]) await deliver(shop, 9_000, until, 1000)
  const { batches, open } = coverWorld(await ports.lake.layout(), world)
  const whole = [batches, open.filter(({ from, to }) => to > from)]
  const victims = whole.flatMap(([, cut, changed, lost]) => {
    const file = (key: string) => path.join(ports.lake.location, key, 'inventories.parquet')
    fs.truncateSync(file(cut.key), 300)
    const bytes = fs.readFileSync(file(changed.key))
    bytes[bytes.length >> 1] ^= 4
    fs.writeFileSync(file(changed.key), bytes)
    fs.rmSync(path.dirname(file(lost.key)), { recursive: true })
    return [cut, changed, lost].map(({ from, to }) => `${from} ${to}`)
  })
  const rebuilt = await repairLive(ports, world, await ports.lake.layout())
  const repaired = rebuilt.map(({ batch }) => parseBatchKey(batch)!)
  expect(repaired.map(({ from, to }) => `${from} ${to}`)).toEqual(victims)
  expect(await repairLive(ports, world, await ports.lake.layout())).toEqual([])
  expect(coverWorld(await ports.lake.layout(), world)).toMatchObject({ gaps: [], live: end })
  for (const { found, said } of await bothSides(shop, end)) expect(found).toEqual(said)
  await ports[Symbol.asyncDispose]()
})

test('the last batch under a wrong name still says where its events end, and they are delivered again', async () => {
  const shop = localShop(SHOP)
  const { ports, world, config } = shop
  await makeHistory(shop, '2024-01-31')
  const end = (world.from + 2) * DAY + 30_000
  await deliver(shop, 20_000, end, 1000)
  const last = (await ports.lake.layout()).live.find(({ from, to }) => from < to && to === end)!
  const at = (key: string) => path.join(ports.lake.location, key)
  fs.renameSync(at(last.key), at(batchKey(last.generation, last.from, end + 1_000)))
  // No database records how far the stream came.
  await repair(ports, config, { workers: 0 })
  expect(coverWorld(await ports.lake.layout(), world)).toMatchObject({ gaps: [], live: end })
  for (const { found, said } of await bothSides(shop, end)) expect(found).toEqual(said)
  await ports[Symbol.asyncDispose]()
})

test('history that catches up with the stream takes its place, without a row lost or doubled', async () => {
  const shop = localShop(SHOP)
  await makeHistory(shop, '2024-01-31')
  const end = (shop.world.from + 3) * DAY + 30_000
  await deliver(shop, 20_000, end, 50)
  await makeHistory(shop, '2024-02-01')
  await deliver(shop, 20_000, end + 10_000, 50)
  for (const { found, said } of await bothSides(shop, end + 10_000)) expect(found).toEqual(said)
  await shop.ports[Symbol.asyncDispose]()
})

test('a gap is filled in ranges that end at midnights', () => {
  fc.assert(
    fc.property(fc.nat(30 * DAY), fc.nat(5 * DAY), (from, length) => {
      const cuts = days(from, from + length)
      expect(cuts.reduce((sum, cut) => sum + cut.to - cut.from, 0)).toBe(length)
      for (const cut of cuts) expect(Math.floor((cut.to - 1) / DAY)).toBe(Math.floor(cut.from / DAY))
    }),
  )
})
