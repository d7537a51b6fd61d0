import { type AliasTable, aliasTable } from '../random/alias.ts'
import { exp, ln, pow, sqrt } from '../random/math.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import { civilOf, type Day } from '../time.ts'
import { isHolidaySeason } from './calendar.ts'
import * as c from './calibration.ts'
import { lifeOf, type Products } from './products.ts'
import { priceWord, productWord, SHELF_WORDS } from './shelf.ts'
import { CLUSTERS, SIZE_TIERS, TIER_DEMAND } from './stores.ts'

/** The products that stores of one cluster carry. Product codes inside a cluster are indexes in `products`. */
export interface Cluster {
  carried: number
  /**
   * Product index of each carried product, sorted by category and price, so that neighbors can substitute for each
   * other.
   */
  products: Int32Array
  /** Taste × popularity of each, without season and price. */
  appeal: Float64Array
  /** Sum of appeal over the products sold at a random time: the reference for demand. */
  norm: number
  /** Eight complements of each carried product, as indexes: [i × 8 + k]. */
  complements: Uint16Array
}

/** All slow computations of one week in one cluster, folded into one alias table. */
export interface WeekTable {
  alias: AliasTable
  /** Demand relative to the cluster's norm: season, launches, promotions. */
  lift: number
  /** Share of the lines of each carried product. */
  share: Float64Array
  /** Code in products.prices of each carried product. */
  price: Int32Array
  /** Products that are about to end are no longer ordered. */
  lastOrders: Uint8Array
  /** Eight complements of each carried product (Cluster). */
  complements: Uint16Array
  /** The data of each carried product that a sale reads (shelf.ts). */
  shelf: Uint32Array
}

/**
 * The input of the weekly stock review of a cluster's stores, per carried product, for one line per day of the store's
 * demand.
 */
export interface StockPlan {
  /** Units per day, of this week or the next, whichever is larger; 0: nothing is ordered. */
  daily: Float64Array
  /** Days of demand that an order must cover: lead time and review period. */
  exposedDays: Float64Array
  /** Deviation of the demand in those days. */
  deviation: Float64Array
}

export function buildPlan(cluster: Cluster, products: Products, now: WeekTable, next: WeekTable): StockPlan {
  const n = cluster.carried
  const plan = { daily: new Float64Array(n), exposedDays: new Float64Array(n), deviation: new Float64Array(n) }
  for (let i = 0; i < n; i++) {
    if (now.lastOrders[i] === 1) continue
    const lead = products.supplierLeadDays[products.supplier[cluster.products[i]]]
    plan.daily[i] = Math.max(now.share[i] * now.lift, next.share[i] * next.lift) * c.MEAN_QUANTITY
    plan.exposedDays[i] = lead + c.LEAD_MEAN_DAYS + 1
    plan.deviation[i] = sqrt(plan.daily[i] * plan.exposedDays[i] * c.VARIANCE_TO_MEAN)
  }
  return plan
}

/** How many products the stores of a size tier carry. */
const carriedBy = (tier: number, products: number, linesPerStoreDay: number): number =>
  Math.min(
    products,
    Math.max(c.CARRIED_MIN, Math.round(linesPerStoreDay * TIER_DEMAND[tier] * c.CARRIED_PER_DAILY_LINE)),
  )

/** The largest number of products that a cluster can carry. */
export const carriedMost = (products: number, linesPerStoreDay: number): number =>
  Math.max(...TIER_DEMAND.map((_, tier) => carriedBy(tier, products, linesPerStoreDay)))

export function buildCluster(seed: number, cluster: number, products: Products, linesPerStoreDay: number): Cluster {
  const tier = cluster % SIZE_TIERS
  const carried = carriedBy(tier, products.count, linesPerStoreDay)

  const taste = c.CATEGORIES.map((_, category) =>
    exp(c.TASTE_CATEGORY_SPREAD * keyedRng(seed, Stream.taste, cluster - tier, category).normal()),
  )
  const appeal = new Float64Array(products.count)
  const score = new Float64Array(products.count)
  for (let p = 0; p < products.count; p++) {
    const rng = keyedRng(seed, Stream.assortment, cluster, p)
    appeal[p] = products.popularity[p] * taste[products.category[p]] * exp(c.TASTE_PRODUCT_SPREAD * rng.normal())
    // An exponential race: popular products are likelier to be carried, and each cluster gets its share of the rest.
    score[p] = p % CLUSTERS === cluster ? -1 / appeal[p] : -ln(rng.unit()) / pow(appeal[p], 0.6)
  }
  const chosen = Array.from({ length: products.count }, (_, p) => p)
    .sort((a, b) => score[a] - score[b] || a - b)
    .slice(0, carried)
    .sort(
      (a, b) => products.category[a] - products.category[b] || products.baseCents[a] - products.baseCents[b] || a - b,
    )

  const result: Cluster = {
    carried,
    products: Int32Array.from(chosen),
    appeal: Float64Array.from(chosen, (p) => appeal[p]),
    norm: 0,
    complements: new Uint16Array(carried * 8),
  }
  for (let i = 0; i < carried; i++) {
    const p = chosen[i]
    const sold = products.cycleWeeks[p] === 0 ? 1 : products.onWeeks[p] / products.cycleWeeks[p]
    result.norm += result.appeal[i] * sold
    const rng = keyedRng(seed, Stream.complement, p)
    // Four close to it in category and price, four from anywhere in the store.
    for (let k = 0; k < 8; k++) {
      const near = (i + 1 + rng.below(6)) % carried
      result.complements[i * 8 + k] = k < 4 ? near : rng.below(carried)
    }
  }
  return result
}

