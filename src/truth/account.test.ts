import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { valuesOfRow } from '../../test/naive.ts'
import { anyShop, rowsOfDays, shopWorld } from '../../test/worlds.ts'
import { beginBlock } from '../simulator/block.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { LiveTimeline } from '../simulator/live-timeline.ts'
import { byFact, facts } from '../tables/index.ts'
import { afterMicros, firstDayOf, monthOf, parseSecond } from '../time.ts'
import { CATEGORIES } from '../world/calibration.ts'
import type { World } from '../world/world.ts'
import { accountBlock } from './account.ts'
import { CITIES_MAX, dailySalesValues, monthlyStockValues, stockValues } from './block-truth.ts'
import { addRow, MODULUS, noSums, rowSums, type Sums } from './checksum.ts'
import { dollars, type PlainRow, plainRows, rowsOfDay } from './rows.ts'
import { type Truth, totalTruth } from './total.ts'

const DAY = 86_400
const PRIME = BigInt(MODULUS)

/** Books kept row by row, in maps, as a person would. */
function naiveBooks(world: World, days: number, raw: number, marts: number) {
  const batch = rowsOfDays(world, days)
  const perDay = () => Array.from({ length: days }, noSums)
  const books = {
    facts: byFact(perDay),
    dailySales: perDay(),
    revenueCents: new Array<number>(days).fill(0),
    units: new Array<number>(days).fill(0),
    stockRaw: noSums(),
    stockMarts: noSums(),
    change: 0,
    monthlySales: new Map<number, number[]>(),
    productSales: new Map<string, number[]>(),
    stockLevels: new Map<number, number[]>(),
    monthlyStock: new Map<number, Sums>(),
  }
  const add = (sums: Map<number, number[]>, key: number, values: number[]) =>
    sums.set(key, sums.get(key)?.map((sum, i) => sum + values[i]) ?? values)
  const rowsOf = (table: 'transactions' | 'inventories') =>
    [...plainRows(world, table, batch)].map(({ row, second, store }) => ({
      row,
      second,
      store,
      day: Math.floor(second / DAY) - world.from,
    }))
  const sales = new Map<string, number[]>()
  for (const { row, second, store, day } of rowsOf('transactions')) {
    if (second >= raw) continue
    const quantity = Number(row.quantity)
    const revenue = quantity * Math.round(Number(row.unit_price) * 100)
    addRow(books.facts.transactions[day], valuesOfRow(row))
    books.revenueCents[day] += revenue
    books.units[day] += quantity
    if (second >= marts) continue
    const category = world.products.category[Number(row.product_id.slice(1)) - 1]
    const key = [day, store, category].join()
    const [cents, units, lines] = sales.get(key) ?? [0, 0, 0]
    sales.set(key, [cents + revenue, units + quantity, lines + 1])
    const place = (monthOf(world.from + day) - monthOf(world.from)) * CITIES_MAX + world.stores.city[store]
    const product = [place, Number(row.product_id.slice(1)), category].join()
    books.productSales.set(
      product,
      (books.productSales.get(product) ?? [0, 0, 0]).map((sum, i) => sum + [revenue, quantity, 1][i]),
    )
  }
  for (const [key, [cents, units, lines]] of sales) {
    const [day, store, category] = key.split(',').map(Number)
    addRow(books.dailySales[day], dailySalesValues(world.from + day, store, category, cents, units, lines))
    const month = monthOf(world.from + day) - monthOf(world.from)
    add(books.monthlySales, (month * CITIES_MAX + world.stores.city[store]) * 5 + category, [cents, units, lines])
  }
  const moved = rowsOf('inventories')
  for (const { row, second, day } of moved) if (second < raw) addRow(books.facts.inventories[day], valuesOfRow(row))
  const stockAt = (cut: number): Sums => {
    const stock = new Map<string, [PlainRow, number]>()
    for (const { row, second } of moved) {
      if (second >= cut) continue
      const key = `${row.store_id} ${row.product_id}`
      stock.set(key, [row, (stock.get(key)?.[1] ?? 0) + Number(row.quantity_change)])
    }
    const sums = noSums()
    for (const [row, onHand] of stock.values()) {
      if (cut === marts) {
        const city = world.stores.city[Number(row.store_id.slice(1)) - 1]
        const category = world.products.category[Number(row.product_id.slice(1)) - 1]
        add(books.stockLevels, city * 5 + category, [1, onHand, onHand === 0 ? 1 : 0])
      }
      addRow(
        sums,
        stockValues(
          Number(row.store_id.slice(1)) - 1,
          Number(row.product_id.slice(1)) - 1,
          onHand,
          parseSecond(row.timestamp)!,
        ),
      )
    }
    return sums
  }
  if (raw !== marts) books.stockRaw = stockAt(raw)
  books.stockMarts = stockAt(marts)
  if (raw === marts) books.stockRaw = books.stockMarts
  for (const month of new Set(moved.map(({ day }) => monthOf(world.from + day)))) {
    const rows = new Map<string, number[]>()
    const stock = new Map<string, number>()
    const before = moved.filter(({ second, day }) => second < marts && monthOf(world.from + day) <= month)
    for (const { row, day } of before) {
      const product = Number(row.product_id.slice(1)) - 1
      const key = [Number(row.store_id.slice(1)) - 1, world.products.category[product]].join()
      const cells = rows.get(key) ?? [0, 0, 0, 0, 0]
      const item = `${key},${product}`
      const change = Number(row.quantity_change)
      const onHand = (stock.get(item) ?? 0) + change
      cells[0] += stock.has(item) ? 0 : 1
      cells[1] += change
      cells[2] += (onHand === 0 ? 1 : 0) - (stock.get(item) === 0 ? 1 : 0)
      if (monthOf(world.from + day) === month) {
        cells[3] += change
        cells[4]++
      }
      stock.set(item, onHand)
      rows.set(key, cells)
    }
    for (const [key, cells] of rows) {
      const [store, category] = key.split(',').map(Number)
      const at = (month - monthOf(world.from)) * CITIES_MAX + world.stores.city[store]
      const sums = books.monthlyStock.get(at) ?? noSums()
      addRow(sums, monthlyStockValues(firstDayOf(month), store, category, cells))
      books.monthlyStock.set(at, sums)
    }
  }
  for (const { row, second } of moved) if (second < marts) books.change += Number(row.quantity_change)
  return books
}

