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
/** A release comes at most this much after its events are due. */
const FLUSH_MS = 125

const noSnapshots = {
  ...{ load: async () => undefined, save: async () => {}, cached: async () => [], forget: async () => {} },
}

async function openTimeline(world: World, position: number): Promise<LiveTimeline> {
  const hour = Math.floor(position / 3600)
  const cursors = await Promise.all(world.blocks.map((block) => stateAt(world, block, hour, noSnapshots)))
  return LiveTimeline.open(world, cursors, position)
}

/** What was delivered by when, and the most events of one second of the timeline among them. */
async function deliver(world: World, from: number, rate: Rate) {
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

  const again = await openTimeline(world, from)
  let largest = 0
  for (let second = from; second < timeline.position; second++) {
    const before = again.released
    rows.clear()
    again.advanceTo(second + 1, rows)
    largest = Math.max(largest, again.released - before)
  }
  return { delivered, largest }
}

const rates = fc.oneof(
  fc.constantFrom<Rate>(50, 200, 500, 3_000),
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
test('over any ten seconds, a rate is off by less than the largest second of the timeline and an eighth of a second', async () => {
  await fc.assert(
    fc.asyncProperty(rates, fc.nat(5), fc.integer({ min: 0, max: 23 }), async (rate, seed, hour) => {
      const config = {
        ...configSchema.parse({ ...shopConfig({ stores: 40, products: 60, lines: 60, seed }) }),
        workspace: '',
      }
      const world = buildWorld(config)
      const { delivered, largest } = await deliver(world, (world.from + 2) * DAY + hour * 3600, rate)
      const by = (ms: number) => delivered.reduce((sum, one) => sum + (one.ms <= ms ? one.events : 0), 0)
      const bound = largest + (peakOf(rate) * FLUSH_MS) / 1000 + 1
      const starts = delivered.flatMap(({ ms }) => [ms - 0.01, ms, ms - WINDOW_MS - 0.01, ms - WINDOW_MS])
      for (const start of starts.filter((ms) => ms >= 0 && ms + WINDOW_MS < RUN_MS)) {
        const target = eventsBy(rate, start + WINDOW_MS) - eventsBy(rate, start)
        expect(Math.abs(by(start + WINDOW_MS) - by(start) - target)).toBeLessThanOrEqual(bound)
      }
    }),
    { numRuns: 12 },
  )
})