/**
 * Depth index (PROMOTION_DEPTHS) at which product p is sold in a week: staggered two-week promotions, and a markdown at
 * the end of its life.
 */
function depthOf(seed: number, p: number, week: number, weeksLeft: number, rate: number): number {
  if (weeksLeft <= c.MARKDOWN_LADDER.length) return c.MARKDOWN_LADDER[c.MARKDOWN_LADDER.length - weeksLeft]
  const rng = keyedRng(seed, Stream.promotion, p, (week + (p & 1)) >> 1)
  if (rng.unit() >= rate) return 0
  let u = rng.unit()
  for (let d = 1; d < c.PROMOTION_DEPTH_SHARE.length; d++) {
    u -= c.PROMOTION_DEPTH_SHARE[d]
    if (u < 0) return d
  }
  return 1
}

const mondayOf = (week: number): Day => week * 7 - 3

/** Mean season factor of the seven days of a week. */
function seasonOf(category: number, week: number): number {
  let sum = 0
  for (let i = 0; i < 7; i++) sum += c.SEASON[category][civilOf(mondayOf(week) + i).month - 1]
  return sum / 7
}

export function buildWeek(seed: number, cluster: Cluster, products: Products, week: number): WeekTable {
  const n = cluster.carried
  const weight = new Float64Array(n)
  const table = { share: new Float64Array(n), price: new Int32Array(n), lastOrders: new Uint8Array(n) }
  const season = c.CATEGORIES.map((_, category) => seasonOf(category, week))
  const rate = isHolidaySeason(mondayOf(week) + 4) ? c.PROMOTION_RATE_HOLIDAY : c.PROMOTION_RATE
  const depths = c.PROMOTION_DEPTHS.length
  let total = 0
  for (let i = 0; i < n; i++) {
    const p = cluster.products[i]
    const life = lifeOf(products, p, week)
    table.price[i] = products.priceCode[p * depths]
    if (!life) continue
    const depth = depthOf(seed, p, week, life.left, rate)
    table.price[i] = products.priceCode[p * depths + depth]
    table.lastOrders[i] = life.left <= c.LAST_ORDER_WEEKS ? 1 : 0
    const category = products.category[p]
    const ramp = life.age < c.LAUNCH_RAMP.length ? c.LAUNCH_RAMP[life.age] : 1
    const ratio = products.prices[table.price[i]] / products.baseCents[p]
    weight[i] = cluster.appeal[i] * season[category] * ramp * (depth === 0 ? 1 : pow(ratio, c.ELASTICITY[category]))
    total += weight[i]
  }
  // A small world may have a week in which no product is sold: then all are, so that the table is not empty.
  if (total === 0) {
    weight.set(cluster.appeal)
    for (let i = 0; i < n; i++) total += weight[i]
  }
  for (let i = 0; i < n; i++) table.share[i] = weight[i] / total
  const shelf = new Uint32Array(SHELF_WORDS * n)
  for (let i = 0; i < n; i++) {
    const p = cluster.products[i]
    shelf[i * SHELF_WORDS] = productWord(p, c.RESTOCKED_OF_16384[products.category[p]])
    shelf[i * SHELF_WORDS + 1] = priceWord(products.band[p], table.price[i])
  }
  const { complements } = cluster
  return { ...table, complements, shelf, alias: aliasTable(weight), lift: total / cluster.norm / PROMOTION_LIFT }
}

/**
 * Promotions raise demand over the year by about this factor; dividing by it makes a store sell what the config says.
 * [M] of this model
 */
const PROMOTION_LIFT = 1.13
