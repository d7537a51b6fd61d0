import * as fc from 'fast-check'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type LocalShop, localShop, makeHistory } from '../../test/history.ts'
import { type MemoryBroker, memoryBroker } from '../../test/memory-broker.ts'
import { memoryFolder } from '../../test/memory-folder.ts'
import { mortal } from '../../test/mortal-ports.ts'
import { movedClock } from '../../test/moved-clock.ts'
import type { Shop } from '../../test/worlds.ts'
import { eventsBy, meanOf, type Rate } from '../config/rate.ts'
import { RetailError } from '../errors.ts'
import type { LiveByBroker, Ports } from '../ports/index.ts'
import { keyedRng, type Rng } from '../random/rng.ts'
import { formatSecond, parseSecond, SECONDS_PER_DAY, type Second } from '../time.ts'
import { eventsPerSecond } from './live/asked.ts'
import { coverWorld } from './live/layout.ts'
import { recordOf } from './live/stalled.ts'
import { repair } from './repair.ts'
import { status as statusOf } from './status.ts'
import { type StreamOptions, stream } from './stream.ts'

const HOUR = 3600

/** Where a stream delivers to, and how to see what has arrived. */
interface Place {
  shop: LocalShop
  ports: Ports
  /** everything that was delivered, sorted; an event that came twice is there twice, or fails */
  arrived(): Promise<string[]>
  /** where a new stream would go on */
  position(): Promise<Second>
}

const places = {
  async lake(shop: LocalShop): Promise<Place> {
    const { ports, world } = shop
    return {
      ...{ shop, ports },
      position: async () => coverWorld(await ports.lake.layout(), world).live,
      async arrived() {
        await ports.warehouse.publish()
        await using reader = await ports.warehouse.reader()
        const rows = await reader.query<{ line: string }>(
          `SELECT t::VARCHAR AS line FROM raw.transactions AS t UNION ALL SELECT i::VARCHAR FROM raw.inventories AS i ORDER BY 1`,
        )
        return rows.map(({ line }) => line)
      },
    }
  },
  async broker(shop: LocalShop): Promise<Place> {
    const { ports, world } = shop
    const broker: MemoryBroker = memoryBroker()
    return {
      shop,
      ports: { ...ports, live: throughBroker(broker) },
      position: async () => (await broker.position())?.position ?? coverWorld(await ports.lake.layout(), world).history,
      arrived: async () => [...broker.events.values()].sort(),
    }
  },
}

/** Nobody loads, and no stream is forgotten. */
const throughBroker = (broker: MemoryBroker): LiveByBroker => ({
  by: 'broker',
  broker,
  arrival: { by: 'itself', what: 'a test', setting: 'none' },
  stopAfterMs: Number.POSITIVE_INFINITY,
})

interface Run {
  speed: number | 'max' | 'real-time' | { rate: Rate }
  /** how it ends */
  end: 'duration' | 'signal' | 'until' | 'max-events' | 'kill'
  /** how far that is, in hours of the timeline, events or steps */
  hours: number
  amount: number
}

const run: fc.Arbitrary<Run> = fc.record({
  speed: fc.constantFrom<Run['speed']>(
    ...[0.5, 1, 60, 3_600, 12_345.6, 'max' as const, 'real-time' as const],
    ...[{ rate: 0.001 }, { rate: 0.01 }, { rate: 20 }, { rate: { from: 0, to: 1, overMs: 60_000 } }],
  ),
  end: fc.constantFrom('duration', 'signal', 'until', 'max-events', 'kill'),
  hours: fc.oneof(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 10, max: 80 })),
  amount: fc.integer({ min: 1, max: 30 }),
})

/** Shops down to one store that sells twice a day, over a leap day, a year's end and both changes of the clock. */
const life = fc.record({
  shop: fc.record({
    seed: fc.nat(9),
    stores: fc.constantFrom(1, 1, 3),
    products: fc.constant(20),
    lines: fc.constantFrom(1, 2, 15),
    from: fc.constantFrom('2024-02-25', '2023-10-27', '2023-12-24'),
  }),
  runs: fc.array(run, { minLength: 3, maxLength: 12 }),
  chance: fc.nat(2 ** 31),
})
const DAYS_OF_HISTORY = 3
const MIDNIGHTS = 12

