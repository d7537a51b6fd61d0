import { type AliasTable, aliasTable } from '../random/alias.ts'
import { exp, ln, pow, sqrt } from '../random/math.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import * as c from './calibration.ts'
import { type ChainWeek, UNDECIDED } from './chain-week.ts'
import { complementsOf } from './complements.ts'
import { type OnSale, onSale } from './on-sale.ts'
import { type Products, soldOf } from './products.ts'
import { recent } from './recent.ts'
import { revenueOfTypes, seasonsOf } from './season.ts'
import { priceWord, productWord, SHELF_WORDS } from './shelf.ts'
import { CLUSTERS, SIZE_TIERS, TIER_DEMAND } from './stores.ts'
import { FIRST_TYPE, TYPES } from './types/product-types.ts'

/** The products that stores of one cluster carry. Product codes inside a cluster are indexes in `products`. */
export interface Cluster {
  carried: number
  /**
   * Product index of each carried product, sorted by category, type and price, so that neighbors can substitute for
   * each other.
   */
  products: Int32Array
  /** Taste × popularity of each, without season and price. */
  appeal: Float64Array
  /**
   * Revenue of each category at first prices, when a product sells as its appeal says, in the part of the time in which it is
   * sold. A category keeps it: products that leave or become dearer leave their demand to the others.
   */
  norms: Float64Array
  /** Sum of appeal over the products sold at a random time: the reference for demand. */
  norm: number
  /** Least appeal of the top class: a fifth of the products, which must not run out. */
  topAppeal: number
  /** Demand of each type in a week, relative to the year's (season.ts). */
  seasons(week: number): Float64Array
  /** Eight complements of each carried product, as indexes: [i × 8 + k]. */
  complements: Uint16Array
}

/** All slow computations of one week in one cluster, folded into one alias table. */
export interface WeekTable extends OnSale {
  alias: AliasTable
  /** Demand relative to the cluster's norm: season, launches, promotions. */
  lift: number
  /** Share of the lines of each carried product. */
  share: Float64Array
  /** Code in products.prices of each carried product. */
  price: Int32Array
  /** Weeks until each carried product ends, or a large number. */
  left: Uint8Array
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
  /** Safety stock per root of a line: the deviation of the demand in those days × the factor of its class. */
  safety: Float64Array
  /** Units that an order adds to the reorder point: the demand of the weeks until the next one. */
  cover: Float64Array
}

/** Weeks ahead at which a plan looks at the season, to order no summer goods for autumn. */
const AHEAD_WEEKS = [2, 5, 8, 11] as const

/** `week` is the one of `now`. */
export function buildPlan(
  cluster: Cluster,
  products: Products,
  week: number,
  now: WeekTable,
  next: WeekTable,
): StockPlan {
  const n = cluster.carried
  const plan = {
    daily: new Float64Array(n),
    exposedDays: new Float64Array(n),
    safety: new Float64Array(n),
    cover: new Float64Array(n),
  }
  const outlook = outlookOf(cluster, week)
  for (let i = 0; i < n; i++) {
    if (now.left[i] <= c.LAST_ORDER_WEEKS) continue
    const p = cluster.products[i]
    const lead = products.supplierLeadDays[products.supplier[p]]
    plan.daily[i] = Math.max(now.share[i] * now.lift, next.share[i] * next.lift) * c.MEAN_QUANTITY
    const factor = cluster.appeal[i] >= cluster.topAppeal ? c.SAFETY_FACTOR.top : c.SAFETY_FACTOR.rest
    plan.exposedDays[i] = lead + c.LEAD_MEAN_DAYS + 1 + factor * c.LEAD_SAFETY_DAYS
    plan.safety[i] = factor * sqrt(plan.daily[i] * plan.exposedDays[i] * c.VARIANCE_TO_MEAN)
    // Of what is about to end, no more than it will sell.
    const days = Math.min(c.COVER_DAYS[products.category[p]], 7 * (now.left[i] - c.LAST_ORDER_WEEKS))
    plan.cover[i] = plan.daily[i] * days * outlook[products.type[p]]
  }
  return plan
}

