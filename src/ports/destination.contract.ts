import { describe, expect, test } from 'vitest'
import { expectedEvents, type Received } from '../../test/events.ts'
import { movedClock } from '../../test/moved-clock.ts'
import { type Shop, shopConfig } from '../../test/worlds.ts'
import { readProgress } from '../adapters/open.ts'
import { configSchema } from '../config/schema.ts'
import type { Where } from '../config/where.ts'
import { sourceOf } from '../pipeline/live/destination-sink.ts'
import { type StreamToOptions, streamTo } from '../pipeline/stream-to.ts'
import { facts } from '../tables/index.ts'
import { formatSecond, parseSecond } from '../time.ts'
import { buildWorld } from '../world/world.ts'
import type { OpenDestination, Workspace } from './index.ts'

/** One place, which can be opened any number of times. */
export interface PlaceUnderTest {
  open: OpenDestination
  /** What arrived, in order of arrival for each table. */
  received(): Promise<Received[]>
  /** Where it is, as somebody reads it who does not write to it; undefined if it keeps no position. */
  where?: Where
  workspace?: Workspace
}

export interface DestinationUnderTest {
  /** An empty place; the test that asks for it removes it. */
  place(): Promise<PlaceUnderTest>
  /** Whether a second run begins where the first one ended. */
  keepsPosition: boolean
  /** Whether it has the events of a table in timeline order, or only those of each store. */
  order: 'of the timeline' | 'of each store'
}

const FROM = parseSecond('2024-01-02T20:00:00Z')!
const DAY = 86_400

/** The promises of every destination (destination.ts). */
export function destinationContract(name: string, { place, keepsPosition, order }: DestinationUnderTest): void {
  describe(`${name}: a destination`, () => {
    test.each(['strict', 'extended'] as const)('gets the rows of backfill of a %s world, each once', async (schema) => {
      const { run, received, expected } = await shopAt(place, { schema })
      await run({ until: FROM + DAY })
      const all = await received()
      for (const { name } of facts) expect(idsOf(all, name)).toEqual([...new Set(idsOf(all, name))])
      expect(sorted(all)).toEqual(sorted(expected(FROM + DAY)))
    })

    test('gets the events of a store in order', async () => {
      const { run, received } = await shopAt(place, { lines: 200 })
      await run({ until: FROM + DAY })
      for (const [, ids] of byStore(await received())) expect(ids).toEqual([...ids].sort())
    })

    test.runIf(keepsPosition)('continues where the last stream stopped, wherever that was', async () => {
      const { run, received, expected } = await shopAt(place)
      const stops = [FROM + 3_601, FROM + 3_602, FROM + 5 * 3_600, FROM + DAY]
      const results = []
      for (const until of stops) results.push(await run({ until }))
      expect(results.map(({ from, to }) => [from, to])).toEqual(
        stops.map((until, i) => [stops[i - 1] ?? FROM, until].map(formatSecond)),
      )
      expect(sorted(await received())).toEqual(sorted(expected(FROM + DAY)))
    })

    test('gets them in timeline order at a rate, also from a stream that stopped within a second', async () => {
      const { run, received, expected } = await shopAt(place, { lines: 200 })
      const ends: string[] = []
      for (let i = 0; i < (keepsPosition ? 4 : 1); i++)
        ends.push((await run({ rate: 4, maxEvents: 23 + i, clock: movedClock() })).to)
      expect(ends.join()).toMatch(/\.\d{6}Z/)
      const all = await received()
      for (const [, ids] of byStore(all)) expect(ids).toEqual([...ids].sort())
      for (const { name } of facts) {
        const ids = idsOf(all, name)
        const inOrder = expected(FROM + DAY).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
        const first = idsOf(inOrder, name).slice(0, ids.length)
        if (order === 'of each store') expect([...ids].sort()).toEqual([...first].sort())
        else expect(ids).toEqual(first)
      }
    })

    test.runIf(keepsPosition)('records a quiet time, too', async () => {
      const { run, received } = await shopAt(place, { stores: 1, products: 10, lines: 1 })
      await run({ until: FROM + 60 })
      const before = (await received()).length
      await run({ until: FROM + 120 })
      expect((await run({ until: FROM + 180 })).from).toBe(formatSecond(FROM + 120))
      expect((await received()).length).toBe(before)
    })

    test.runIf(keepsPosition)('refuses to begin elsewhere', async () => {
      const { run } = await shopAt(place)
      await run({ until: FROM + 3_600 })
      await expect(run({ until: FROM + DAY, from: FROM - 60 })).rejects.toMatchObject({ code: 'bad_flag' })
      await expect(run({ until: FROM + DAY, from: FROM + 7_200 })).rejects.toMatchObject({ code: 'bad_flag' })
      expect((await run({ until: FROM + DAY, from: FROM })).from).toBe(formatSecond(FROM + 3_600))
    })

    test.runIf(keepsPosition)('says where it is to others, also while a stream has it open', async () => {
      const { run, source, open, where, workspace } = await shopAt(place)
      await run({ until: FROM + DAY })
      await using _open = await open(source, undefined)
      expect(await readProgress(where!, source, { workspace, settings: { workspace: '.', gcp: undefined } })).toEqual({
        since: FROM,
        position: FROM + DAY,
      })
    })

    test('says where it is, and takes nothing after a stop', async () => {
      const { run, received } = await shopAt(place)
      const result = await run({ maxEvents: 50 })
      expect(result.stoppedBy).toBe('max-events')
      expect((await received()).length).toBe(result.events)
    })
  })
}

async function shopAt(place: DestinationUnderTest['place'], shop: Shop = {}) {
  const { open, received, where, workspace } = await place()
  const { history, ...rest } = shopConfig({ stores: 12, lines: 60, ...shop })
  const config = {
    ...configSchema.parse({ ...rest, history: { ...history, to: '2024-01-31' } }),
    workspace: '/nowhere',
  }
  const world = buildWorld(config)
  return {
    ...{ open, where, workspace, source: sourceOf(world) },
    received,
    run: (options: StreamToOptions) =>
      streamTo(open, config, { ...(options.rate === undefined && { speed: 'max' }), from: FROM, ...options }),
    expected: (until: number) => expectedEvents(world, FROM, until),
  }
}

const orderOf = ({ row }: Received): string => `${row.timestamp} ${row.store_id} ${Object.values(row)[0]}`
const idOf = ({ row }: Received): string => Object.values(row)[0]
const idsOf = (all: readonly Received[], table: string): string[] =>
  all.filter((each) => each.table === table).map(idOf)
const sorted = (all: readonly Received[]): Received[] => [...all].sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1))

/** Ids by table and store, in order of arrival. */
function byStore(all: readonly Received[]): Map<string, string[]> {
  const ids = new Map<string, string[]>()
  for (const each of all) {
    const key = `${each.table} ${each.row.store_id}`
    ids.set(key, [...(ids.get(key) ?? []), idOf(each)])
  }
  return ids
}
