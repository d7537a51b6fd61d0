import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyShop, type Shop, shopConfig, shopWorld } from '../../test/worlds.ts'
import { weekOf } from '../time.ts'
import { CLUSTERS } from './stores.ts'
import { buildWorld, memoryOfWeeks, type World } from './world.ts'

/** Two worlds of one config that share memory, as two threads do. */
function twoOf(shop: Shop, days: number): [World, World, SharedArrayBuffer] {
  const memory = memoryOfWeeks(shopWorld(shop), shopWorld(shop).from + days)
  return [buildWorld(shopConfig(shop), memory), buildWorld(shopConfig(shop), memory), memory]
}

const tablesOf = (world: World, days: number) => {
  const first = weekOf(world.from - 1)
  return Array.from({ length: weekOf(world.from + days) - first + 1 }, (_, week) =>
    Array.from({ length: CLUSTERS }, (_, cluster) => [
      world.week(cluster, first + week),
      world.plan(cluster, first + week),
    ]),
  ).flat()
}

test('tables of weeks are the same, whichever thread built them, and without shared memory', () => {
  fc.assert(
    fc.property(anyShop, fc.integer({ min: 1, max: 9 }), (shop, days) => {
      const [one, other] = twoOf(shop, days)
      const alone = tablesOf(shopWorld(shop), days)
      expect(tablesOf(one, days)).toEqual(alone)
      expect(tablesOf(other, days)).toEqual(alone)
    }),
    { numRuns: 5 },
  )
})

test('a thread reads the tables that another one has built', () => {
  const [one, other] = twoOf({ stores: 3, products: 200 }, 30)
  const week = weekOf(one.from)
  expect(one.week(5, week).share.buffer).toBe(other.week(5, week).share.buffer)
  expect(one.plan(5, week).daily.buffer).toBe(other.plan(5, week).daily.buffer)
})

test('weeks beyond the memory are built by each thread', () => {
  const [one, other] = twoOf({ stores: 3, products: 200 }, 7)
  const later = weekOf(one.from) + 100
  expect(one.week(0, later)).toEqual(other.week(0, later))
  expect(one.week(0, later).share.buffer).not.toBe(other.week(0, later).share.buffer)
})

test('a thread that ended while it built a table holds up nobody', () => {
  const shop = { stores: 3, products: 200 }
  const [, other, memory] = twoOf(shop, 7)
  // All tables are being built.
  new Int32Array(memory).fill(1)
  expect(tablesOf(other, 7)).toEqual(tablesOf(shopWorld(shop), 7))
})

test('memory is limited, however many products and weeks there are', () => {
  const world = shopWorld({ stores: 3, products: 20_000, lines: 5_000 })
  expect(memoryOfWeeks(world, world.from + 3_650).byteLength).toBeLessThanOrEqual(32 * 1024 * 1024)
  expect(memoryOfWeeks(world, world.from).byteLength).toBeGreaterThan(0)
})
