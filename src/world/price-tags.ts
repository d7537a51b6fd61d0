import { pow } from '../random/math.ts'
import * as c from './calibration.ts'
import { firstFrom } from './first-from.ts'

/** The price nearest below `cents` with this ending; at least a dollar's worth of change. */
export function charm(cents: number, ending: number): number {
  const dollars = Math.floor(cents / 100)
  const tag = dollars * 100 + ending
  return Math.max(49, tag > cents + 50 ? tag - 100 : tag)
}

const STEPS = Array.from({ length: c.PRICE_HIGHEST - c.PRICE_LOWEST + 1 }, (_, i) =>
  pow(c.PRICE_STEP, i + c.PRICE_LOWEST),
)

/** The regular price that is some steps from a first price. */
export function regularCents(baseCents: number, steps: number): number {
  if (steps === 0) return baseCents
  const cents = baseCents * STEPS[steps - c.PRICE_LOWEST]
  if (cents >= c.PRICE_FINE_BELOW) return charm(cents, baseCents % 100)
  const endings = baseCents % 10 === 0 ? c.PRICE_FINE_ENDINGS.round : c.PRICE_FINE_ENDINGS.odd
  let nearest = charm(cents, endings[0])
  for (const ending of endings) {
    const tag = charm(cents, ending)
    if (Math.abs(tag - cents) < Math.abs(nearest - cents)) nearest = tag
  }
  return nearest
}

/** The price at a promotion depth (index in PROMOTION_DEPTHS). */
export const promotedCents = (regular: number, depth: number): number =>
  depth === 0 ? regular : Math.min(regular, charm(regular * (1 - c.PROMOTION_DEPTHS[depth]), regular % 100))

/** Codes of prices have this many bits (shelf.ts). */
const MOST_PRICES = 65_536

/** Every price that products with these first prices can have, ascending. */
export function allPrices(baseCents: Int32Array): Int32Array {
  const most = baseCents.reduce((a, b) => Math.max(a, b), 0)
  const occurs = new Uint8Array(Math.ceil(most * STEPS[STEPS.length - 1]) + 100)
  for (const base of new Set(baseCents)) {
    for (let steps: number = c.PRICE_LOWEST; steps <= c.PRICE_HIGHEST; steps++) {
      const regular = regularCents(base, steps)
      for (let depth = 0; depth < c.PROMOTION_DEPTHS.length; depth++) occurs[promotedCents(regular, depth)] = 1
    }
  }
  const prices: number[] = []
  for (let cents = 0; cents < occurs.length; cents++) if (occurs[cents] === 1) prices.push(cents)
  if (prices.length > MOST_PRICES) throw new RangeError(`a world has ${prices.length} prices, at most ${MOST_PRICES}`)
  return Int32Array.from(prices)
}

/** Code of a price in the list of all prices. */
export const priceCode = firstFrom
