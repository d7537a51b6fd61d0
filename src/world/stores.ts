import { exp, pow } from '../random/math.ts'
import { keyedRng, Stream } from '../random/rng.ts'
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
}

export function buildStores(seed: number, count: number): Stores {
  const stores: Stores = {
    count,
    city: new Int32Array(count),
    squareFeet: new Int32Array(count),
    zone: new Uint8Array(count),
    region: new Uint8Array(count),
    cluster: new Uint8Array(count),
    demand: new Float64Array(count),
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
    stores.squareFeet[s] = Math.max(1_500, Math.round((c.STORE_SIZE_MEDIAN * size) / 100) * 100)
    stores.zone[s] = ZONES.indexOf(CITIES[city].zone)
    stores.region[s] = regionOf(CITIES[city].state)
    stores.demand[s] = pow(size, c.STORE_SIZE_POWER) * exp(c.STORE_LUCK_SPREAD * rng.normal())
    stores.cluster[s] = climateOf(CITIES[city].state) * SIZE_TIERS + tierOf(stores.demand[s])
    total += stores.demand[s]
  }
  for (let s = 0; s < count; s++) stores.demand[s] *= count / total
  return stores
}

/** Bounds are fixed, not quantiles of the world's stores: a store's cluster depends on its own number alone. */
const tierOf = (demand: number): number => (demand < 0.8 ? 0 : demand < 1.25 ? 1 : 2)

/** Approximate mean demand in each tier, relative to the chain. */
export const TIER_DEMAND = [0.58, 0.95, 1.65] as const
