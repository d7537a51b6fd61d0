import fc from 'fast-check'
import { expect, test } from 'vitest'
import { localShop, makeHistory } from '../../test/history.ts'
import type { MemoryBroker } from '../../test/memory-broker.ts'
import { memoryFolder } from '../../test/memory-folder.ts'
import { memoryTarget } from '../../test/memory-target/memory-target.ts'
import { mortal } from '../../test/mortal-ports.ts'
import type { Config } from '../config/schema.ts'
import { type Ports, readStreamed, type Shard, shardName } from '../ports/index.ts'
import { sumOfFacts } from '../tables/index.ts'
import { formatSecond, SECONDS_PER_DAY, SECONDS_PER_HOUR, type Second } from '../time.ts'
import { load } from './load.ts'
import { seedDims } from './seed-dims.ts'
import { status } from './status.ts'
import { type StreamOptions, stream } from './stream.ts'
import { verify } from './verify.ts'

/** Five blocks, a few events an hour. */
const SHOP = { stores: 5, products: 30, lines: 12 }
const DAYS_OF_HISTORY = 2

interface Place {
  ports: Ports
  config: Config
  broker: MemoryBroker
  /** The end of history. */
  begin: Second
}

/** A target whose events travel through a broker, with history. */
async function openPlace(): Promise<Place> {
  const { config, world } = localShop(SHOP, memoryFolder())
  const ports = await memoryTarget.open(config)
  await makeHistory(
    { config, world, ports },
    formatSecond((world.from + DAYS_OF_HISTORY - 1) * SECONDS_PER_DAY).slice(0, 10),
  )
  await seedDims(ports, config, {})
  if (ports.live.by === 'lake') throw new Error('it has a broker')
  const broker = ports.live.broker as MemoryBroker
  return { ports, config, broker, begin: (world.from + DAYS_OF_HISTORY) * SECONDS_PER_DAY }
}

/** What one stream of all stores sends in six days, by its end. */
async function straightTo(): Promise<(until: Second) => string[]> {
  const { ports, config, broker, begin } = await openPlace()
  await stream(ports, config, { speed: 'max', until: begin + 6 * SECONDS_PER_DAY })
  const events = [...broker.events.values()].map((text) => ({ text, at: JSON.parse(text).timestamp as string }))
  return (until) =>
    events
      .filter(({ at }) => at < formatSecond(until))
      .map(({ text }) => text)
      .sort()
}

const run = (place: Place, options: StreamOptions) => stream(place.ports, place.config, { speed: 'max', ...options })

/** One shard, for some hours, or until it is killed. */
const op = fc.record({
  index: fc.nat(3),
  hours: fc.integer({ min: 0, max: 40 }),
  steps: fc.option(fc.integer({ min: 1, max: 12 }), { nil: undefined }),
})

const life = fc.record({
  /** Days of a stream of all stores before shards take over. */
  days: fc.nat(1),
  count: fc.integer({ min: 2, max: 4 }),
  ops: fc.array(op, { maxLength: 8 }),
  order: fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
  /** The number of shards after all of them were joined; undefined: as many as before. */
  later: fc.option(fc.integer({ min: 2, max: 5 }), { nil: undefined }),
})

/** What status, load, and verify say. */
async function judged({ ports, config }: Place) {
  await load(ports, config, { idleMs: 20 })
  const { ok, raw, differences } = await verify(ports, config, { workers: 0 })
  const { shards, steps } = await status(ports, config)
  return { ok, differences, live: raw.live, shards, step: steps.find(({ step }) => step === 'stream')! }
}

test('shards at any positions are what one stream would be to the slowest of them, and all together what it is at the end', {
  timeout: 300_000,
}, async () => {
  const straight = await straightTo()
  await fc.assert(
    fc.asyncProperty(life, async ({ days, count, ops, order, later = count }) => {
      const place = await openPlace()
      const { begin, broker, ports, config } = place
      const from = begin + days * SECONDS_PER_DAY
      if (days > 0) await run(place, { until: from })
      const reached = new Map<number, Second>()
      let failed = false
      for (const { index, hours, steps } of ops) {
        const shard: Shard = { index: index % count, count }
        const until = (reached.get(shard.index) ?? from) + hours * SECONDS_PER_HOUR
        const alive = steps === undefined ? ports : mortal(ports, steps)
        const ended = await stream(alive, config, { shard, speed: 'max', until }).catch((error) => error)
        failed = ended instanceof Error
        if (failed) expect(ended.message).toBe('killed')
        else expect(ended).toMatchObject({ to: formatSecond(until), shard: shardName(shard) })
        const known = (await readStreamed(broker))?.shards[shard.index]
        if (known?.started) {
          expect(known.position).toBeGreaterThanOrEqual(reached.get(shard.index) ?? from)
          reached.set(shard.index, known.position)
        }
      }
      const split = (await readStreamed(broker))?.whole.split
      const all = Array.from({ length: count }, (_, index) => reached.get(index) ?? from)
      const slowest = Math.min(...all)
      const midway = await judged(place)
      expect(midway).toMatchObject({ ok: true, differences: [], live: formatSecond(Math.floor(slowest)) })
      if (split?.count) {
        expect(midway.shards).toEqual(
          all.map((position, index) => {
            const shard = shardName({ index, count })
            return { shard, position: formatSecond(position), started: reached.has(index) }
          }),
        )
        expect(midway.step.state).toBe(failed ? 'failed' : reached.size < count ? 'partial' : 'done')
        if (new Set(all).size > 1) expect(midway.step.detail).toContain(formatSecond(slowest))
        if (new Set(all).size > 1) await expect(run(place, {})).rejects.toMatchObject({ code: 'bad_flag' })
      }

      const until = begin + 4 * SECONDS_PER_DAY
      for (const index of order.filter((index) => index < count)) await run(place, { until, shard: { index, count } })
      expect([...broker.events.values()].sort()).toEqual(straight(until))

      // One stream takes over, and other shards from it at the next midnight.
      await run(place, { until: until + 5 * SECONDS_PER_HOUR })
      const refused = run(place, { shard: { index: 0, count: later } })
      await expect(refused).rejects.toMatchObject({ message: expect.stringContaining('shards begin at midnight') })
      const middle = until + SECONDS_PER_DAY
      await run(place, { until: middle })
      // If an event were not counted, nobody would miss it.
      const counted = (await readStreamed(broker))!.whole.checkpoints.at(-1)
      expect([counted!.at, sumOfFacts(counted!.rows)]).toEqual([middle, straight(middle).length])
      const end = until + 2 * SECONDS_PER_DAY
      for (let index = 0; index < later; index++) {
        const { from: at } = await run(place, { until: end, shard: { index, count: later } })
        expect(at).toBe(formatSecond(middle))
      }
      expect([...broker.events.values()].sort()).toEqual(straight(end))
      expect(await judged(place)).toMatchObject({
        ok: true,
        differences: [],
        live: formatSecond(end),
        step: { state: 'done' },
      })
    }),
    { numRuns: 5, endOnFailure: true },
  )
})