/** By place: the sum of weight × row, by the formula of the SQL. */
function productSumsOf(rows: ReadonlyMap<string, readonly number[]>): Map<number, bigint[]> {
  const sums = new Map<number, bigint[]>()
  for (const [key, [cents, units, lines]] of rows) {
    const [place, product, category] = key.split(',').map(Number)
    const weight = (prime: number) => BigInt(((product * product * 7919 + product * 104_729) % prime) + 1)
    const a = weight(65_519) * BigInt(cents + 131 * units + lines * (17 + 29 * category))
    const b = weight(65_521) * BigInt(3 * cents + 977 * units + lines * (5 + 37 * category))
    const [x, y] = sums.get(place) ?? [0n, 0n]
    sums.set(place, [(x + a) % PRIME, (y + b) % PRIME])
  }
  return sums
}
const productSums = ({ productSales: { a, b } }: Truth): Map<number, bigint[]> =>
  new Map(a.flatMap((sum, at) => (sum > 0 ? [[at, [BigInt(sum) % PRIME, BigInt(b[at]) % PRIME]]] : [])))

const plain = ({ rows, a, b }: { rows: bigint; a: bigint; b: bigint }): Sums => ({
  rows: Number(rows),
  a: Number(a),
  b: Number(b),
})

test('the accounts of any shop, cut anywhere, are those kept row by row', () => {
  const cut = fc.nat(8 * DAY)
  fc.assert(
    fc.property(anyShop, cut, cut, (shop, a, b) => {
      const world = shopWorld({ ...shop, lines: 1 + (shop.lines % 80) })
      const [marts, raw] = [Math.min(a, b), Math.max(a, b)].map((second) => world.from * DAY + second)
      const truth = totalTruth(world.blocks.map((block) => accountBlock(world, block, { raw, marts })!))
      const books = naiveBooks(world, Math.ceil(raw / DAY) - world.from, raw, marts)
      expect(truth.facts.transactions.map(plain)).toEqual(books.facts.transactions)
      expect(truth.facts.inventories.map(plain)).toEqual(books.facts.inventories)
      expect(truth.dailySales.map(plain)).toEqual(books.dailySales)
      expect(truth.revenueCents).toEqual(books.revenueCents)
      expect(truth.units).toEqual(books.units)
      expect([truth.stockRaw, truth.stockMarts].map(plain)).toEqual([books.stockRaw, books.stockMarts])
      expect(truth.monthlyChange.reduce((sum, n) => sum + n, 0)).toBe(books.change)
      expect(truth.monthlySales).toEqual(books.monthlySales)
      expect(productSums(truth)).toEqual(productSumsOf(books.productSales))
      expect(truth.stockLevels).toEqual(books.stockLevels)
      expect(
        new Map(truth.monthlyStock.flatMap((sums, at) => (sums.rows > 0n ? [[at, plain(sums)] as const] : []))),
      ).toEqual(books.monthlyStock)
      expect(truth.ledgerErrors).toBe(0)
    }),
    { numRuns: 15 },
  )
})