/** Streams once, and says where that ought to have ended. */
async function streamOnce(place: Place, { speed, end, hours, amount }: Run, chance: Rng): Promise<void> {
  const from = await place.position()
  const { shop } = place
  const even = typeof speed === 'object' ? speed.rate : undefined
  const factor = even === undefined ? 1 : meanOf(even) / eventsPerSecond(shop.world)
  const pace = typeof speed === 'number' ? speed : factor
  const clock = movedClock(() => {
    const jump = chance.unit()
    // Mostly a quarter of a second; the machine may sleep for hours of the timeline.
    return jump < 0.3 ? jump * 10 : (jump * 12 * HOUR * 1000) / pace
  })
  const stop = new AbortController()
  // An hour lies between the position and now, and somebody sets the clock of the machine forth and back.
  clock.set((from + HOUR) * 1000)
  let latest = clock.wall()
  let sleeps = 0
  const { sleep } = clock
  clock.sleep = async (ms, signal) => {
    await sleep(ms, signal)
    if (chance.unit() < 0.2) clock.set(clock.wall() + (chance.unit() - 0.5) * 6 * HOUR * 1000)
    latest = Math.max(latest, clock.wall())
    if (end === 'signal' && ++sleeps >= amount) stop.abort()
  }
  const began = clock.now()
  const options: StreamOptions = { clock, rollEvery: 40, realTime: speed === 'real-time' || undefined, rate: even }
  if (typeof speed === 'number' || speed === 'max') options.speed = speed
  if (end === 'duration' && speed !== 'max') options.durationMs = (hours * HOUR * 1000) / pace
  if (end === 'until' || speed === 'max') options.until = from + hours * HOUR
  if (end === 'max-events') options.maxEvents = amount
  if (end === 'signal') options.signal = stop.signal
  if (end === 'kill') {
    options.durationMs ??= (80 * HOUR * 1000) / pace
    const died = await stream(mortal(place.ports, amount), shop.config, options).catch((error) => error)
    if (died instanceof Error) expect(died.message).toBe('killed')
    expect(await place.position()).toBeGreaterThanOrEqual(from)
    return
  }
  const result = await stream(place.ports, shop.config, options)
  const to = parseSecond(result.to)!
  expect(await place.position()).toBe(to)
  const elapsedMs = clock.now() - began
  if (result.stoppedBy === 'duration' || result.stoppedBy === 'signal') {
    if (even !== undefined) expect(result.events).toBeGreaterThan(eventsBy(even, elapsedMs))
    else if (speed === 'max') expect(to).toBe(options.until)
    else if (speed === 'real-time') expect(to).toBe(Math.floor(latest / 1000) + 1)
    else expect(to).toBe(Math.floor(from + (elapsedMs / 1000) * pace) + 1)
  }
  if (result.stoppedBy === 'until') expect(to).toBe(Math.max(from, options.until!))
  if (result.stoppedBy === 'max-events') expect(result.events).toBeGreaterThanOrEqual(amount)
}

async function open(kind: keyof typeof places, shop: Shop): Promise<Place> {
  const local = localShop(shop, memoryFolder())
  await makeHistory(local, formatSecond((local.world.from + DAYS_OF_HISTORY - 1) * SECONDS_PER_DAY).slice(0, 10))
  return places[kind](local)
}

