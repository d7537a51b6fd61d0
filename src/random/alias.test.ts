import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type AliasTable, aliasTable, bitsFor, drawAlias } from './alias.ts'

const weight = fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e6, noNaN: true }), fc.integer({ min: 1, max: 9 }))
const weights = fc.array(weight, { minLength: 1, maxLength: 300 }).filter((all) => all.some((one) => one > 0))

/** How many of the 2^32 words lead to each outcome, according to the table. */
function massOf({ bits, bins }: AliasTable): Float64Array {
  const mass = new Float64Array(bins.length)
  const chances = 2 ** (32 - bits)
  bins.forEach((entry, bin) => {
    mass[bin] += entry >>> bits
    mass[entry & (bins.length - 1)] += chances - (entry >>> bits)
  })
  return mass
}

describe('an alias table', () => {
  test('gives each outcome its weight to the last word that fits', () => {
    fc.assert(
      fc.property(weights, (given) => {
        const table = aliasTable(given)
        const total = given.reduce((a, b) => a + b, 0)
        const mass = massOf(table)
        const bound = 2 ** -(32 - table.bits) + 1e-12
        for (let i = 0; i < mass.length; i++)
          expect(Math.abs(mass[i] / 2 ** 32 - (given[i] ?? 0) / total)).toBeLessThanOrEqual(bound)
      }),
    )
  })

  test('never gives what has no weight', () => {
    fc.assert(
      fc.property(weights, (given) => {
        massOf(aliasTable(given)).forEach((mass, i) => {
          if (!(given[i] > 0)) expect(mass).toBe(0)
        })
      }),
    )
  })

  test('is drawn from as its words say, at the ends of every bin', () => {
    fc.assert(
      fc.property(weights, (given) => {
        const table = aliasTable(given)
        const { bits, bins } = table
        bins.forEach((entry, bin) => {
          const first = bin * 2 ** (32 - bits)
          const chance = entry >>> bits
          const other = entry & (bins.length - 1)
          expect(drawAlias(table, (first + 2 ** (32 - bits) - 1) >>> 0)).toBe(other)
          expect(drawAlias(table, first >>> 0)).toBe(chance > 0 ? bin : other)
          if (chance > 0) expect(drawAlias(table, (first + chance - 1) | 0)).toBe(bin)
        })
      }),
      { numRuns: 50 },
    )
  })

  test('needs something to draw', () => {
    for (const none of [[], [0, 0], [Number.NaN]]) expect(() => aliasTable(none)).toThrow(RangeError)
  })

  test('has as many bins as the next power of two', () => {
    expect([1, 2, 3, 4, 5, 256, 257].map(bitsFor)).toEqual([1, 1, 2, 2, 3, 8, 9])
  })
})
