import { expect, test } from 'vitest'
import { localShop } from '../../test/history.ts'
import { memoryBroker } from '../../test/memory-broker.ts'
import { rowsOfDays, shopWorld } from '../../test/worlds.ts'
import { eventsOf } from '../encode/events.ts'
import { RetailError } from '../errors.ts'
import type { Appender, LiveByBroker, Ports } from '../ports/index.ts'
import type { StreamClock } from './live/clock.ts'
import { load } from './load.ts'

const SHOP = { stores: 2, products: 20, lines: 8 }
const world = shopWorld(SHOP)
const events = [...eventsOf(world, 'transactions', rowsOfDays(world, 1))].slice(0, 40)

const outage = () => new RetailError('failed', 'the warehouse did not answer', { why: 'busy', passes: true })
const refusal = () => new RetailError('cloud_denied', 'not allowed')

/** A warehouse whose calls fail in this order; then it takes everything. */
function shopWith(failures: ('outage' | 'refusal')[]) {
  const { config, ports } = localShop(SHOP)
  const broker = memoryBroker()
  const stored: string[] = []
  const pauses: number[] = []
  const fail = () => {
    const next = failures.shift()
    if (next) throw next === 'outage' ? outage() : refusal()
  }
  const appender: Appender = {
    async append(_table, rows) {
      fail()
      stored.push(...rows.map(({ transaction_id }) => String(transaction_id)))
      return new Map()
    },
    async [Symbol.asyncDispose]() {},
  }
  const live: LiveByBroker = {
    ...{ by: 'broker', broker, stopAfterMs: Number.POSITIVE_INFINITY },
    arrival: {
      ...{ by: 'load', from: [], into: 'raw' },
      async openAppender() {
        fail()
        return appender
      },
    },
  }
  const clock: StreamClock = {
    now: () => 0,
    wall: () => 0,
    async sleep(ms) {
      pauses.push(ms)
    },
  }
  return { config, ports: { ...ports, live } as Ports, broker, stored, pauses, clock }
}

test('a follower outlasts outages, says so, and loads every event once', async () => {
  const outages = 4
  const shop = shopWith(Array.from({ length: outages }, () => 'outage' as const))
  await shop.broker.publish('transactions', world.id, events)
  const told: string[] = []
  const { rows, stoppedBy } = await load(shop.ports, shop.config, {
    ...{ follow: true, maxEvents: events.length, clock: shop.clock },
    onPause: ({ why }) => void told.push(why),
  })
  expect([rows.transactions, stoppedBy]).toEqual([events.length, 'max-events'])
  expect(shop.stored.sort()).toEqual(events.map(({ id }) => id).sort())
  expect(told).toEqual(shop.pauses.map(() => 'the warehouse did not answer: busy'))
  expect(shop.pauses).toEqual(Array.from({ length: outages }, (_, i) => 5_000 * 2 ** i))
})

test.each<[string, ('outage' | 'refusal')[], boolean, string]>([
  ['one that does not follow ends by an outage', ['outage'], false, 'failed'],
  ['a follower ends by what does not pass', ['outage', 'refusal'], true, 'cloud_denied'],
])('%s', async (_name, failures, follow, code) => {
  const shop = shopWith(failures)
  await shop.broker.publish('transactions', world.id, events)
  await expect(load(shop.ports, shop.config, { follow, clock: shop.clock })).rejects.toMatchObject({ code })
  expect(shop.stored).toEqual([])
})

test('a follower that is asked to stop during an outage stops', async () => {
  const shop = shopWith(['outage'])
  const stop = new AbortController()
  const clock = { ...shop.clock, sleep: async () => stop.abort() }
  const { stoppedBy } = await load(shop.ports, shop.config, { follow: true, signal: stop.signal, clock })
  expect(stoppedBy).toBe('signal')
})
