import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyShop, rowsOfDays, shopWorld } from '../../test/worlds.ts'
import type { World } from '../world/world.ts'
import { beginBlock, simulateDays } from './block.ts'
import { cellAt, unitsIn } from './cell.ts'
import { ColumnBatch, Movement } from './column-batch.ts'

interface Span {
  store: number
  day: number
  lines: { from: number; to: number; first: number }
  movements: { from: number; to: number; first: number }
}

function spansOf({ spans, facts: { transactions, inventories } }: ColumnBatch): Span[] {
  let [line, movement] = [0, 0]
  return Array.from({ length: spans.n }, (_, i) => ({
    store: spans.store[i],
    day: spans.day[i],
    lines: { from: line, to: (line += transactions.length[i]), first: transactions.first[i] },
    movements: { from: movement, to: (movement += inventories.length[i]), first: inventories.first[i] },
  }))
}

/** What is wrong with the books of these rows; nothing is what we want. Plain loops: a check a row would take minutes. */
function* errorsIn(world: World, batch: ColumnBatch): Generator<string> {
  const { rows: lines } = batch.facts.transactions
  const { rows: movements } = batch.facts.inventories
  const next = new Map<string, [number, number]>()
  const onHand = new Map<string, number>()
  const sold = new Map<string, { product: number; quantity: number; second: number }>()
  for (const { store, day, lines: l, movements: m } of spansOf(batch)) {
    const at = `store ${store} day ${day}`
    const [line, movement] = next.get(at) ?? [1, 1]
    if (l.first !== line || m.first !== movement) yield `${at}: ids have a gap`
    next.set(at, [line + l.to - l.from, movement + m.to - m.from])
    const sales: number[] = []
    for (let i = m.from; i < m.to; i++) {
      if (movements.type[i] === Movement.sale) sales.push(i)
      if (i > m.from && movements.second[i] < movements.second[i - 1]) yield `${at}: movement ${i} goes back in time`
      if (movements.second[i] < 0 || movements.second[i] >= 86_400) yield `${at}: movement ${i} is of another day`
      const key = `${store}/${movements.product[i]}`
      const balance = (onHand.get(key) ?? 0) + movements.change[i]
      onHand.set(key, balance)
      const change = movements.change[i]
      if (balance < 0) yield `${at}: ${key} is below zero`
      if (change === 0) yield `${at}: movement ${i} moves nothing`
      const type = movements.type[i]
      if (change > 0 !== (type !== Movement.sale && type !== Movement.shrink))
        yield `${at}: movement ${i} has the wrong sign`
      if (type === Movement.opening && (day !== world.from || movements.second[i] !== 0))
        yield `${at}: opens on another day`
    }
    if (sales.length !== l.to - l.from) yield `${at}: ${sales.length} sale movements for ${l.to - l.from} lines`
    for (let i = l.from; i < l.to; i++) {
      const s = sales[i - l.from]
      const number = l.first + i - l.from
      if (lines.quantity[i] < 1) yield `${at}: line ${number} sells nothing`
      if (i > l.from && lines.second[i] < lines.second[i - 1]) yield `${at}: line ${number} goes back in time`
      const same = movements.product[s] === lines.product[i] && movements.second[s] === lines.second[i]
      if (!same || movements.change[s] !== -lines.quantity[i]) yield `${at}: line ${number} is not what was moved`
      if (batch.extended) {
        if (movements.referenceDay[s] !== day || movements.referenceNumber[s] !== number)
          yield `${at}: sale ${s} names another line`
        const basket = lines.basket[i]
        const begins = basket === number
        if (!begins && (i === l.from || lines.basket[i - 1] !== basket || lines.second[i - 1] !== lines.second[i]))
          yield `${at}: line ${number} is in no visit`
      }
      sold.set(`${store}/${day}/${number}`, {
        product: lines.product[i],
        quantity: lines.quantity[i],
        second: day * 86_400 + lines.second[i],
      })
    }
    if (!batch.extended) continue
    for (let i = m.from; i < m.to; i++) {
      if (movements.type[i] !== Movement.return) continue
      const key = `${store}/${movements.referenceDay[i]}/${movements.referenceNumber[i]}`
      const sale = sold.get(key)
      if (!sale || sale.product !== movements.product[i]) yield `${at}: return ${i} of what was never sold`
      else if (sale.quantity < movements.change[i]) yield `${at}: return ${i} of more than was sold`
      else if (day * 86_400 + movements.second[i] <= sale.second) yield `${at}: return ${i} before the sale`
      sold.delete(key)
    }
  }
}

const firstErrors = (world: World, batch: ColumnBatch): string[] => {
  const found: string[] = []
  for (const error of errorsIn(world, batch)) if (found.push(error) === 5) break
  return found
}

describe('the books of any shop', () => {
  test('close: each line has its movement, nothing is below zero, and what comes back was sold before', () => {
    fc.assert(
      fc.property(anyShop, fc.integer({ min: 1, max: 40 }), (shop, days) => {
        const world = shopWorld(shop)
        expect(firstErrors(world, rowsOfDays(world, days))).toEqual([])
      }),
      { numRuns: 25 },
    )
  })

  test('add up to the stock that the shop thinks it has', () => {
    fc.assert(
      fc.property(anyShop, fc.integer({ min: 1, max: 30 }), (shop, days) => {
        const world = shopWorld(shop)
        for (const block of world.blocks) {
          const cursor = beginBlock(world, block)
          const batch = new ColumnBatch(world.schema === 'extended')
          simulateDays(world, cursor, world.from + days, batch)
          const balance = new Int32Array(world.products.count * (block.hi - block.lo))
          for (const { store, movements: m } of spansOf(batch)) {
            for (let i = m.from; i < m.to; i++)
              balance[(store - block.lo) * world.products.count + batch.facts.inventories.rows.product[i]] +=
                batch.facts.inventories.rows.change[i]
          }
          for (let store = 0; store < cursor.state.stores; store++) {
            world.cluster(world.stores.cluster[block.lo + store]).products.forEach((product, i) => {
              const at = store * world.products.count + product
              balance[at] -= unitsIn(cursor.state.cells[cellAt(cursor.state.base[store] + i)])
            })
          }
          expect(balance.every((left) => left === 0)).toBe(true)
        }
      }),
      { numRuns: 15 },
    )
  })

  test('of a busy chain over a year have every kind of movement and about the configured lines', () => {
    const world = shopWorld({ stores: 4, products: 200, lines: 60, schema: 'extended' })
    const batch = rowsOfDays(world, 366)
    expect(firstErrors(world, batch)).toEqual([])
    expect([...new Set(batch.facts.inventories.rows.type.subarray(0, batch.facts.inventories.rows.n))].sort()).toEqual([
      0, 1, 2, 3, 4,
    ])
    const perStoreDay = batch.facts.transactions.rows.n / 366 / 4
    expect(perStoreDay).toBeGreaterThan(60 * 0.7)
    expect(perStoreDay).toBeLessThan(60 * 1.3)
  })
})
