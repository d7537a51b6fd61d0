import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyShop, rowsOfDays, shopWorld } from '../../test/worlds.ts'
import { tables as allTables, factColumns, facts } from '../tables/index.ts'
import { plainRows } from '../truth/rows.ts'
import type { World } from '../world/world.ts'
import { type BlockCursor, beginBlock, resumeBlock, simulateDays, simulateHour } from './block.ts'
import { ColumnBatch } from './column-batch.ts'
import { LiveTimeline } from './live-timeline.ts'

const tables = facts.map(({ name }) => name)
/** All rows as one sorted text a table: equal texts are equal rows, whatever order they were made in. */
const textOf = (world: World, ...batches: ColumnBatch[]): string[] =>
  tables.map((table) =>
    batches
      .flatMap((batch) => Array.from(plainRows(world, table, batch), ({ row }) => Object.values(row).join(' ')))
      .sort()
      .join('\n'),
  )
const emptyBatch = (world: World) => new ColumnBatch(world.schema === 'extended', 16)
const begin = (world: World): BlockCursor[] => world.blocks.map((block) => beginBlock(world, block))
/** As anyShop, of few lines: these properties compare every row as text. */
const quietShop = anyShop.map((shop) => ({
  ...shop,
  lines: 1 + (shop.lines % 60),
  products: 10 + (shop.products % 90),
}))
const days = fc.integer({ min: 1, max: 12 })

/** The rows in timeline order: by second, store, table, and number. */
function ordered(world: World, batch: ColumnBatch): [order: string, row: object][] {
  const all = tables.flatMap((table, i) =>
    Array.from(plainRows(world, table, batch), ({ second, store, row }): [string, object] => [
      [second, String(store).padStart(6, '0'), i, Object.values(row)[0].slice(-6)].join(' '),
      row,
    ]),
  )
  return all.sort(([a], [b]) => (a < b ? -1 : 1))
}

/** The rows of [from, to), as a batch that is rebuilt gets them. */
function between(world: World, from: number, to: number): ColumnBatch {
  const rows = emptyBatch(world)
  LiveTimeline.open(world, begin(world), from).advanceTo(to, rows)
  return rows
}

