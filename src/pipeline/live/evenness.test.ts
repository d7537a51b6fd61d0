import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { movedClock } from '../../../test/moved-clock.ts'
import { shopConfig } from '../../../test/worlds.ts'
import { eventsBy, peakOf, type Rate } from '../../config/rate.ts'
import { configSchema } from '../../config/schema.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { LiveTimeline } from '../../simulator/live-timeline.ts'
import { buildWorld, type World } from '../../world/world.ts'
import { stateAt } from '../history/snapshots.ts'
import { dueBatches } from './due.ts'
import { ratePace } from './pace.ts'
import { Stops } from './stops.ts'

const DAY = 86_400
const WINDOW_MS = 10_000
const RUN_MS = 60_000
/** A release comes at most this much after its events are due, and ends at most this much ahead of them. */
const FLUSH_MS = 125
const AHEAD_MS = 125

const noSnapshots = {
  ...{ load: async () => undefined, save: async () => {}, cached: async () => [], forget: async () => {} },
}

async function openTimeline(world: World, position: number): Promise<LiveTimeline> {
  const hour = Math.floor(position / 3600)
  const cursors = await Promise.all(world.blocks.map((block) => stateAt(world, block, hour, noSnapshots)))
  return LiveTimeline.open(world, cursors, position)
}

/** What was delivered by when. */
async function deliver(world: World, from: number, rate: Rate): Promise<{ ms: number; events: number }[]> {
  const clock = movedClock()
  const timeline = await openTimeline(world, from)
  const pace = ratePace(rate, clock)
  const limits = { until: Number.POSITIVE_INFINITY, end: Number.POSITIVE_INFINITY, maxEvents: Number.POSITIVE_INFINITY }
  const stops = new Stops({ ...limits, durationMs: RUN_MS, signal: undefined }, clock)
  const rows = new ColumnBatch(world.schema === 'extended')
  const began = clock.now()
  const delivered: { ms: number; events: number }[] = []
  for await (const due of dueBatches({ timeline, pace, stops, clock, signal: undefined, rows }))
    delivered.push({ ms: clock.now() - began, events: due.rows.n })
  return delivered
}

const rates = fc.oneof(
  fc.constantFrom<Rate>(1, 8, 20, 50, 200, 500, 3_000),
  fc.record({
    from: fc.integer({ min: 0, max: 900 }),
    to: fc.integer({ min: 1, max: 900 }),
    overMs: fc.constant(40_000),
  }),
  fc.record({
    ...{ base: fc.integer({ min: 0, max: 200 }), peak: fc.integer({ min: 200, max: 2_000 }) },
    ...{ forMs: fc.constant(3_000), everyMs: fc.constant(20_000) },
  }),
)

/** The bound that docs/stream.md states. */
test('over any ten seconds, a rate is off by less than a quarter of a second and two events, whatever one second holds', async () => {
  await fc.assert(
    fc.asyncProperty(rates, fc.nat(5), fc.option(fc.integer({ min: 0, max: 23 })), async (rate, seed, hour) => {
      const config = {
        ...configSchema.parse({ ...shopConfig({ stores: 40, products: 400, lines: 60, seed }) }),
        workspace: '',
      }
      const world = buildWorld(config)
      // The first second of a world counts the stock of all stores: thousands of movements.
      const delivered = await deliver(
        world,
        hour === null ? world.from * DAY : (world.from + 2) * DAY + hour * 3600,
        rate,
      )
      const by = (ms: number) => delivered.reduce((sum, one) => sum + (one.ms <= ms ? one.events : 0), 0)
      // The first event is due immediately, and two events may have the same instant.
      const bound = 2 + (peakOf(rate) * (FLUSH_MS + AHEAD_MS)) / 1000
      const starts = delivered.flatMap(({ ms }) => [ms - 0.01, ms, ms - WINDOW_MS - 0.01, ms - WINDOW_MS])
      for (const start of starts.filter((ms) => ms >= 0 && ms + WINDOW_MS < RUN_MS)) {
        const target = eventsBy(rate, start + WINDOW_MS) - eventsBy(rate, start)
        expect(Math.abs(by(start + WINDOW_MS) - by(start) - target)).toBeLessThanOrEqual(bound)
      }
    }),
    { numRuns: 12 },
  )
})
