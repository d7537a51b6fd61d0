import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { configSchema } from '../src/config/schema.ts'
import { parseSecond } from '../src/time.ts'
import { buildWorld } from '../src/world/world.ts'
import { expectedEvents, type Received } from './events.ts'
import { killer } from './kills.ts'
import { json } from './tool.ts'

/** A small shop, defined by flags alone. */
const WORLD = { stores: 40, products: 200, lines: 60 }
export const FLAGS = `--stores ${WORLD.stores} --products ${WORLD.products} --lines-per-store-day ${WORLD.lines}`
export const FROM = '2024-01-01'
const world = buildWorld(
  configSchema.parse({ world: { stores: WORLD.stores, products: WORLD.products, lines_per_store_day: WORLD.lines } }),
)

export const UNTIL = '2024-01-03'
export const lineOf = (each: object) => JSON.stringify(each)
/** All events of it, sorted. */
export const EXPECTED = expectedEvents(world, parseSecond(FROM)!, parseSecond(UNTIL)!).map(lineOf).sort()

/** Two days of a small shop into a destination, killed at random moments, and then to its end. */
export async function killedOften(
  folder: string,
  to: string,
  phase: number,
  kills: number,
  { restart, flags = '' }: { restart?: () => Promise<void>; flags?: string } = {},
): Promise<void> {
  const { below, killed } = killer(phase)
  const line = `stream --to ${to} ${FLAGS} --from ${FROM} --until ${UNTIL}${flags}`
  for (let done = 0; done < kills; done++) {
    // Every other time, the server dies, too, at a moment of its own.
    const restarted = restart && done % 2 === 1 ? sleep(below(1_500)).then(restart) : undefined
    await killed(folder, `${line} --speed ${[15_000, 40_000][below(2)]}`, [300, 1_200])
    await restarted
  }
  expect(await json(folder, `${line} --speed max`)).toMatchObject({ code: 0, to: `${UNTIL}T00:00:00Z` })
}

const SHARDS = ['1/3', '2/3', '3/3']

/** The same two days by three streams side by side, each of them with a share of the stores; one was killed before. */
export async function streamShards(folder: string, to: string, phase: number): Promise<void> {
  const line = (shard: string) => `stream --to ${to} --shard ${shard} ${FLAGS} --from ${FROM} --until ${UNTIL}`
  const { killed } = killer(phase)
  for (let kills = 0; kills < 2; kills++) await killed(folder, `${line(SHARDS[1])} --speed 40000`, [300, 1_200])
  const ended = await Promise.all(SHARDS.map((shard) => json(folder, `${line(shard)} --speed max`)))
  for (const result of ended) expect(result).toMatchObject({ code: 0, to: `${UNTIL}T00:00:00Z` })
}

/**
 * What at least once means: every event arrived, and a store's events in order but for repeats, which begin again at an
 * earlier event and go on from there.
 */
export function expectAtLeastOnce(received: readonly Received[], repeats: { most: number }): void {
  const first = new Map<string, Received>()
  const lastOf = new Map<string, string>()
  for (const each of received) {
    const [id] = Object.values(each.row)
    if (first.has(id)) continue
    first.set(id, each)
    const store = `${each.table} ${each.row.store_id}`
    expect(id > (lastOf.get(store) ?? ''), `${id} after ${lastOf.get(store)}`).toBe(true)
    lastOf.set(store, id)
  }
  expect([...first.values()].map(lineOf).sort()).toEqual(EXPECTED)
  expect(received.length - first.size).toBeLessThanOrEqual(repeats.most)
}
