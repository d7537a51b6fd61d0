import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { rowsOfDays, shopWorld } from '../../test/worlds.ts'
import { type FactName, facts, tables } from '../tables/index.ts'
import { SECONDS_PER_DAY } from '../time.ts'
import { MODULUS, noSums } from './checksum.ts'
import { type Take, weighed } from './fingerprint.ts'
import { integersOf, yymmdd } from './integers.ts'
import { hashSomeRows, sumSomeRows, valuesOfRow } from './sum-rows.ts'

const all: Take = () => true
const weightsIn = (world: ReturnType<typeof shopWorld>, table: FactName) =>
  weighed(table, integersOf(table, world.schema, world.ids, world), all)

describe.each(['strict', 'extended'] as const)('in a %s world', (schema) => {
  const world = shopWorld({ schema })

  test.each(facts)('the largest fingerprint of $name is exact in a double', ({ name }) => {
    const weights = weightsIn(world, name)
    const most = weights.reduce(
      (sum, { integer, weight }) => sum + BigInt(Math.ceil(integer.most)) * BigInt(weight),
      0n,
    )
    expect(most).toBeLessThan(2n ** 53n)
    expect(new Set(weights.map(({ weight }) => weight)).size).toBe(weights.length)
  })

  test.each(facts)('both sides of a row of $name, and the sums of their squares, are exact', ({ name }) => {
    const weights = weightsIn(world, name)
    const batch = rowsOfDays(world, 1)
    const [store, day, n] = [batch.spans.store[0], batch.spans.day[0], batch.facts[name].length[0]]
    const place = [yymmdd(day), store + 1, day * SECONDS_PER_DAY] as const
    const rows = batch.facts[name].rows
    const [a, b] = [new Int32Array(n), new Int32Array(n)]
    hashSomeRows(world, name, all)(rows, 0, n, 1, ...place, a, b, 0)
    const sums = noSums()
    sumSomeRows(world, name, all)(rows, 0, n, 1, ...place, sums)
    const values = valuesOfRow(world, name, all)
    const squares = [0n, 0n]
    for (let row = 0; row < n; row++) {
      const integers = values(rows, row, row + 1, ...place)
      const x = weights.reduce((sum, { weight }, i) => sum + BigInt(integers[i]) * BigInt(weight), 0n)
      const sides = [x % BigInt(MODULUS), x % 2n ** 31n]
      expect([a[row], b[row]].map(BigInt)).toEqual(sides)
      for (const side of [0, 1]) squares[side] += sides[side] ** 2n
    }
    expect(n).toBeGreaterThan(3)
    expect([BigInt(sums.a), BigInt(sums.b)].map((sum) => sum % BigInt(MODULUS))).toEqual(
      squares.map((sum) => sum % BigInt(MODULUS)),
    )
  })

  test.each(facts)('no change of two integers of $name cancels out', ({ name }) => {
    const weights = weightsIn(world, name)
    const change = fc.tuple(fc.nat(weights.length - 1), fc.integer({ min: 1, max: 100_000 }), fc.boolean())
    fc.assert(
      fc.property(change, change, ([i, by, isLess], [j, more]) => {
        fc.pre(i !== j)
        const difference =
          BigInt(weights[i].weight) * BigInt(isLess ? -by : by) + BigInt(weights[j].weight) * BigInt(more)
        // Seconds and microseconds of an instant are one number.
        fc.pre(weights[i].column !== weights[j].column)
        expect(difference).not.toBe(0n)
      }),
    )
  })
})

test('columns that would make a fingerprint inexact are refused', () => {
  const world = shopWorld()
  const integers = integersOf('transactions', 'strict', world.ids, world)
  const huge = integers.map((of) => ({ ...of, integer: { ...of.integer, most: 2 ** 52 } }))
  expect(Object.keys(tables.transactions.columns).length).toBeGreaterThan(5)
  expect(() => weighed('transactions', huge, all)).toThrow(/weighs too much to be exact/)
})