/** Mean season of each type in the weeks that an order covers, relative to this week's. */
function outlookOf({ seasons }: Cluster, week: number): Float64Array {
  const now = seasons(week)
  const sum = new Float64Array(now.length)
  for (const ahead of AHEAD_WEEKS) {
    const then = seasons(week + ahead)
    for (let t = 0; t < sum.length; t++) sum[t] += then[t]
  }
  return sum.map((then, t) => then / AHEAD_WEEKS.length / now[t])
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
      // Types are in the order of their categories.
      (a, b) => products.type[a] - products.type[b] || products.baseCents[a] - products.baseCents[b] || a - b,
    )

  const assortment = Int32Array.from(chosen)
  const carriedAppeal = Float64Array.from(chosen, (p) => appeal[p])
  /** Over the years: some products are sold in a part of them. */
  const demand = carriedAppeal.map((own, i) => own * soldOf(products, chosen[i]))
  const revenue = revenueOfTypes(products, assortment, demand)
  const climate = Math.floor(cluster / SIZE_TIERS)
  return {
    carried,
    products: assortment,
    appeal: carriedAppeal,
    norms: revenueOfCategories(products, chosen, demand),
    norm: demand.reduce((sum, one) => sum + one, 0),
    topAppeal: Float64Array.from(carriedAppeal).sort()[Math.floor(carried * (1 - c.TOP_CLASS))],
    seasons: recent(AHEAD_WEEKS[AHEAD_WEEKS.length - 1] + 2, (week) => seasonsOf(revenue, climate, week)),
    complements: complementsOf(keyedRng(seed, Stream.complement, cluster, 0), products, {
      products: assortment,
      demand,
    }),
  }
}

function revenueOfCategories(products: Products, chosen: readonly number[], demand: Float64Array): Float64Array {
  const revenue = new Float64Array(c.CATEGORIES.length)
  chosen.forEach((p, i) => void (revenue[products.category[p]] += demand[i] * products.baseCents[p]))
  return revenue
}

export function buildWeek(cluster: Cluster, products: Products, week: number, chain: ChainWeek): WeekTable {
  const n = cluster.carried
  const weight = new Float64Array(n)
  const table = { share: new Float64Array(n), price: new Int32Array(n), left: new Uint8Array(n) }
  const season = cluster.seasons(week)
  const sold = new Float64Array(c.CATEGORIES.length)
  const plain = new Float64Array(TYPES.length)
  const promoted = new Float64Array(TYPES.length)
  for (let i = 0; i < n; i++) {
    const p = cluster.products[i]
    if (chain.demand[p] === UNDECIDED) chain.decide(p)
    table.price[i] = chain.price[p]
    table.left[i] = chain.left[p]
    weight[i] = cluster.appeal[i] * chain.demand[p]
    sold[products.category[p]] += weight[i] * products.baseCents[p]
  }
  for (let i = 0; i < n; i++) {
    const p = cluster.products[i]
    const type = products.type[p]
    const category = products.category[p]
    if (weight[i] === 0) continue
    const own = (weight[i] * season[type] * cluster.norms[category]) / sold[category]
    weight[i] = own * chain.promotion[p]
    plain[type] += own
    promoted[type] += weight[i]
  }
  const left = leftByRivals(plain, promoted)
  let total = 0
  for (let i = 0; i < n; i++) {
    weight[i] *= left[products.type[cluster.products[i]]]
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
    shelf[i * SHELF_WORDS] = productWord(p, RESTOCKED_OF_16384[products.type[p]])
    shelf[i * SHELF_WORDS + 1] = priceWord(products.band[p], table.price[i])
  }
  const places = onSale(table.share, cluster.complements)
  return { ...table, ...places, shelf, alias: aliasTable(weight), lift: total / cluster.norm }
}

/**
 * What is left of each type's demand when promotions take a part of what they gain from rivals: first those of the type,
 * then those of the category. `plain` and `promoted`: demand of each type without and with promotions.
 */
function leftByRivals(plain: Float64Array, promoted: Float64Array): Float64Array {
  const left = new Float64Array(plain.length).fill(1)
  for (let category = 0; category < c.CATEGORIES.length; category++) {
    let [all, grown] = [0, 0]
    for (let t = FIRST_TYPE[category]; t < FIRST_TYPE[category + 1]; t++) {
      if (promoted[t] > plain[t]) left[t] = pow(plain[t] / promoted[t], c.TAKEN_FROM_TYPE)
      all += plain[t]
      grown += promoted[t] * left[t]
    }
    if (!(grown > all)) continue
    const taken = pow(all / grown, c.TAKEN_FROM_CATEGORY)
    for (let t = FIRST_TYPE[category]; t < FIRST_TYPE[category + 1]; t++) left[t] *= taken
  }
  return left
}

/** Units sold that return to the shelf, by type, out of as many as DRAWS.line.returned has outcomes. */
export const RESTOCKED_OF_16384: readonly number[] = TYPES.map(({ returned }) =>
  Math.round(returned * c.RESALABLE * 16_384),
)
