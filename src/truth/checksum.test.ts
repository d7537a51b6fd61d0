import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addRow, MODULUS, noSums, reduce, rowSums, squared, weightsOf } from './checksum.ts'

const P = BigInt(MODULUS)
const cell = fc.oneof(fc.nat(99), fc.nat(1_048_576 * 2), fc.nat(2_147_483_647))
const row = fc.array(cell, { minLength: 2, maxLength: 12 })

/** The same in integers without a limit. */
const exactly = (values: readonly number[], side: 0 | 1): number => {
  const p = values.reduce((sum, value, i) => sum + BigInt(value) * BigInt(weightsOf(i, side)), 0n) % P
  return Number((p * p) % P)
}
const sumsOf = (rows: readonly number[][]) => {
  const sums = noSums()
  for (const values of rows) addRow(sums, values)
  return sums
}

test('arithmetic in 53 bits is exact', () => {
  fc.assert(fc.property(fc.maxSafeNat(), (x) => reduce(x) === Number(BigInt(x) % P)))
  fc.assert(fc.property(fc.nat(MODULUS - 1), (p) => squared(p) === Number((BigInt(p) * BigInt(p)) % P)))
  expect([0, MODULUS - 1, MODULUS, MODULUS + 1, Number.MAX_SAFE_INTEGER].map(reduce)).toEqual([
    0,
    MODULUS - 1,
    0,
    1,
    Number(BigInt(Number.MAX_SAFE_INTEGER) % P),
  ])
})

describe('the checksum of rows', () => {
  test('is what integers without a limit give', () => {
    fc.assert(
      fc.property(row, (values) => void expect(rowSums(values)).toEqual([exactly(values, 0), exactly(values, 1)])),
    )
  })

  test('does not care for their order', () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 20 }),
        (rows) => void expect(sumsOf([...rows].reverse())).toEqual(sumsOf(rows)),
      ),
    )
  })

  test('changes with any one cell', () => {
    fc.assert(
      fc.property(row, fc.nat(), cell, (values, where, value) => {
        const i = where % values.length
        fc.pre(values[i] !== value)
        expect(rowSums(values.with(i, value))).not.toEqual(rowSums(values))
      }),
    )
  })

  test('changes when two rows swap a value', () => {
    fc.assert(
      fc.property(row, row, fc.nat(), (one, other, where) => {
        const i = where % Math.min(one.length, other.length)
        const others = (values: readonly number[]) => values.with(i, 0)
        fc.pre(one[i] !== other[i] && String(others(one)) !== String(others(other)))
        expect(sumsOf([one.with(i, other[i]), other.with(i, one[i])])).not.toEqual(sumsOf([one, other]))
      }),
    )
  })

  test('changes when a row is doubled in place of another', () => {
    fc.assert(
      fc.property(row, row, (one, other) => {
        fc.pre(String(one) !== String(other))
        expect(sumsOf([one, one])).not.toEqual(sumsOf([one, other]))
      }),
    )
  })
})
