import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyShop, shopWorld } from '../../test/worlds.ts'
import { parseDay, weekOf } from '../time.ts'
import { CATEGORIES, LIFE_YEARS, REVENUE_SHARE } from './calibration.ts'
import { buildProducts, lifeOf } from './products.ts'
import { regularPricesOf } from './regular-prices.ts'
import { BRAND_GROUPS } from './types/brands.ts'
import { TYPES } from './types/product-types.ts'

const FROM = parseDay('2024-01-01')!
const products = buildProducts(42, 2000, FROM)

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

test('a product is sold from one launch to one end, which is for good', () => {
  const first = weekOf(FROM - 1)
  for (let p = 0; p < 500; p++) {
    const sold = Array.from({ length: 200 }, (_, i) => ({ ...lifeOf(products, p, first + i) }))
    const from = sold.findIndex(({ age }) => age !== undefined)
    const end = sold.findIndex(({ age }, i) => i >= from && age === undefined)
    expect(from).toBeGreaterThanOrEqual(0)
    const life = sold.slice(from, end < 0 ? undefined : end)
    expect(
      life.every(({ age, left }, i) => (from === 0 || age === i) && left === products.endWeek[p] - first - from - i),
    ).toBe(true)
    if (end >= 0) expect(sold.slice(end).every(({ age }) => age === undefined)).toBe(true)
  }
})

test('of the products on sale, a tenth to three tenths leave a year, and as many are launched', () => {
  const first = weekOf(FROM - 1)
  const onSale = (week: number) => [...products.popularity.keys()].filter((p) => lifeOf(products, p, week)).length
  for (let year = 0; year < LIFE_YEARS; year++) {
    const [from, to] = [first + year * 52, first + year * 52 + 52]
    const moves = (weeks: Int32Array) => weeks.filter((week) => week > from && week <= to).length / onSale(from)
    expect(moves(products.endWeek)).toBeGreaterThan(0.1)
    expect(moves(products.endWeek)).toBeLessThan(0.3)
    expect(moves(products.launchWeek)).toBeGreaterThan(0.1)
    expect(moves(products.launchWeek)).toBeLessThan(0.3)
  }
  expect(onSale(first + 150) / onSale(first)).toBeGreaterThan(0.8)
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
      const regularPrice = regularPricesOf(world.seed, world.products, week)
      const wrong = world.cluster(0).products.filter((p, i) => {
        const sold = lifeOf(world.products, p, week) !== undefined
        return share[i] > 0 !== sold || world.products.prices[price[i]] > regularPrice(p)
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