describe.each(['lake', 'broker'] as const)('a stream to a %s', (kind) => {
  test('always moves on, whatever stops it, and delivers the rows of one run at full speed', {
    timeout: 300_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(life, async ({ shop, runs, chance }) => {
        const place = await open(kind, shop)
        const end = (await place.position()) + MIDNIGHTS * SECONDS_PER_DAY
        const rhythm = keyedRng(chance, 0, 0)
        for (const run of runs) await streamOnce(place, run, rhythm)
        const hours = Math.max(0, end - (await place.position())) / HOUR
        await streamOnce(place, { speed: 600, end: 'duration', hours, amount: 0 }, rhythm)
        // A broker may hold events from beyond the position that a killed stream had saved.
        const until = (await place.position()) + 12 * SECONDS_PER_DAY
        const straight = await open(kind, shop)
        for (const { ports, shop } of [place, straight]) await stream(ports, shop.config, { speed: 'max', until })
        expect(await place.arrived()).toEqual(await straight.arrived())
      }),
      { numRuns: kind === 'lake' ? 5 : 12, endOnFailure: true },
    )
  })
})

describe.each(['lake', 'broker'] as const)('a quiet stream to a %s', (kind) => {
  const shop: Shop = { stores: 1, products: 20, lines: 1, from: '2024-02-25' }

  test('resumes in a quiet night, however often it is stopped', async () => {
    const place = await open(kind, shop)
    const from = await place.position()
    for (let i = 1; i <= 5; i++) {
      const { events } = await stream(place.ports, place.shop.config, { durationMs: 10_000, clock: movedClock() })
      expect([events, await place.position()]).toEqual([0, from + i * 11])
    }
  })

  test('writes down quiet time at least once a minute', async () => {
    const place = await open(kind, shop)
    const clock = movedClock()
    const written = [clock.now()]
    const noting = <T extends object>(inner: T, method: keyof T): T => ({
      ...inner,
      [method]: async (...args: unknown[]) => {
        written.push(clock.now())
        return (inner[method] as (...args: unknown[]) => unknown)(...args)
      },
    })
    const { lake, live } = place.ports
    const ports =
      live.by === 'broker'
        ? { ...place.ports, live: { ...live, broker: noting(live.broker, 'savePosition') } }
        : { ...place.ports, lake: noting(lake, 'putFolder') }
    // Three in the morning in Chicago.
    await stream(place.ports, place.shop.config, { speed: 'max', until: (await place.position()) + 9 * HOUR })
    const durationMs = 10 * 60_000
    expect(await stream(ports, place.shop.config, { durationMs, clock })).toMatchObject({ events: 0 })
    written.push(clock.now())
    for (let i = 1; i < written.length; i++) expect(written[i] - written[i - 1]).toBeLessThanOrEqual(60_000)
    // Not at every look, either: each time is a file to keep, or an object to pay for.
    expect(written.length).toBeLessThan(20)
  })

  test('ends at the second that has the last event asked for', async () => {
    const place = await open(kind, shop)
    const {
      ports,
      shop: { config, world },
    } = place
    const { events, to } = await stream(ports, config, { speed: 'max', maxEvents: 1 })
    const first = parseSecond(to)! - 1
    expect(events).toBeGreaterThan(0)
    expect(first).toBeGreaterThan((world.from + DAYS_OF_HISTORY) * SECONDS_PER_DAY)
    expect((await place.arrived()).join().split(formatSecond(first).slice(11, 19)).length - 1).toBe(events)
  })
})

describe.each(['lake', 'broker'] as const)('a stream to a %s at the end of the timeline', (kind) => {
  test('delivers the last second of 2098, stops, and has nothing more to do', async () => {
    const place = await open(kind, { stores: 1, products: 20, lines: 40, from: '2098-12-28' })
    const { ports, shop } = place
    expect(await stream(ports, shop.config, { speed: 'max' })).toMatchObject({
      from: '2098-12-31T00:00:00Z',
      to: '2099-01-01T00:00:00Z',
      stoppedBy: 'end',
    })
    const arrived = await place.arrived()
    expect(arrived.length).toBeGreaterThan(0)
    for (const pace of [{ speed: 'max' as const }, { speed: 60, clock: movedClock() }])
      expect(await stream(ports, shop.config, pace)).toMatchObject({ events: 0, stoppedBy: 'end' })
    expect(await place.arrived()).toEqual(arrived)
  })
})

