import { createHash } from 'node:crypto'
import { exp } from '../random/math.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import type { DimensionName, WorldSchema } from '../tables/index.ts'
import { type Day, parseDay, weekOf } from '../time.ts'
import { type Block, blocksOf } from './blocks.ts'
import { STORE_DAY_SPREAD, WEATHER_SPREAD } from './calibration.ts'
import { chainWeek } from './chain-week.ts'
import {
  buildCluster,
  buildPlan,
  buildWeek,
  type Cluster,
  carriedMost,
  type StockPlan,
  type WeekTable,
} from './clusters.ts'
import { countsOf, idWidthsOf } from './counts.ts'
import { buildCustomers, type Customers } from './customers.ts'
import { incidentsOn } from './incidents.ts'
import { buildProducts, firstWeekOf, type Products } from './products.ts'
import { recent } from './recent.ts'
import { type RegularPrice, regularPrices } from './regular-prices.ts'
import { sharedMemory, sharedWeeks } from './shared-weeks.ts'
import { buildStores, CLUSTERS, type Stores } from './stores.ts'

/** Part of the world's id: raise it for a change of any row of any world. */
export const GENERATOR_VERSION = '4'

/** The input of a world; any object with these fields will do. */
export interface WorldConfig {
  seed: number
  world: { stores: number; products: number; lines_per_store_day: number; schema: WorldSchema }
  history: { from: string }
}

/**
 * Everything that exists before any sale. A pure function of its config; nothing in it depends on the length of
 * history.
 */
export interface World {
  id: string
  seed: number
  schema: WorldSchema
  linesPerStoreDay: number
  /** Opening stock is counted at this midnight, UTC. */
  from: Day
  stores: Stores
  products: Products
  /** Every regular price, in the order of products and days. */
  regularPrices: readonly RegularPrice[]
  /** Nobody in a strict world. */
  customers: Customers
  blocks: readonly Block[]
  ids: IdWidths
  /** Number of members of each dimension. */
  counts: Record<DimensionName, number>
  cluster(index: number): Cluster
  week(cluster: number, week: number): WeekTable
  plan(cluster: number, week: number): StockPlan
  /** Demand of a store on a local day relative to its mean: regional weather, incidents, and a random factor. */
  shock(store: number, localDay: Day): number
}

/** Digits in ids. Fixed by the world, so that ids sort and decode by offset. */
export interface IdWidths extends Record<DimensionName, number> {
  /** Of the number of a line or movement within store and day. */
  number: number
  /** Maximum number of rows per store and day with this many digits. */
  most: number
}

