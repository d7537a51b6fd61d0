import { exp, ln, pow } from '../random/math.ts'
import { keyedRng, type Rng, Stream } from '../random/rng.ts'
import { type Day, type Month, monthOf, weekOf } from '../time.ts'
import * as c from './calibration.ts'
import { allPrices, charm } from './price-tags.ts'
import { changesUntil } from './regular-prices.ts'
import { mondayOf } from './season.ts'
import { BRAND_GROUPS, BRANDS } from './types/brands.ts'
import { FIRST_TYPE, type ProductType, TYPES } from './types/product-types.ts'

/** Columns of the products, indexed by product number − 1. */
export interface Products {
  count: number
  /** Of the world: week and month of its first day. */
  firstWeek: number
  firstMonth: Month
  category: Uint8Array
  /** Index in TYPES. */
  type: Uint8Array
  /** Index in BRANDS. */
  brand: Uint8Array
  /** The first regular price. */
  baseCents: Int32Array
  supplier: Int32Array
  suppliers: number
  /** Demand, all else equal, as a share: all products add up to 1. */
  popularity: Float64Array
  /** Index in QUANTITY_ONE. */
  band: Uint8Array
  /** The week of its launch, BEFORE if it is sold from the start; and the week of its end, AFTER if it stays. */
  launchWeek: Int32Array
  endWeek: Int32Array
  /** Changes of regular prices to expect until its launch (regular-prices.ts). */
  changesBefore: Float64Array
  /** All possible prices, ascending, in cents. */
  prices: Int32Array
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

/** `from`: the world's first day. */
export function buildProducts(seed: number, count: number, from: Day): Products {
  const suppliers = Math.max(2, Math.round(count / c.PRODUCTS_PER_SUPPLIER))
  const products: Products = {
    count,
    firstWeek: firstWeekOf(from),
    firstMonth: monthOf(from),
    category: new Uint8Array(count),
    type: new Uint8Array(count),
    brand: new Uint8Array(count),
    baseCents: new Int32Array(count),
    supplier: new Int32Array(count),
    suppliers,
    popularity: new Float64Array(count),
    band: new Uint8Array(count),
    launchWeek: new Int32Array(count),
    endWeek: new Int32Array(count),
    changesBefore: new Float64Array(count),
    prices: new Int32Array(0),
    supplierLeadDays: new Int32Array(suppliers),
  }
  const supplierOf = suppliersOfBrands(seed, suppliers)
  const brandShares = BRAND_GROUPS.map((group, i) => shuffled(keyedRng(seed, Stream.brand, i), zipf(group.count)))
  const rank = shuffled(
    keyedRng(seed, Stream.product, 0xffffffff),
    Array.from({ length: count }, (_, i) => i + 1),
  )
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
    beginLife(products, p, rng)
  }
  balanceRevenue(products)
  products.prices = allPrices(products.baseCents)
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

/** In the west, the first day of the world is still the day before. */
export const firstWeekOf = (from: Day): number => weekOf(from - 1)

/** No week of any world is before it, or after it. */
const BEFORE = -1_000_000
const AFTER = 1_000_000

/** Weeks of the years in which products launch and leave. */
const LIFE_WEEKS = Math.round(c.LIFE_YEARS * 52.18)

/** When product p is launched and leaves. What would leave after these years stays, because nothing follows it. */
function beginLife(products: Products, p: number, rng: Rng): void {
  const { launchWeek, endWeek, changesBefore, firstWeek, firstMonth } = products
  const launched = rng.unit() < c.LAUNCHED_SHARE
  const at = rng.unit()
  const weeks = c.LIFE_WEEKS.min + rng.below(c.LIFE_WEEKS.max - c.LIFE_WEEKS.min + 1)
  // The others are somewhere in the middle of their lives.
  const end = launched ? Math.floor(at * LIFE_WEEKS) + weeks : Math.floor(at * weeks) + 1
  endWeek[p] = end < LIFE_WEEKS ? firstWeek + end : AFTER
  launchWeek[p] = launched ? firstWeek + 1 + Math.floor(at * (LIFE_WEEKS - 1)) : BEFORE
  if (launched) changesBefore[p] = changesUntil(monthOf(mondayOf(launchWeek[p])), firstMonth)
}

/** The part of the years in which products launch and leave that product p is sold in. */
export function soldOf({ launchWeek, endWeek, firstWeek }: Products, p: number): number {
  const from = Math.max(firstWeek, launchWeek[p])
  const to = Math.min(firstWeek + LIFE_WEEKS, endWeek[p])
  return (to - from) / LIFE_WEEKS
}

export interface Life {
  /** Weeks since launch; undefined while the product is not sold. */
  age: number
  /** Weeks until it ends; a large number for products that stay. */
  left: number
}

const life: Life = { age: 0, left: 0 }

/** The stage of product p's life in a week. Returns one shared object, or undefined if it is not sold. */
export function lifeOf({ launchWeek, endWeek }: Products, p: number, week: number): Life | undefined {
  if (week < launchWeek[p] || week >= endWeek[p]) return undefined
  life.age = week - launchWeek[p]
  life.left = endWeek[p] - week
  return life
}
