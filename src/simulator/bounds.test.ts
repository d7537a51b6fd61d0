import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { FIRST_DAY, LAST_DAY } from '../config/bounds.ts'
import { configSchema, LARGEST } from '../config/schema.ts'
import { facts } from '../tables/index.ts'
import { dayOf, formatDay, parseDay } from '../time.ts'
import { nthWeekday } from '../world/calendar.ts'
import { buildWorld, type World } from '../world/world.ts'
import { beginBlock, simulateDays } from './block.ts'
import { ColumnBatch } from './column-batch.ts'

/** The first days of one store. */
function daysOf(world: World, store: number, days = 1): ColumnBatch {
  const out = new ColumnBatch(world.schema === 'extended')
  simulateDays(world, beginBlock(world, { index: 0, lo: store, hi: store + 1 }), world.from + days, out)
  return out
}

const busiest = ({ stores: { demand } }: World): number =>
  demand.reduce((best, each, store) => (each > demand[best] ? store : best), 0)

/** From one to the most, small and large alike often. */
const upTo = (least: number, most: number) =>
  fc.oneof(
    fc.constantFrom(least, most),
    fc.double({ min: Math.log(least), max: Math.log(most), noNaN: true }).map((power) => Math.round(Math.exp(power))),
  )
const blackFriday = fc.integer({ min: 2000, max: 2098 }).map((year) => nthWeekday(year, 11, 3, 4) + 1)
const christmas = fc.integer({ min: 2000, max: 2098 }).map((year) => dayOf(year, 12, 24))
const firstDay = fc.oneof(
  fc.integer({ min: parseDay(FIRST_DAY)!, max: parseDay(LAST_DAY)! }),
  fc.constantFrom(parseDay(FIRST_DAY)!, parseDay(LAST_DAY)!),
  blackFriday,
  christmas,
)
/** All that the schema takes for a world, and more. */
const anyConfig = fc.record({
  seed: fc.oneof(fc.nat(4_294_967_295), fc.constantFrom(0, 4_294_967_295)),
  world: fc.record({
    stores: upTo(1, LARGEST.stores),
    products: upTo(10, 50_000),
    lines_per_store_day: upTo(1, LARGEST.linesPerStoreDay),
    schema: fc.constantFrom('strict', 'extended'),
  }),
  history: firstDay.map((day) => ({ from: formatDay(day), to: LAST_DAY })),
})

describe('a config that the schema takes', () => {
  test('makes the first day of its busiest store, within the digits of its ids', () => {
    let refused = 0
    fc.assert(
      fc.property(anyConfig, (settings) => {
        const parsed = configSchema.safeParse(settings)
        if (!parsed.success) {
          const { stores, lines_per_store_day: lines } = settings.world
          expect(stores * lines).toBeGreaterThan(LARGEST.lines)
          refused++
          return
        }
        const world = buildWorld(parsed.data)
        const batch = daysOf(world, busiest(world))
        expect(batch.n).toBeGreaterThan(0)
        for (const { name } of facts) expect(batch.facts[name].rows.n).toBeLessThan(world.ids.most)
      }),
      { numRuns: 25, endOnFailure: true },
    )
    expect(refused).toBeLessThan(15)
  })

  test('is refused above the maximum lines a day, by the key and with a value that fits', () => {
    const tooMuch = { world: { stores: 100_000, lines_per_store_day: 10_001 } }
    expect(configSchema.safeParse(tooMuch).error?.issues).toMatchObject([
      {
        path: ['world', 'lines_per_store_day'],
        message:
          '100,000 stores would sell 1,000,100,000 lines a day; the maximum is 1,000,000,000 (10000 per store, or use fewer world.stores)',
      },
    ])
    expect(configSchema.safeParse({ world: { stores: 100_000, lines_per_store_day: 10_000 } }).success).toBe(true)
  })
})

test.each([1, 99, 9_999, 10_000, 20_000])('a day that everyone wants to shop on, of %i lines, has an end', (lines) => {
  const world: World = { ...shopWorld({ stores: 1, products: 3000, lines, schema: 'extended' }), shock: () => 1e9 }
  const batch = daysOf(world, 0, 2)
  expect(batch.facts.transactions.rows.n).toBeGreaterThan(0)
  expect(batch.facts.inventories.rows.n).toBeLessThan(2 * world.ids.most)
})