test('a stream outlives snapshots that cannot be saved: they only save time', async () => {
  const { ports, shop } = await open('lake', { stores: 1, products: 20, lines: 40 })
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  onTestFinished(() => void process.off('unhandledRejection', unhandled))
  const save = vi.fn(async (key: string, bytes: Uint8Array) => {
    if (key === 'superseded') return await ports.workspace.save(key, bytes)
    throw Object.assign(new Error('EIO: i/o error, write'), { code: 'EIO', errno: -5, syscall: 'write' })
  })
  const until = (await places.lake(shop).then((place) => place.position())) + SECONDS_PER_DAY
  const broken = { ...ports, workspace: { ...ports.workspace, save } }
  expect(await stream(broken, shop.config, { speed: 'max', until, snapshotEvery: 1 })).toMatchObject({
    to: formatSecond(until),
  })
  await new Promise(setImmediate)
  expect(save).toHaveBeenCalled()
  expect(unhandled).not.toHaveBeenCalled()
})

test('status forgets why a stream failed once a repair has found or made everything right', async () => {
  const {
    ports,
    shop: { config },
  } = await open('lake', { stores: 1, products: 20, lines: 1, from: '2024-02-25' })
  const full = { ...ports.lake, putFolder: () => Promise.reject(new RetailError('damaged', 'live is not a folder')) }
  await expect(stream({ ...ports, lake: full }, config, { maxEvents: 1 })).rejects.toThrow('live is not a folder')
  const stateOf = async () => (await statusOf(ports, config)).steps.find(({ step }) => step === 'stream')
  expect(await stateOf()).toMatchObject({ state: 'failed', detail: 'live is not a folder' })
  await repair(ports, config, {})
  expect(await stateOf()).toMatchObject({ state: 'none', detail: '' })
})

describe('a stream that stands still', () => {
  const shop: Shop = { stores: 1, products: 20, lines: 1, from: '2024-02-25' }

  test('fails, when what it writes does not move its position', async () => {
    const {
      ports,
      shop: { config },
    } = await open('broker', shop)
    const live = ports.live as LiveByBroker
    const deaf = { ...live.broker, publish: () => new Promise<void>(() => {}) }
    const options = { clock: movedClock(), speed: 'max' as const, maxEvents: 1, writeMs: 50 }
    await expect(stream({ ...ports, live: { ...live, broker: deaf } }, config, options)).rejects.toMatchObject({
      code: 'failed',
      message: expect.stringMatching(/^the stream makes no progress at 2024-02-2\dT/),
    })
    const status = (await statusOf(ports, config)).steps.find(({ step }) => step === 'stream')
    expect(status).toMatchObject({ state: 'failed', detail: expect.stringContaining('no progress') })
  })

  test('is reported by status while it runs, and only then', async () => {
    const {
      ports,
      shop: { config },
    } = await open('lake', shop)
    const tick = recordOf({ position: '2024-02-28T00:00:00Z', events: 0, asked: 1, reached: 0, lagMs: 0 })
    const silent = { ...tick, uptimeMs: tick.uptimeMs - 45_000 }
    const stateOf = async () => (await statusOf(ports, config)).steps.find(({ step }) => step === 'stream')
    {
      await using _lock = await ports.workspace.lock('lake', 'stream')
      for (const [told, state] of [
        [tick, 'running'],
        [silent, 'failed'],
        [{ ...silent, pid: tick.pid + 1 }, 'running'],
        // The clock of the machine was set: nothing happened.
        [{ ...tick, at: '2001-01-01T00:00:00.000Z' }, 'running'],
      ] as const) {
        await ports.workspace.recordTick(told)
        expect(await stateOf()).toMatchObject({ state })
      }
      await ports.workspace.recordTick(silent)
      expect(await statusOf(ports, config)).toMatchObject({ ready: false })
      expect((await stateOf())?.detail).toMatch(/no progress at 2024-02-28T00:00:00Z for 4\d s/)
    }
    expect(await stateOf()).toMatchObject({ state: 'none' })
  })
})