describe('the same rows', () => {
  test('come hour by hour across stores as day by day and store by store', () => {
    fc.assert(
      fc.property(quietShop, days, (shop, n) => {
        const world = shopWorld(shop)
        const rows = emptyBatch(world)
        const cursors = begin(world)
        for (let hour = 0; hour < n * 24; hour++) for (const cursor of cursors) simulateHour(world, cursor, rows)
        expect(textOf(world, rows)).toEqual(textOf(world, rowsOfDays(world, n)))
      }),
      { numRuns: 10 },
    )
  })

  test('come in a longer period, followed by more', () => {
    fc.assert(
      fc.property(quietShop, days, days, (shop, n, more) => {
        const world = shopWorld(shop)
        for (const block of world.blocks) {
          const [short, long] = [rowsOfDays(world, n, [block]), rowsOfDays(world, n + more, [block])]
          tables.forEach((_, t) => {
            const [a, b] = [short, long].map((batch) =>
              Array.from(plainRows(world, tables[t], batch), ({ row }) => row),
            )
            expect(b.slice(0, a.length)).toEqual(a)
          })
        }
      }),
      { numRuns: 10 },
    )
  })

  test('follow from a state that was saved at any hour', () => {
    fc.assert(
      fc.property(quietShop, fc.nat(6 * 24), fc.integer({ min: 1, max: 2 * 24 }), (shop, hour, more) => {
        const world = shopWorld(shop)
        for (const block of world.blocks) {
          const cursor = beginBlock(world, block)
          const past = emptyBatch(world)
          for (let h = 0; h < hour; h++) {
            past.clear()
            simulateHour(world, cursor, past)
          }
          const other = resumeBlock(world, block, cursor.hour, cursor.state.save())!
          const [one, two] = [emptyBatch(world), emptyBatch(world)]
          for (let h = 0; h < more; h++) {
            simulateHour(world, cursor, one)
            simulateHour(world, other, two)
          }
          expect(textOf(world, two)).toEqual(textOf(world, one))
          expect(other.state.save().equals(cursor.state.save())).toBe(true)
        }
      }),
      { numRuns: 10 },
    )
  })

  test('are released second by second, cut anywhere and at the second of a sale, started anywhere', () => {
    const cuts = fc.array(fc.record({ second: fc.nat(4 * 86_400), atSale: fc.boolean() }), { maxLength: 12 })
    fc.assert(
      fc.property(quietShop, fc.nat(3 * 86_400), cuts, (shop, from, picked) => {
        const world = shopWorld(shop)
        const midnight = world.from * 86_400
        const whole = rowsOfDays(world, 4)
        const sales = Array.from(plainRows(world, 'transactions', whole), ({ second }) => second - midnight)
        const ends = picked.map(({ second, atSale }) =>
          atSale && sales.length > 0 ? sales[second % sales.length] : second,
        )
        const timeline = LiveTimeline.open(world, begin(world), midnight + from)
        const pieces: ColumnBatch[] = []
        let position = from
        for (const end of [...ends, 4 * 86_400].sort((a, b) => a - b).filter((cut) => cut >= from)) {
          const piece = emptyBatch(world)
          timeline.advanceTo(midnight + end, piece)
          const seconds = tables.flatMap((table) => Array.from(plainRows(world, table, piece), ({ second }) => second))
          expect(seconds.filter((at) => at < midnight + position || at >= midnight + end)).toEqual([])
          expect(timeline.position).toBe(midnight + end)
          pieces.push(piece)
          position = end
        }
        const before = emptyBatch(world)
        LiveTimeline.open(world, begin(world), midnight).advanceTo(midnight + from, before)
        expect(textOf(world, before, ...pieces)).toEqual(textOf(world, whole))
      }),
      { numRuns: 15 },
    )
  })

  test('are released event by event within a second, resumed at any position', () => {
    const steps = fc.array(
      fc.record({
        events: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })),
        beyond: fc.constantFrom(0, 0, 2, Number.POSITIVE_INFINITY),
        again: fc.boolean(),
      }),
      { minLength: 40, maxLength: 120 },
    )
    let within = 0
    // The first second of a world counts the stock of all stores. In this one, nothing else happens in the first hour.
    const counting = { seed: 1, stores: 4, products: 30, lines: 1, schema: 'strict' as const, from: '2024-01-01' }
    fc.assert(
      fc.property(fc.oneof(quietShop, fc.constant(counting)), fc.constantFrom(0, 0, 17), steps, (shop, hour, steps) => {
        const world = shopWorld(shop)
        const from = world.from * 86_400 + hour * 3600
        let timeline = LiveTimeline.open(world, begin(world), from)
        const pieces: ColumnBatch[] = []
        let last = ''
        for (const { events, beyond, again } of steps) {
          const piece = emptyBatch(world)
          const [position, released] = [timeline.position, timeline.released]
          timeline.advance(from + 5 * 86_400, released + events, piece, beyond)
          expect(timeline.released - released).toBe(piece.n)
          if (timeline.position < from + 5 * 86_400) expect(piece.n).toBeGreaterThanOrEqual(events)
          // Both ends, each from the rows alone.
          expect(textOf(world, piece)).toEqual(textOf(world, between(world, position, timeline.position)))
          if (!Number.isInteger(timeline.position)) {
            within++
            const rest = between(world, timeline.position, Math.ceil(timeline.position)).n
            expect(rest + piece.n - events).toBeGreaterThan(beyond)
          }
          // Nothing happens before what was released.
          for (const [order] of ordered(world, piece)) expect(order > last).toBe(true)
          last = ordered(world, piece).at(-1)?.[0] ?? last
          pieces.push(piece)
          if (again) timeline = LiveTimeline.open(world, begin(world), timeline.position)
        }
        expect(textOf(world, ...pieces)).toEqual(textOf(world, between(world, from, timeline.position)))
      }),
      { numRuns: 6 },
    )
    expect(within).toBeGreaterThan(0)
  })

  test('are never released past the requested end, even after a look ahead', () => {
    fc.assert(
      fc.property(
        quietShop,
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 20 }),
        (shop, hours, events) => {
          const world = shopWorld(shop)
          const from = world.from * 86_400
          const timeline = LiveTimeline.open(world, begin(world), from)
          const out = emptyBatch(world)
          timeline.advanceTo(from + 86_400, out)
          for (let until = from + 86_400; until < from + 4 * 86_400; until += hours * 600) {
            timeline.nextEvent(from + 31 * 86_400)
            timeline.advance(until, timeline.released + events, out)
            expect(timeline.position).toBeLessThanOrEqual(until)
          }
        },
      ),
    )
  })

  test('are in a strict world, without the columns that an extended one adds', () => {
    fc.assert(
      fc.property(quietShop, days, (shop, n) => {
        const [strict, extended] = (['strict', 'extended'] as const).map((schema) => shopWorld({ ...shop, schema }))
        for (const table of tables) {
          const kept = new Set(factColumns(allTables[table], 'strict').map(([name]) => name))
          const rows = Array.from(plainRows(extended, table, rowsOfDays(extended, n)), ({ row }) => {
            expect(Object.keys(row).length).toBeGreaterThan(kept.size)
            return Object.fromEntries(Object.entries(row).filter(([name]) => kept.has(name)))
          })
          expect(rows).toEqual(Array.from(plainRows(strict, table, rowsOfDays(strict, n)), ({ row }) => row))
        }
      }),
      { numRuns: 10 },
    )
  })
})

describe('a saved state', () => {
  const world = shopWorld({ stores: 6 })
  const cursor = beginBlock(world, world.blocks[0])
  simulateDays(world, cursor, world.from + 3, emptyBatch(world))
  const saved = cursor.state.save()

  test('that is cut, empty or of another shop is not taken', () => {
    for (const bytes of [undefined, Buffer.alloc(0), saved.subarray(0, 40), saved.subarray(0, saved.length - 4)])
      expect(resumeBlock(world, world.blocks[0], cursor.hour, bytes)).toBeUndefined()
    const larger = shopWorld({ stores: 6, products: 90 })
    expect(resumeBlock(larger, larger.blocks[0], cursor.hour, saved)).toBeUndefined()
  })
})

test('days are simulated from midnight only', () => {
  const world = shopWorld()
  const cursor = beginBlock(world, world.blocks[0])
  simulateHour(world, cursor, emptyBatch(world))
  expect(() => simulateDays(world, cursor, world.from + 1, emptyBatch(world))).toThrow('midnight')
})
