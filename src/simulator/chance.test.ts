import { beforeAll, describe, expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { aliasTable } from '../random/alias.ts'
import { EXPONENTIALS } from '../random/exponential.ts'
import * as c from '../world/calibration.ts'
import { RESTOCKED_OF_16384 } from '../world/clusters.ts'
import type { World } from '../world/world.ts'
import { beginBlock, simulateDays, simulateHour } from './block.ts'
import { cellAt, cellOf, isOnOrder, NEVER } from './cell.ts'
import { DRAWS, type Draw, headsReaderOf, read, readerOf } from './chance.ts'
import { ColumnBatch, Movement } from './column-batch.ts'
import { QUANTITIES } from './quantities.ts'

const words = Object.entries(DRAWS) as [string, Record<string, Draw>][]

describe('decisions that are read from one word', () => {
  test.each(words)('do not share a bit: %s', (_, draws) => {
    let taken = 0n
    for (const [name, { from, width }] of Object.entries(draws)) {
      const bits = (2n ** BigInt(width) - 1n) << BigInt(from)
      expect(taken & bits, name).toBe(0n)
      expect(bits < 2n ** 32n, name).toBe(true)
      taken |= bits
    }
  })

  test('have as many outcomes as the tables and rates that they are held against', () => {
    const { visit, line, substitution, order, comeback } = DRAWS
    for (const draw of [visit.gap, order.wait, comeback.days]) expect(draw.outcomes).toBe(EXPONENTIALS.length)
    expect(QUANTITIES).toHaveLength(c.QUANTITY_ONE.length * line.quantity.outcomes)
    // The constants say in their names what they are out of.
    expect(line.returned.outcomes).toBe(16_384)
    expect(line.complements.outcomes).toBe(32)
    expect(line.complement.outcomes).toBe(8)
    expect(substitution.accepted.outcomes).toBe(1024)
    expect(order.late.outcomes).toBe(1024)
  })

  test('read their own bits and no other', () => {
    for (const [, draws] of words)
      for (const draw of Object.values(draws)) {
        const mine = ((2 ** draw.width - 1) * 2 ** draw.from) >>> 0
        for (const outcome of [(word: number) => read(word, draw), readerOf(draw)])
          expect([mine, ~mine >>> 0].map(outcome)).toEqual([draw.outcomes - 1, 0])
      }
  })

  test('heads in a row halve, and end with the width', () => {
    const draw = DRAWS.visit.lines
    const headsIn = headsReaderOf(draw)
    for (let heads = 0; heads < draw.width; heads++) {
      const first = 2 ** (draw.width - 1 - heads)
      expect([first, 2 * first - 1].map((word) => headsIn(word | (0xfff << draw.width)))).toEqual([heads, heads])
    }
    expect(headsIn(0)).toBe(draw.width)
  })
})

const DAYS = 6
const LINES = 4000

/** A store of one shelf that everybody wants, over the six days that no review interrupts, and until the last goods are back. */
function everybodyWants(often: boolean, stocked: boolean): { sold: number; returned: number; rate: number } {
  const world = shopWorld({ stores: 1, products: 100, lines: LINES, schema: 'extended' })
  const cursor = beginBlock(world, world.blocks[0])
  const batch = new ColumnBatch(true)
  for (let hour = 0; hour < 24; hour++) simulateHour(world, cursor, batch)
  batch.clear()

  const { carried, products } = world.cluster(world.stores.cluster[0])
  const { cells } = cursor.state
  const rateOf = (i: number) =>
    ((RESTOCKED_OF_16384[world.products.type[products[i]]] * world.stores.returnsOf256[0]) >> 8) /
    DRAWS.line.returned.outcomes
  // A neighbor of its type, and none of either on its way.
  const fits = (i: number) =>
    world.products.type[products[i]] === world.products.type[products[i + 1]] &&
    !isOnOrder(cells[cellAt(i)]) &&
    !isOnOrder(cells[cellAt(i + 1)])
  const wanted = Array.from({ length: carried - 1 }, (_, i) => i)
    .filter(fits)
    .reduce((a, b) => (rateOf(a) < rateOf(b) === often ? b : a))
  cells.set([cellOf(stocked ? 1e6 : 0), NEVER, cellOf(1e6), NEVER], cellAt(wanted))
  const alias = aliasTable(Array.from({ length: carried }, (_, i) => (i === wanted ? 1 : 0)))
  const complements = new Uint16Array(carried * 8).fill(wanted)
  const one: World = { ...world, week: (...key) => ({ ...world.week(...key), alias, complements }) }
  // What it sells is fixed at local midnight: until then all sorts of things.
  const [begins, ends] = [world.from + 2, world.from + DAYS]
  let [sold, returned] = [0, 0]
  for (let day = world.from + 1; day < ends + c.RETURN_MAX_DAYS + 2; day++) {
    batch.clear()
    simulateDays(one, cursor, day + 1, batch)
    if (day >= begins && day < ends) sold += batch.facts.transactions.rows.n
    const { n, type, referenceDay } = batch.facts.inventories.rows
    for (let i = 0; i < n; i++)
      if (type[i] === Movement.return && referenceDay[i] >= begins && referenceDay[i] < ends) returned++
  }
  return { sold, returned, rate: rateOf(wanted) }
}

/** Within four deviations of what as many draws give. */
function expectRate(times: number, of: number, rate: number): void {
  expect(Math.abs(times - of * rate)).toBeLessThan(4 * Math.sqrt(of * rate * (1 - rate)))
}

describe.each([
  ['seldom', false],
  ['often', true],
] as const)('goods that come back %s', (_, often) => {
  let [asked, taken] = [
    { sold: 0, returned: 0, rate: 0 },
    { sold: 0, returned: 0, rate: 0 },
  ]
  beforeAll(() => {
    asked = everybodyWants(often, true)
    taken = everybodyWants(often, false)
  })

  test('come back at the configured rate', () => {
    expect(asked.sold).toBeGreaterThan(0.5 * DAYS * LINES)
    expectRate(asked.returned, asked.sold, asked.rate)
  })

  test('taken in place of what was out of stock come back at that rate, too', () => {
    expectRate(taken.sold, asked.sold, c.SUBSTITUTE_OF_1024 / DRAWS.substitution.accepted.outcomes)
    expectRate(taken.returned, taken.sold, taken.rate)
  })
})