/** `weeks`: memory in which threads share tables (`memoryOfWeeks`). */
export function buildWorld(config: WorldConfig, weeks?: SharedArrayBuffer): World {
  const { seed } = config
  const { stores: storeCount, products: productCount, lines_per_store_day: linesPerStoreDay, schema } = config.world
  const counts = countsOf(config.world)
  let prices: RegularPrice[] | undefined
  let products: Products | undefined
  let stores: Stores | undefined
  let customers: Customers | undefined
  const clusters = new Map<number, Cluster>()
  const shared = weeks && sharedWeeks(weeks, carriedMost(productCount, linesPerStoreDay))
  const chain = recent(RECENT_WEEKS, (week) => chainWeek(seed, world.products, week))
  const tableNumber = (cluster: number, week: number) => (week - firstWeek(world)) * CLUSTERS + cluster
  const world: World = {
    id: worldId(config),
    seed,
    schema,
    linesPerStoreDay,
    from: parseDay(config.history.from)!,
    // Built when something reads them: most of the time of `buildWorld`, for nothing in commands like `status`.
    get stores() {
      return (stores ??= buildStores(seed, storeCount, linesPerStoreDay))
    },
    get products() {
      return (products ??= buildProducts(seed, productCount, world.from))
    },
    get regularPrices() {
      return (prices ??= regularPrices(seed, world.products, world.from))
    },
    get customers() {
      return (customers ??= buildCustomers(world))
    },
    blocks: blocksOf(storeCount, linesPerStoreDay),
    ids: idWidthsOf(config.world),
    counts: {
      ...counts,
      get price_history() {
        return schema === 'strict' ? 0 : world.regularPrices.length
      },
    },
    cluster(index) {
      let cluster = clusters.get(index)
      if (!cluster) clusters.set(index, (cluster = buildCluster(seed, index, world.products, linesPerStoreDay)))
      return cluster
    },
    week: byWeek((index, week) => {
      const cluster = world.cluster(index)
      const build = () => buildWeek(cluster, world.products, week, chain(week))
      return shared ? shared.week(tableNumber(index, week), cluster, build) : build()
    }),
    plan: byWeek((index, week) => {
      const cluster = world.cluster(index)
      const build = () => buildPlan(cluster, world.products, week, world.week(index, week), world.week(index, week + 1))
      return shared ? shared.plan(tableNumber(index, week), cluster, build) : build()
    }),
    shock: (store, localDay) => {
      const own = keyedRng(seed, Stream.storeDay, store, localDay).normal()
      return (
        exp(STORE_DAY_SPREAD * own - (STORE_DAY_SPREAD * STORE_DAY_SPREAD) / 2) *
        weather(seed, world.stores.region[store], localDay) *
        incidentsOn(seed, store, world.stores.region[store], localDay)
      )
    },
  }
  return world
}

const firstWeek = ({ from }: Pick<World, 'from'>): number => firstWeekOf(from)

/** Memory for the tables of all weeks before `end`, for the threads that simulate this world. */
export function memoryOfWeeks(world: Pick<World, 'from' | 'counts' | 'linesPerStoreDay'>, end: Day): SharedArrayBuffer {
  // A plan reads the week after its own.
  const weeks = weekOf(end) + 2 - firstWeek(world)
  return sharedMemory(weeks * CLUSTERS, carriedMost(world.counts.product, world.linesPerStoreDay))
}

/** Hash of everything that a row depends on. The end of the period is not part of it, so history can grow. */
export function worldId({ seed, world, history }: WorldConfig): string {
  const what = [
    GENERATOR_VERSION,
    seed,
    world.stores,
    world.products,
    world.lines_per_store_day,
    world.schema,
    history.from,
  ]
  return createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, 16)
}

const WEATHER_DAYS = 7
const shocks = new Map<string, number>()

/** A seven-day moving average of hashed daily shocks: correlated weather without state. */
function weather(seed: number, region: number, day: Day): number {
  const key = `${seed}/${region}/${day}`
  let factor = shocks.get(key)
  if (factor === undefined) {
    let sum = 0
    for (let i = 0; i < WEATHER_DAYS; i++) sum += keyedRng(seed, Stream.weather, region, day - i).normal()
    const mean = sum / WEATHER_DAYS
    factor = exp(WEATHER_SPREAD * mean - (WEATHER_SPREAD * WEATHER_SPREAD) / 2 / WEATHER_DAYS)
    if (shocks.size > 4096) shocks.clear()
    shocks.set(key, factor)
  }
  return factor
}

/**
 * Caches what was built for a cluster and a week. Stores advance through the weeks together, more or less, so older
 * entries are dropped: memory does not grow with the period.
 */
function byWeek<T>(build: (cluster: number, week: number) => T): (cluster: number, week: number) => T {
  const known = new Map<number, T>()
  return (cluster, week) => {
    const key = week * CLUSTERS + cluster
    let table = known.get(key)
    if (table === undefined) {
      if (known.size >= CLUSTERS * 8) for (const old of known.keys()) if (old < key - 2 * CLUSTERS) known.delete(old)
      known.set(key, (table = build(cluster, week)))
    }
    return table
  }
}

/** Weeks that the stores of a block may be in at one time, and the one after. */
const RECENT_WEEKS = 4