test('an account that is cut within a second holds the rows that a stream has delivered by then', () => {
  let within = 0
  fc.assert(
    fc.property(anyShop, fc.nat(10_000), fc.nat(999_999), (shop, at, micros) => {
      const world = shopWorld({ ...shop, lines: 1 + (shop.lines % 80) })
      const seconds = [...plainRows(world, 'inventories', rowsOfDays(world, 2))].map(({ second }) => second)
      const raw = afterMicros(seconds[at % seconds.length], micros)
      const delivered = new ColumnBatch(world.schema === 'extended')
      const cursors = world.blocks.map((block) => beginBlock(world, block))
      LiveTimeline.open(world, cursors, world.from * DAY).advanceTo(raw, delivered)
      const books = byFact(() => Array.from({ length: Math.ceil(raw / DAY) - world.from }, noSums))
      for (const { name } of facts)
        for (const { row, second } of plainRows(world, name, delivered)) {
          if (second === Math.floor(raw)) within++
          addRow(books[name][Math.floor(second / DAY) - world.from], valuesOfRow(row))
        }
      const truth = totalTruth(world.blocks.map((block) => accountBlock(world, block, { raw, marts: undefined })!))
      for (const { name } of facts) expect(truth.facts[name].map(plain)).toEqual(books[name])
    }),
    { numRuns: 15 },
  )
  expect(within).toBeGreaterThan(0)
})

test('what a city moved in a month is booked there', () => {
  const world = shopWorld({ stores: 6, lines: 40, from: '2024-01-25' })
  const end = (world.from + 14) * DAY
  const truth = totalTruth(world.blocks.map((block) => accountBlock(world, block, { raw: end, marts: end })!))
  const expected = new Map<number, [number, number]>()
  for (const { store, second, row } of plainRows(world, 'inventories', rowsOfDays(world, 14))) {
    const at = (second >= (world.from + 7) * DAY ? CITIES_MAX : 0) + world.stores.city[store]
    const [change, count] = expected.get(at) ?? [0, 0]
    expected.set(at, [change + Number(row.quantity_change), count + 1])
  }
  expect(truth.monthlyMovements).toHaveLength(2 * CITIES_MAX)
  const booked = truth.monthlyChange.map((change, at) => [change, truth.monthlyMovements[at]])
  expect(booked).toEqual(booked.map((_, at) => expected.get(at) ?? [0, 0]))
})

test('without marts there are no expected marts', () => {
  const world = shopWorld()
  const truth = totalTruth(
    world.blocks.map((block) => accountBlock(world, block, { raw: (world.from + 2) * DAY, marts: undefined })!),
  )
  expect(truth.facts.transactions.every(({ rows }) => rows > 0n)).toBe(true)
  expect([...truth.dailySales, truth.stockMarts].every(({ rows }) => rows === 0n)).toBe(true)
})

test('the rows of one day and some stores are those of the whole', () => {
  const world = shopWorld({ stores: 5, schema: 'extended' })
  const whole = rowsOfDays(world, 4)
  const day = world.from + 2
  const before = day * DAY + 70_000
  for (const table of ['transactions', 'inventories'] as const) {
    const some = rowsOfDay(world, table, day, [1, 3], before)
    expect([...some.keys()]).toEqual([1, 3])
    for (const [store, rows] of some) {
      const wanted = [...plainRows(world, table, whole)].filter(
        (at) => at.store === store && Math.floor(at.second / DAY) === day && at.second < before,
      )
      expect(rows).toEqual(wanted.map(({ row }) => row))
    }
  }
})

test('a cent moved between two stores of a day changes the sums of that day', () => {
  expect(rowSums([240_131, 1, 0, 1999, 2, 1])).not.toEqual(rowSums([240_131, 1, 0, 1998, 2, 1]))
  expect([0, 5, 49, 100, 123_456].map(dollars)).toEqual(['0.00', '0.05', '0.49', '1.00', '1234.56'])
  expect(CATEGORIES).toHaveLength(5)
})
