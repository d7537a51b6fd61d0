import { expect, test } from 'vitest'
import { formatDay, parseDay, weekdayOf, weekOf } from '../time.ts'
import { buildProducts } from './products.ts'
import { regularPrices, regularPricesOf } from './regular-prices.ts'
import { mondayOf } from './season.ts'

const FROM = parseDay('2024-01-01')!
const products = buildProducts(42, 1000, FROM)
const WEEKS = 157
const first = weekOf(FROM - 1)
/** Regular price of each product in each week. */
const weeks = Array.from({ length: WEEKS }, (_, i) => {
  const priceOf = regularPricesOf(42, products, first + i)
  return Int32Array.from({ length: products.count }, (_, p) => priceOf(p))
})

test('a product starts at its base price, whenever it is launched', () => {
  products.baseCents.forEach((cents, p) => {
    const launched = products.launchWeek[p] - first
    for (let i = 0; i <= Math.min(Math.max(1, launched), WEEKS - 1); i++) expect(weeks[i][p]).toBe(cents)
  })
})

test('prices step in the first week of a month only, 5 to 12 % of them a month, mostly up', () => {
  let [changes, rises, months] = [0, 0, 0]
  const growth: number[] = []
  for (let i = 2; i < WEEKS; i++) {
    const monday = mondayOf(first + i)
    expect(weekdayOf(monday)).toBe(0)
    const isFirst = Number(formatDay(monday).slice(8)) <= 7
    if (isFirst) months++
    for (let p = 0; p < products.count; p++) {
      if (weeks[i][p] === weeks[i - 1][p]) continue
      expect(isFirst).toBe(true)
      changes++
      if (weeks[i][p] > weeks[i - 1][p]) rises++
    }
  }
  products.launchWeek.forEach((week, p) => {
    if (week < first) growth.push(Math.log(weeks[WEEKS - 1][p] / weeks[0][p]) / 3)
  })
  const share = changes / months / products.count
  expect(share).toBeGreaterThan(0.05)
  expect(share).toBeLessThan(0.12)
  expect(rises / changes).toBeGreaterThan(0.6)
  expect(rises / changes).toBeLessThan(0.75)
  const mean = growth.reduce((a, b) => a + b, 0) / growth.length
  expect(mean).toBeGreaterThan(0.02)
  expect(mean).toBeLessThan(0.05)
})

test('the price of a week is known without the weeks before it, and stays after ten years', () => {
  expect(regularPricesOf(42, products, first + 100)(17)).toBe(weeks[100][17])
  const [later, last] = [521, 900].map((after) => regularPricesOf(42, products, first + after + 52))
  for (let p = 0; p < products.count; p++) expect(last(p)).toBe(later(p))
})

test('the list of all prices says what each week says, without gaps', () => {
  const prices = regularPrices(42, products, FROM)
  for (let i = 0; i < WEEKS; i += 4) {
    const day = Math.max(FROM, mondayOf(first + i))
    const listed = new Map(prices.filter(({ from }) => from <= day).map(({ product, cents }) => [product, cents]))
    const wrong = [...listed].filter(([p, cents]) => products.launchWeek[p] <= first + i && cents !== weeks[i][p])
    expect(wrong).toEqual([])
  }
  prices.forEach(({ product, from, cents }, i) => {
    const next = prices[i + 1]
    if (next?.product === product) expect(next.from > from && next.cents !== cents).toBe(true)
    else expect(next?.product ?? products.count).toBe(product + 1)
  })
})
