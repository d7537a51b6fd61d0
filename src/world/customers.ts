import { keyedRng, Stream } from '../random/rng.ts'
import { weekdayOf } from '../time.ts'
import * as c from './calibration.ts'
import * as model from './customer-model.ts'
import { CUSTOMER_PERIOD_HOURS as PERIOD, SEGMENT_RATE, SEGMENT_SHARE } from './customer-model.ts'
import { HOUR_CURVES } from './hours.ts'
import { recent } from './recent.ts'
import type { World } from './world.ts'
import { offsetHours } from './zones.ts'

/** The customers of one home store, in the order in which they joined. */
export interface StoreCustomers {
  /** Number of the first of them − 1. */
  first: number
  /** The hour (UTC) of their first purchase with the card. */
  hour: Int32Array
  /** Seconds before that hour at which they took it. */
  ahead: Int32Array
  /** Hours from then until they stop coming. */
  stays: Int32Array
  /** Visits per hour until then. */
  rate: Float64Array
  segment: Uint8Array
}

export interface Customers {
  of(store: number): StoreCustomers
  /** The next store of the same city, where customers shop, too; the store itself if it is the only one. */
  neighbor: Int32Array
}

/** Stores whose customers are kept: those of a block go through time together. */
const KEPT_STORES = 4096

export function buildCustomers({ seed, from, stores, counts }: World): Customers {
  const first = firstNumbers(counts.customer, stores.demand)
  const begin = from * 24 - model.CARD_HOURS_BEFORE
  return {
    neighbor: neighborsOf(stores.city),
    of: recent(KEPT_STORES, (store) => {
      const n = first[store + 1] - first[store]
      const hour = joinHours(seed, store, stores.zone[store], begin, n)
      const all: StoreCustomers = {
        first: first[store],
        hour,
        ahead: new Int32Array(n),
        stays: new Int32Array(n),
        rate: new Float64Array(n),
        segment: new Uint8Array(n),
      }
      for (let i = 0; i < n; i++) {
        const rng = keyedRng(seed, Stream.customer, store, i + 1)
        const normal = rng.normal()
        const left = rng.unit()
        all.segment[i] = among(SEGMENT_SHARE, rng.unit())
        all.ahead[i] = rng.below(model.CARD_AHEAD_SECONDS)
        // The square of a normal is gamma with shape 1/2; the quantile is that of an exponential whose rate is exponential.
        all.rate[i] = model.CUSTOMER_VISITS_PER_HOUR * normal * normal * SEGMENT_RATE[all.segment[i]]
        all.stays[i] = Math.min(PERIOD, Math.floor((model.CUSTOMER_HALF_LIFE_HOURS * left) / (1 - left)))
      }
      return all
    }),
  }
}

/** A store has customers in proportion to its demand. */
function firstNumbers(customers: number, demand: Float64Array): Int32Array {
  let total = 0
  for (const each of demand) total += each
  const first = new Int32Array(demand.length + 1)
  let before = 0
  for (let s = 0; s < demand.length; s++) {
    before += demand[s]
    first[s + 1] = s + 1 === demand.length ? customers : Math.floor((customers * before) / total)
  }
  return first
}

/** As many every week, on open hours of the store. */
function joinHours(seed: number, store: number, zone: number, begin: number, n: number): Int32Array {
  const rng = keyedRng(seed, Stream.customer, store)
  return Int32Array.from({ length: n }, (_, i) => {
    const localDay = Math.floor((begin + ((i + rng.unit()) * PERIOD) / n) / 24)
    const weekday = weekdayOf(localDay)
    const local = localDay * 24 + among(OPEN_SHARE[weekday < 5 ? 0 : weekday - 4], rng.unit())
    return local - offsetHours(zone, local)
  }).sort()
}

const OPEN_SHARE = HOUR_CURVES.map((curves) => curves.map(({ share }) => share))

/** The first whose share, and those before it, exceed `at`. */
function among(shares: readonly number[], at: number): number {
  let i = 0
  for (let left = at - shares[0]; left >= 0 && i < shares.length - 1; left -= shares[i]) i++
  return i
}

function neighborsOf(city: Int32Array): Int32Array {
  const neighbor = new Int32Array(city.length)
  const firstIn = new Map<number, number>()
  const lastIn = new Map<number, number>()
  city.forEach((at, s) => {
    if (!firstIn.has(at)) firstIn.set(at, s)
    neighbor[lastIn.get(at) ?? s] = s
    lastIn.set(at, s)
  })
  for (const [at, last] of lastIn) neighbor[last] = firstIn.get(at)!
  return neighbor
}

/** Whether a customer comes in that hour: from the first purchase until leaving, and again after the whole period. */
export const comesIn = ({ hour, stays }: StoreCustomers, i: number, at: number): boolean =>
  at >= hour[i] && (at - hour[i]) % PERIOD < stays[i]

/** The same for any hour of [from, to). */
export function comesBetween(all: StoreCustomers, i: number, from: number, to: number): boolean {
  const { hour } = all
  if (hour[i] >= from) return hour[i] < to && all.stays[i] > 0
  return comesIn(all, i, from) || (all.stays[i] > 0 && ((from - hour[i]) % PERIOD) + to - from > PERIOD)
}

/** Mean visits of a store per hour, day and night. */
export const visitsPerHour = ({ linesPerStoreDay, stores }: World, store: number): number =>
  (linesPerStoreDay * stores.demand[store]) / c.MEAN_LINES_PER_VISIT / 24
