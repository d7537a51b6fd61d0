import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyShop, shopWorld } from '../../test/worlds.ts'
import { weekOf } from '../time.ts'
import { CATEGORIES, PRICE_ENDINGS, PROMOTION_DEPTHS, REVENUE_SHARE } from './calibration.ts'
import { buildProducts, charm, lifeOf } from './products.ts'
import { BRAND_GROUPS } from './types/brands.ts'
import { TYPES } from './types/product-types.ts'

const products = buildProducts(42, 2000)
const endsWell = (cents: number) => (PRICE_ENDINGS as readonly number[]).includes(cents % 100)

describe('prices', () => {
  test('end as price tags end, and nothing is given away', () => {
    expect(products.prices.filter((cents) => !endsWell(cents) || cents < 49)).toEqual(new Int32Array(0))
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), fc.constantFrom(...PRICE_ENDINGS), (cents, ending) => {
        const tag = charm(cents, ending)
        expect(endsWell(tag)).toBe(true)
        expect(tag).toBeGreaterThanOrEqual(49)
        expect(tag).toBeLessThanOrEqual(Math.max(49, cents + 50))
      }),
    )
  })

  test('are listed once each, ascending, and every code is of the list', () => {
    const { prices, priceCode } = products
    for (let i = 1; i < prices.length; i++) expect(prices[i]).toBeGreaterThan(prices[i - 1])
    expect(priceCode.every((code) => code >= 0 && code < prices.length)).toBe(true)
  })

  test('never rise in a promotion', () => {
    const depths = PROMOTION_DEPTHS.length
    for (let p = 0; p < products.count; p++) {
      expect(products.prices[products.priceCode[p * depths]]).toBe(products.baseCents[p])
      for (let d = 1; d < depths; d++)
        expect(products.priceCode[p * depths + d]).toBeLessThanOrEqual(products.priceCode[p * depths])
    }
  })
})

test('each category takes its share of revenue at regular prices', () => {
  const revenue = CATEGORIES.map((_, c) => {
    let sum = 0
    for (let p = 0; p < products.count; p++)
      if (products.category[p] === c) sum += products.popularity[p] * products.baseCents[p]
    return sum
  })
  const total = revenue.reduce((a, b) => a + b, 0)
  revenue.forEach((part, c) => {
    expect(part / total).toBeCloseTo(REVENUE_SHARE[c], 12)
  })
  expect(products.popularity.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
})

test('a brand has one supplier, and makes what its group makes', () => {
  const supplierOf = new Map<number, number>()
  for (let p = 0; p < products.count; p++) {
    const [brand, supplier] = [products.brand[p], products.supplier[p]]
    expect(supplierOf.get(brand) ?? supplier).toBe(supplier)
    supplierOf.set(brand, supplier)
    const { first, count } = BRAND_GROUPS[TYPES[products.type[p]].brands]
    expect(brand >= first && brand < first + count).toBe(true)
    expect(TYPES[products.type[p]].category).toBe(products.category[p])
  }
})

test('the type tells most of the price', () => {
  // 1 − the variance within types over that within categories, of the logarithm; books differ little.
  const log = Array.from(products.baseCents, (cents) => Math.log(cents))
  const variance = (group: Uint8Array) => {
    const sums = new Map<number, [n: number, sum: number, squares: number]>()
    log.forEach((x, p) => {
      if (CATEGORIES[products.category[p]] === 'Books') return
      const [n, sum, squares] = sums.get(group[p]) ?? [0, 0, 0]
      sums.set(group[p], [n + 1, sum + x, squares + x * x])
    })
    const all = [...sums.values()]
    const rest = all.reduce((total, [n, sum, squares]) => total + squares - (sum * sum) / n, 0)
    return rest / all.reduce((total, [n]) => total + n - 1, 0)
  }
  expect(1 - variance(products.type) / variance(products.category)).toBeGreaterThan(0.5)
})

test('a few suppliers deliver most products', () => {
  const counts = new Array<number>(products.suppliers).fill(0)
  for (const supplier of products.supplier) counts[supplier]++
  counts.sort((a, b) => b - a)
  const top = counts.slice(0, counts.length / 5).reduce((a, b) => a + b, 0)
  expect(top / products.count).toBeGreaterThan(0.4)
})

test('products that come and go are sold some weeks of every cycle', () => {
  for (let p = 0; p < 300; p++) {
    const cycle = products.cycleWeeks[p] || 10
    const weeks = Array.from({ length: cycle }, (_, i) => ({ ...lifeOf(products, p, 2800 + i) })).filter(
      ({ age }) => age !== undefined,
    )
    expect(weeks).toHaveLength(products.cycleWeeks[p] === 0 ? cycle : products.onWeeks[p])
    for (const { age, left } of weeks)
      expect(products.cycleWeeks[p] === 0 || age! + left! === products.onWeeks[p]).toBe(true)
  }
})

describe('the assortment of a cluster', () => {
  test('holds each product once, sorted by category, type and price, and complements come from it', () => {
    fc.assert(
      fc.property(anyShop, (shop) => {
        const world = shopWorld(shop)
        for (const index of new Set(world.stores.cluster)) {
          const { carried, products: chosen, complements, norm } = world.cluster(index)
          expect(new Set(chosen).size).toBe(carried)
          const { category, type, baseCents } = world.products
          for (let i = 1; i < carried; i++) {
            const [a, b] = [chosen[i - 1], chosen[i]]
            expect(category[a] - category[b] || type[a] - type[b] || baseCents[a] - baseCents[b] || a - b).toBeLessThan(
              0,
            )
          }
          expect(complements.every((position) => position < carried)).toBe(true)
          expect(norm).toBeGreaterThan(0)
        }
      }),
      { numRuns: 15 },
    )
  })

  test('has shares of every week that add up to one, and only for what is sold', () => {
    const world = shopWorld({ products: 300, lines: 100 })
    const first = weekOf(world.from)
    for (let week = first; week < first + 60; week++) {
      const { share, lift, price } = world.week(0, week)
      expect(share.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12)
      expect(lift).toBeGreaterThan(0.3)
      expect(lift).toBeLessThan(3)
      const wrong = world.cluster(0).products.filter((p, i) => {
        const sold = lifeOf(world.products, p, week) !== undefined
        return share[i] > 0 !== sold || world.products.prices[price[i]] > world.products.baseCents[p]
      })
      expect(wrong).toHaveLength(0)
    }
  })

  test('is the same in a week that is requested again after many others', () => {
    const world = shopWorld({ products: 100 })
    const before = structuredClone(world.week(1, 2817))
    for (let week = 2818; week < 2990; week++) world.week(1, week)
    expect(world.week(1, 2817)).toEqual(before)
  })
})
