import { exp, ln, pow } from '../random/math.ts'
import { keyedRng, type Rng, Stream } from '../random/rng.ts'
import * as c from './calibration.ts'
import { BRAND_GROUPS, BRANDS } from './types/brands.ts'
import { FIRST_TYPE, type ProductType, TYPES } from './types/product-types.ts'

/** Columns of the products, indexed by product number − 1. */
export interface Products {
  count: number
  category: Uint8Array
  /** Index in TYPES. */
  type: Uint8Array
  /** Index in BRANDS. */
  brand: Uint8Array
  baseCents: Int32Array
  supplier: Int32Array
  suppliers: number
  /** Demand, all else equal, as a share: all products add up to 1. */
  popularity: Float64Array
  /** Index in QUANTITY_ONE. */
  band: Uint8Array
  /** Weeks of a full cycle, 0 for products that are always sold. */
  cycleWeeks: Int32Array
  onWeeks: Int32Array
  phaseWeeks: Int32Array
  /** All possible prices, ascending, in cents. */
  prices: Int32Array
  /** Code in `prices` of product p at promotion depth d: [p × depths + d]. */
  priceCode: Int32Array
  /** Days from order to delivery before the random part, per supplier. */
  supplierLeadDays: Int32Array
}

const pick = (rng: Rng, shares: readonly number[]): number => {
  let u = rng.unit()
  for (let i = 0; i < shares.length - 1; i++) {
    u -= shares[i]
    if (u < 0) return i
  }
  return shares.length - 1
}

/** The price nearest below `cents` with this product's ending; at least a dollar's worth of change. */
export function charm(cents: number, ending: number): number {
  const dollars = Math.floor(cents / 100)
  const tag = dollars * 100 + ending
  return Math.max(49, tag > cents + 50 ? tag - 100 : tag)
}

export function buildProducts(seed: number, count: number): Products {
  const depths = c.PROMOTION_DEPTHS.length
  const suppliers = Math.max(2, Math.round(count / c.PRODUCTS_PER_SUPPLIER))
  const products: Products = {
    count,
    category: new Uint8Array(count),
    type: new Uint8Array(count),
    brand: new Uint8Array(count),
    baseCents: new Int32Array(count),
    supplier: new Int32Array(count),
    suppliers,
    popularity: new Float64Array(count),
    band: new Uint8Array(count),
    cycleWeeks: new Int32Array(count),
    onWeeks: new Int32Array(count),
    phaseWeeks: new Int32Array(count),
    prices: new Int32Array(0),
    priceCode: new Int32Array(count * depths),
    supplierLeadDays: new Int32Array(suppliers),
  }
  const supplierOf = suppliersOfBrands(seed, suppliers)
  const brandShares = BRAND_GROUPS.map((group, i) => shuffled(keyedRng(seed, Stream.brand, i), zipf(group.count)))
  const rank = shuffled(
    keyedRng(seed, Stream.product, 0xffffffff),
    Array.from({ length: count }, (_, i) => i + 1),
  )
  const cents = new Int32Array(count * depths)
  for (let p = 0; p < count; p++) {
    const rng = keyedRng(seed, Stream.product, p)
    const category = pick(rng, c.PRODUCT_SHARE)
    const index = FIRST_TYPE[category] + pick(rng, BREADTHS[category])
    const type = TYPES[index]
    const { first, count: brands } = BRAND_GROUPS[type.brands]
    const brand = pick(rng, brandShares[type.brands])
    const ending = c.PRICE_ENDINGS[pick(rng, c.PRICE_ENDING_SHARE)]
    // Brands are in the order of their prices; ±1.7 is the range of an even distribution with deviation 1.
    const level = 1.7 * ((2 * brand) / (brands - 1) - 1)
    const grade = c.BRAND_GRADE * level + c.OWN_GRADE * rng.normal()
    products.category[p] = category
    products.type[p] = index
    products.brand[p] = first + brand
    products.baseCents[p] = charm(100 * exp(ln(type.price) + type.spread * grade), ending)
    products.popularity[p] =
      pow(type.price, c.POPULARITY_OF_PRICE) / pow(c.POPULARITY_OFFSET + rank[p], c.POPULARITY_EXPONENT)
    products.supplier[p] = supplierOf[products.brand[p]]
    products.band[p] = bandOf(type, products.baseCents[p])
    const cycles = rng.unit() < c.CYCLING_SHARE
    const weeks = c.CYCLE_WEEKS.min + rng.below(c.CYCLE_WEEKS.max - c.CYCLE_WEEKS.min + 1)
    const on = c.CYCLE_ON.min + (c.CYCLE_ON.max - c.CYCLE_ON.min) * rng.unit()
    products.phaseWeeks[p] = rng.below(weeks)
    products.cycleWeeks[p] = cycles ? weeks : 0
    products.onWeeks[p] = cycles ? Math.round(weeks * on) : 0
    for (let d = 0; d < depths; d++) {
      const full = products.baseCents[p]
      cents[p * depths + d] = d === 0 ? full : Math.min(full, charm(full * (1 - c.PROMOTION_DEPTHS[d]), ending))
    }
  }
  balanceRevenue(products)
  products.prices = Int32Array.from(new Set(cents)).sort()
  const codeOf = new Map(Array.from(products.prices, (price, code) => [price, code]))
  for (let i = 0; i < cents.length; i++) products.priceCode[i] = codeOf.get(cents[i])!
  for (let s = 0; s < suppliers; s++)
    products.supplierLeadDays[s] = c.LEAD_MIN_DAYS + keyedRng(seed, Stream.supplier, s).below(c.LEAD_SUPPLIER_DAYS + 1)
  return products
}

