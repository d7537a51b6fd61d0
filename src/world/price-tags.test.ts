import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { PRICE_ENDINGS, PRICE_HIGHEST, PRICE_LOWEST, PROMOTION_DEPTHS } from './calibration.ts'
import { allPrices, charm, priceCode, promotedCents, regularCents } from './price-tags.ts'
import { buildProducts } from './products.ts'

const endsWell = (cents: number) => (PRICE_ENDINGS as readonly number[]).includes(cents % 100)
const { prices, baseCents } = buildProducts(42, 2000, 19_723)

test('prices end as price tags end, and nothing is given away', () => {
  expect(prices.filter((cents) => !endsWell(cents) || cents < 49)).toEqual(new Int32Array(0))
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.constantFrom(...PRICE_ENDINGS), (cents, ending) => {
      const tag = charm(cents, ending)
      expect(endsWell(tag)).toBe(true)
      expect(tag).toBeGreaterThanOrEqual(49)
      expect(tag).toBeLessThanOrEqual(Math.max(49, cents + 50))
    }),
  )
})

test('prices are listed once each, ascending, and their codes lead back to them', () => {
  for (let i = 1; i < prices.length; i++) expect(prices[i]).toBeGreaterThan(prices[i - 1])
  for (const base of baseCents.slice(0, 50))
    for (let steps: number = PRICE_LOWEST; steps <= PRICE_HIGHEST; steps++)
      PROMOTION_DEPTHS.forEach((_, depth) => {
        const cents = promotedCents(regularCents(base, steps), depth)
        expect(prices[priceCode(prices, cents)]).toBe(cents)
      })
})

test('a promotion never raises a price, and a step up never lowers it', () => {
  for (const base of new Set(baseCents.slice(0, 500))) {
    expect(regularCents(base, 0)).toBe(base)
    for (let steps: number = PRICE_LOWEST; steps < PRICE_HIGHEST; steps++) {
      const regular = regularCents(base, steps)
      expect(regularCents(base, steps + 1)).toBeGreaterThanOrEqual(regular)
      expect(PROMOTION_DEPTHS.filter((_, depth) => promotedCents(regular, depth) > regular)).toEqual([])
    }
  }
})

test('more prices than codes are refused', () => {
  expect(() => allPrices(Int32Array.from({ length: 9000 }, (_, i) => 99 + i * 100))).not.toThrow()
  expect(() => allPrices(Int32Array.from({ length: 90_000 }, (_, i) => 49 + i * 50))).toThrow('at most 65536')
})
