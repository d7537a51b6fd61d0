import { beforeAll, expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { beginBlock, simulateDays } from '../simulator/block.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { NOBODY } from '../simulator/visitors.ts'
import { rowsOf } from './dimensions.ts'

const YEAR = 365
const MONTH = 30
/** A year and a half of a small chain, so that there are twelve months of cohorts. */
const DAYS = 540
const world = shopWorld({ stores: 4, products: 60, lines: 60, schema: 'extended' })

interface Visits {
  /** The days of each customer's visits, by number; a visit is a basket. */
  days: Map<number, number[]>
  cents: Map<number, number>
  visits: number
}
let found: Visits

beforeAll(() => {
  found = { days: new Map(), cents: new Map(), visits: 0 }
  for (const block of world.blocks) {
    const cursor = beginBlock(world, block)
    const batch = new ColumnBatch(true)
    for (let day = 0; day < DAYS; day += MONTH) {
      simulateDays(world, cursor, world.from + day + MONTH, batch)
      count(batch, found)
      batch.clear()
    }
  }
})

function count({ facts: { transactions }, spans }: ColumnBatch, all: Visits): void {
  const { rows, length } = transactions
  let row = 0
  for (let span = 0; span < spans.n; span++) {
    let basket = 0
    for (const end = row + length[span]; row < end; row++) {
      const who = rows.customer[row]
      const isVisit = rows.basket[row] !== basket
      basket = rows.basket[row]
      if (isVisit) all.visits++
      if (who === NOBODY) continue
      if (isVisit) all.days.set(who, [...(all.days.get(who) ?? []), spans.day[span]])
      all.cents.set(who, (all.cents.get(who) ?? 0) + world.products.prices[rows.price[row]] * rows.quantity[row])
    }
  }
}

/** Those who joined in the first half year of history: number, day, and days of visits. */
const joined = () =>
  Array.from({ length: world.stores.count }, (_, store) => world.customers.of(store)).flatMap(({ first, hour }) =>
    Array.from(hour, (at, i) => ({ day: Math.floor(at / 24), days: found.days.get(first + i + 1) ?? [] })).filter(
      ({ day }) => day > world.from && day < world.from + DAYS - YEAR,
    ),
  )

test('half of the visits have a customer, and a card is first used on the day it was taken, or soon after', () => {
  const carded = [...found.days.values()].reduce((sum, { length }) => sum + length, 0)
  expect(carded / found.visits).toBeGreaterThan(0.4)
  expect(carded / found.visits).toBeLessThan(0.65)
  const all = joined()
  expect(all.length).toBeGreaterThan(300)
  const atOnce = all.filter(({ day, days }) => days.length > 0 && days[0] - day <= 1).length
  expect(atOnce / all.length).toBeGreaterThan(0.75)
  expect(all.every(({ day, days }) => days.every((each) => each >= day))).toBe(true)
})

/** Half to 85 % of customers buy again within a year: a bound of ours (docs/realism.md). */
test('most customers come again within a year, and many never do', () => {
  const all = joined()
  const again = all.filter(({ day, days }) => days.filter((each) => each < day + YEAR).length > 1).length
  expect(again / all.length).toBeGreaterThan(0.5)
  expect(again / all.length).toBeLessThan(0.85)
})

/** Kim, Singh & Winer (2017): 0.73 on average, 0.6 to 0.85 for most goods; McCarthy & Winer (2019): 0.67. */
test('a fifth of the customers bring most of the revenue of customers', () => {
  const revenue = [...found.cents.values()].sort((a, b) => b - a)
  const sum = (cents: readonly number[]) => cents.reduce((a, b) => a + b, 0)
  const top = sum(revenue.slice(0, Math.round(revenue.length / 5))) / sum(revenue)
  expect(top).toBeGreaterThan(0.6)
  expect(top).toBeLessThan(0.82)
})

/**
 * Visits of a month of those who come are Poisson with a gamma rate of shape 1/2 (Schmittlein et al. 1987; 0.24 to 0.6 in
 * Fader, Hardie & Lee 2005): of a negative binomial, variance = mean + mean² / shape.
 */
test('visits are negative binomial with a shape near a half', () => {
  const at = (world.from + 9 * MONTH) * 24
  const to = at + 2 * MONTH * 24
  const counts = Array.from({ length: world.stores.count }, (_, store) => world.customers.of(store)).flatMap((all) =>
    Array.from(all.hour, (hour, i) => ({ hour, i }))
      // Without those who join or leave within these months.
      .filter(({ hour, i }) => hour < at && hour + all.stays[i] > to)
      .map(({ i }) => (found.days.get(all.first + i + 1) ?? []).filter((d) => d >= at / 24 && d < to / 24).length),
  )
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length
  const variance = counts.reduce((sum, n) => sum + (n - mean) ** 2, 0) / counts.length
  const shape = mean ** 2 / (variance - mean)
  expect(counts.length).toBeGreaterThan(300)
  expect(shape).toBeGreaterThan(0.3)
  expect(shape).toBeLessThan(0.8)
})

/** Falls by half after the first month, then ever more slowly: the curve of Fader & Hardie (2007), "How to project retention". */
test('the part of a cohort that still comes falls, and flattens', () => {
  const all = joined()
  const active = Array.from(
    { length: 12 },
    (_, month) =>
      all.filter(({ day, days }) => days.some((each) => Math.floor((each - day) / MONTH) === month)).length /
      all.length,
  )
  const quarters = [1, 4, 7].map((from) => (active[from] + active[from + 1] + active[from + 2]) / 3)
  expect(active[0]).toBeGreaterThan(0.85)
  expect(quarters[0]).toBeLessThan(0.6)
  expect(quarters[1]).toBeLessThan(quarters[0])
  expect(quarters[2]).toBeLessThan(quarters[1])
  expect(quarters[2]).toBeGreaterThan(0.15)
  expect(quarters[1] - quarters[2]).toBeLessThan(active[0] - quarters[0])
})

test('every customer has a store, a city of its state, a time, and an address that cannot exist', () => {
  const rows = rowsOf(world, 'customer')
  const stores = new Map(rowsOf(world, 'store').map((row) => [row.store_id, String(row.location)]))
  expect(rows.length).toBe(world.counts.customer)
  expect(new Set(rows.map(({ email }) => email)).size).toBe(rows.length)
  for (const { email, city, home_store_id, joined: at } of rows) {
    expect(email).toMatch(/^[a-z]+\.[a-z]+\.\d+@example\.(com|net|org)$/)
    expect(String(city).slice(-2)).toBe(stores.get(home_store_id)!.slice(-2))
    expect(Number(at)).toBeGreaterThan((world.from - 3 * YEAR) * 86_400)
  }
})

test('the sales are those of a strict world, and any block of any day is computed alone', () => {
  const cells = (schema: 'strict' | 'extended', blocks: readonly number[]) => {
    const shop = shopWorld({ stores: 4, products: 60, lines: 60, schema })
    const batch = new ColumnBatch(schema === 'extended')
    for (const block of blocks) simulateDays(shop, beginBlock(shop, shop.blocks[block]), shop.from + 40, batch)
    const { rows } = batch.facts.transactions
    const upTo = (column: ArrayLike<number>) => Array.from({ length: rows.n }, (_, i) => column[i])
    return { sales: [rows.product, rows.second, rows.quantity, rows.price].map(upTo), customers: upTo(rows.customer) }
  }
  const all = cells('extended', [0, 1, 2, 3])
  expect(cells('strict', [0, 1, 2, 3]).sales).toEqual(all.sales)
  const alone = cells('extended', [2]).customers
  const before = cells('extended', [0, 1]).customers.length
  expect(all.customers.slice(before, before + alone.length)).toEqual(alone)
})
