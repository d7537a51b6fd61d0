import { ln } from '../random/math.ts'
import { keyedRng, type Rng, Stream } from '../random/rng.ts'
import { type Day, firstDayOf, type Month, monthOf, weekOf } from '../time.ts'
import * as c from './calibration.ts'
import { regularCents } from './price-tags.ts'
import type { Products } from './products.ts'
import { mondayOf } from './season.ts'

// A regular price steps at random instants of a time that runs faster in months with many changes: from one to the next is
// an exponential. So the price of a week is known without those of the weeks before it.

const YEAR = c.PRICE_CHANGES.reduce<number>((sum, changes) => sum + changes, 0)

/** Changes per product to expect until the end of a month, from the end of the world's first month on; they end some day. */
export function changesUntil(month: Month, first: Month): number {
  const months = Math.min(month - first, 12 * c.PRICE_YEARS)
  if (months <= 0) return 0
  const years = Math.floor(months / 12)
  let changes = years * YEAR
  for (let i = 12 * years + 1; i <= months; i++) changes += c.PRICE_CHANGES[(first + i) % 12]
  return changes
}

const gap = (rng: Rng): number => -ln(rng.unit())

/** The steps that a change leads to. */
function changed(steps: number, rng: Rng): number {
  const rises = rng.unit() < c.PRICE_RISES
  const two = rng.unit() < c.PRICE_TWO_STEPS
  return rises ? Math.min(c.PRICE_HIGHEST, steps + (two ? 2 : 1)) : Math.max(c.PRICE_LOWEST, steps - 1)
}

/** Regular prices of one week, of products on request. */
export function regularPricesOf(seed: number, products: Products, week: number): (p: number) => number {
  const now = changesUntil(monthOf(mondayOf(week)), products.firstMonth)
  return (p) => {
    const known = now - products.changesBefore[p]
    const rng = keyedRng(seed, Stream.price, p)
    let steps = 0
    for (let at = gap(rng); at <= known; at += gap(rng)) steps = changed(steps, rng)
    return regularCents(products.baseCents[p], steps)
  }
}

/** Weeks in which prices can change, and the changes to expect until then: the first Monday of each month. */
function stepWeeks({ firstMonth }: Products): { week: number; changes: number }[] {
  return Array.from({ length: 12 * c.PRICE_YEARS }, (_, i) => {
    const month = firstMonth + 1 + i
    return { week: weekOf(firstDayOf(month) + 6), changes: changesUntil(month, firstMonth) }
  })
}

export interface RegularPrice {
  /** Number of the product − 1. */
  product: number
  /** Local day from which it holds. */
  from: Day
  cents: number
}

/** Every regular price of every product, in the order of products and days. They end with PRICE_YEARS. */
export function regularPrices(seed: number, products: Products, from: Day): RegularPrice[] {
  const prices: RegularPrice[] = []
  const weeks = stepWeeks(products)
  for (let product = 0; product < products.count; product++) {
    const rng = keyedRng(seed, Stream.price, product)
    const launched = products.launchWeek[product]
    let cents = products.baseCents[product]
    prices.push({ product, from: Math.max(from, launched > products.firstWeek ? mondayOf(launched) : from), cents })
    let [steps, at] = [0, gap(rng)]
    for (const { week, changes } of weeks) {
      const known = changes - products.changesBefore[product]
      for (; at <= known; at += gap(rng)) steps = changed(steps, rng)
      const now = regularCents(products.baseCents[product], steps)
      if (now !== cents) prices.push({ product, from: mondayOf(week), cents: (cents = now) })
    }
  }
  return prices
}
