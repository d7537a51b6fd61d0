import { exp, pow } from '../random/math.ts'
import { keyedRng, type Rng, Stream } from '../random/rng.ts'
import * as c from './calibration.ts'
import { CITIES, CLIMATES, climateOf, regionOf } from './cities.ts'
import { ZONES } from './zones.ts'

export const SIZE_TIERS = 3
export const CLUSTERS = CLIMATES * SIZE_TIERS

/** Columns of the stores, indexed by store number − 1. */
export interface Stores {
  count: number
  city: Int32Array
  squareFeet: Int32Array
  zone: Uint8Array
  region: Uint8Array
  /** Climate × size tier: stores of a cluster carry the same products. */
  cluster: Uint8Array
  /** Demand relative to the mean store; the mean over all stores is 1. */
  demand: Float64Array
  /** Demand on Saturdays and Sundays, and on the other days, relative to the chain's; weighted by WEEKDAY, the mean is 1. */
  weekend: Float64Array
  weekday: Float64Array
  /** Shrink, relative to the chain's. */
  shrink: Float64Array
  /** Returns, relative to the chain's, in 256ths. */
  returnsOf256: Int32Array
  /** Safety stock that it orders, relative to the chain's: some managers run their shelves short. */
  safety: Float64Array
  /** Deliveries that are weeks late, out of 1,024: some stores are served badly. */
  lateOf1024: Int32Array
}

/** Part of a week's demand on Saturday and Sunday. */
const WEEKEND_SHARE = (c.WEEKDAY[5] + c.WEEKDAY[6]) / c.WEEKDAY.reduce<number>((sum, factor) => sum + factor, 0)

/** Lognormal with mean 1. */
const own = (rng: Rng, spread: number): number => exp(spread * rng.normal() - (spread * spread) / 2)

export function buildStores(seed: number, count: number, linesPerStoreDay: number): Stores {
  const stores: Stores = {
    count,
    city: new Int32Array(count),
    squareFeet: new Int32Array(count),
    zone: new Uint8Array(count),
    region: new Uint8Array(count),
    cluster: new Uint8Array(count),
    demand: new Float64Array(count),
    weekend: new Float64Array(count),
    weekday: new Float64Array(count),
    shrink: new Float64Array(count),
    returnsOf256: new Int32Array(count),
    safety: new Float64Array(count),
    lateOf1024: new Int32Array(count),
  }
  const cumulative: number[] = []
  let weight = 0
  for (const { populationThousands } of CITIES) cumulative.push((weight += pow(populationThousands, c.CITY_POWER)))

  let total = 0
  for (let s = 0; s < count; s++) {
    const rng = keyedRng(seed, Stream.store, s)
    const at = rng.unit() * weight
    const city = cumulative.findIndex((bound) => at < bound)
    const size = exp(c.STORE_SIZE_SPREAD * rng.normal())
    stores.city[s] = city
    stores.squareFeet[s] = feetOf(c.STORE_FEET_PER_LINE * linesPerStoreDay * size)
    stores.zone[s] = ZONES.indexOf(CITIES[city].zone)
    stores.region[s] = regionOf(CITIES[city].state)
    stores.demand[s] = pow(size, c.STORE_SIZE_POWER) * exp(c.STORE_LUCK_SPREAD * rng.normal())
    stores.cluster[s] = climateOf(CITIES[city].state) * SIZE_TIERS + tierOf(stores.demand[s])
    // Bounded, so that the other days keep something.
    stores.weekend[s] = Math.min(1.5, own(rng, c.STORE_WEEKEND_SPREAD))
    stores.weekday[s] = (1 - WEEKEND_SHARE * stores.weekend[s]) / (1 - WEEKEND_SHARE)
    stores.shrink[s] = own(rng, c.STORE_SHRINK_SPREAD)
    stores.returnsOf256[s] = Math.round(256 * own(rng, c.STORE_RETURNS_SPREAD))
    stores.safety[s] = own(rng, c.STORE_SAFETY_SPREAD)
    stores.lateOf1024[s] = Math.min(512, Math.round(c.LATE_OF_1024 * own(rng, c.STORE_LATE_SPREAD)))
    total += stores.demand[s]
  }
  for (let s = 0; s < count; s++) stores.demand[s] *= count / total
  return stores
}

const feetOf = (feet: number): number =>
  Math.max(c.STORE_SIZE_MIN, Math.min(c.STORE_SIZE_MAX, Math.round(feet / 100) * 100))

/** Bounds are fixed, not quantiles of the world's stores: a store's cluster depends on its own number alone. */
const tierOf = (demand: number): number => (demand < 0.8 ? 0 : demand < 1.25 ? 1 : 2)

/** Approximate mean demand in each tier, relative to the chain. */
export const TIER_DEMAND = [0.58, 0.95, 1.65] as const
