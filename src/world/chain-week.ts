import { pow } from '../random/math.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import { isHolidaySeason } from './calendar.ts'
import * as c from './calibration.ts'
import { priceCode, promotedCents } from './price-tags.ts'
import { lifeOf, type Products } from './products.ts'
import { regularPricesOf } from './regular-prices.ts'
import { mondayOf } from './season.ts'

/** What the chain decides for each product in a week, in all clusters alike. Rows are filled by `decide`. */
export interface ChainWeek {
  /** Code in products.prices. */
  price: Int32Array
  /** Demand relative to that at the first price and without a launch; 0: not sold; UNDECIDED. */
  demand: Float64Array
  /** Demand relative to a week without promotion, while no rival has one. */
  promotion: Float64Array
  /** Weeks until it ends, at most STAYS. */
  left: Uint8Array
  decide(p: number): void
}

export const UNDECIDED = -1
const STAYS = 255

/** Decides only what somebody asks for: a small shop of a large chain carries a part of the products. */
export function chainWeek(seed: number, products: Products, week: number): ChainWeek {
  const { count, prices, baseCents, category } = products
  const regularPrice = regularPricesOf(seed, products, week)
  const usual = isHolidaySeason(mondayOf(week) + 4) ? c.PROMOTION_RATE_HOLIDAY : c.PROMOTION_RATE
  /** Promotion rate by category, of even products, then of odd ones, whose slots begin a week later. */
  const rates = [0, 1].map((odd) =>
    c.CATEGORIES.map((_, k) =>
      keyedRng(seed, Stream.sale, k, slotOf(odd, week)).unit() < c.SALE_SHARE ? c.PROMOTION_RATE_SALE : usual,
    ),
  )
  const chain = {
    price: new Int32Array(count),
    demand: new Float64Array(count).fill(UNDECIDED),
    promotion: new Float64Array(count).fill(1),
    left: new Uint8Array(count),
    decide(p: number): void {
      const life = lifeOf(products, p, week)
      const regular = regularPrice(p)
      const depth = life ? depthOf(seed, p, week, life.left, rates[p & 1][category[p]]) : 0
      const paid = promotedCents(regular, depth)
      chain.price[p] = priceCode(prices, paid)
      chain.demand[p] = 0
      if (!life) return
      const elasticity = c.ELASTICITY[category[p]]
      chain.left[p] = Math.min(STAYS, life.left)
      chain.demand[p] = life.age < c.LAUNCH_RAMP.length ? c.LAUNCH_RAMP[life.age] : 1
      if (regular !== baseCents[p]) chain.demand[p] *= pow(regular / baseCents[p], elasticity)
      if (depth > 0) chain.promotion[p] = pow(paid / regular, elasticity)
    },
  }
  return chain
}

/** Promotions last two weeks. */
const slotOf = (p: number, week: number): number => (week + (p & 1)) >> 1

/**
 * Depth index (PROMOTION_DEPTHS) at which product p is sold in a week: staggered two-week promotions, and a markdown at
 * the end of its life.
 */
function depthOf(seed: number, p: number, week: number, weeksLeft: number, rate: number): number {
  if (weeksLeft <= c.MARKDOWN_LADDER.length) return c.MARKDOWN_LADDER[c.MARKDOWN_LADDER.length - weeksLeft]
  const rng = keyedRng(seed, Stream.promotion, p, slotOf(p, week))
  if (rng.unit() >= rate) return 0
  let u = rng.unit()
  for (let d = 1; d < c.PROMOTION_DEPTH_SHARE.length; d++) {
    u -= c.PROMOTION_DEPTH_SHARE[d]
    if (u < 0) return d
  }
  return 1
}