/** Scales popularity so that each category gets its share of revenue at regular prices, and all add up to 1. */
function balanceRevenue({ count, category, baseCents, popularity }: Products): void {
  const revenue = new Float64Array(c.CATEGORIES.length)
  for (let p = 0; p < count; p++) revenue[category[p]] += popularity[p] * baseCents[p]
  let total = 0
  for (let p = 0; p < count; p++) {
    popularity[p] *= c.REVENUE_SHARE[category[p]] / revenue[category[p]]
    total += popularity[p]
  }
  for (let p = 0; p < count; p++) popularity[p] /= total
}

/** Shares of the types of each category in its products. */
const BREADTHS = c.CATEGORIES.map((_, category) => {
  const types = TYPES.slice(FIRST_TYPE[category], FIRST_TYPE[category + 1])
  const total = types.reduce((sum, { breadth }) => sum + breadth, 0)
  return types.map(({ breadth }) => breadth / total)
})

/** Index in QUANTITY_ONE. */
const bandOf = ({ quantity }: ProductType, cents: number): number =>
  quantity === 'one'
    ? c.QUANTITY_ONE.length - 1
    : quantity === 'few'
      ? 0
      : c.QUANTITY_BANDS.findIndex((bound) => cents < bound)

/** The supplier of each brand: a few suppliers have most brands. */
function suppliersOfBrands(seed: number, suppliers: number): number[] {
  const shares = zipf(suppliers)
  return BRANDS.map((_, brand) => pick(keyedRng(seed, Stream.supplier, suppliers + brand), shares))
}

const zipf = (n: number): number[] => {
  const weights = Array.from({ length: n }, (_, i) => 1 / (i + 3))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

/** Shuffles the list and returns it (Fisher–Yates). */
function shuffled(rng: Rng, list: number[]): number[] {
  for (let i = list.length - 1; i > 0; i--) {
    const j = rng.below(i + 1)
    const kept = list[i]
    list[i] = list[j]
    list[j] = kept
  }
  return list
}

export interface Life {
  /** Weeks since launch; undefined while the product is not sold. */
  age: number
  /** Weeks until it ends; a large number for products that stay. */
  left: number
}

const STAYS = 1_000_000
const life: Life = { age: STAYS, left: STAYS }

/** The stage of product p's life in a week. Returns one shared object, or undefined if it is not sold. */
export function lifeOf(products: Products, p: number, week: number): Life | undefined {
  const cycle = products.cycleWeeks[p]
  if (cycle === 0) {
    life.age = STAYS
    life.left = STAYS
    return life
  }
  const at = (week + products.phaseWeeks[p]) % cycle
  if (at >= products.onWeeks[p]) return undefined
  life.age = at
  life.left = products.onWeeks[p] - at
  return life
}
