import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { unsnap } from '../../test/unsnap.ts'
import { timestampChunk } from './timestamps.ts'

/** Days of visits, whose lines share a second; and seconds in no order at all. */
const visit = fc.record({ second: fc.nat(86_399), lines: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.nat(40)) })
const day = fc.record({ day: fc.nat(36_000), visits: fc.array(visit, { maxLength: 40 }), sorted: fc.boolean() })

function columnOf(
  days: readonly { day: number; visits: readonly { second: number; lines: number }[]; sorted: boolean }[],
) {
  const seconds = days.map(({ visits, sorted }) => {
    const all = visits.flatMap(({ second, lines }) => Array.from({ length: lines }, () => second))
    return sorted ? all.sort((a, b) => a - b) : all
  })
  return {
    seconds: Int32Array.from(seconds.flat()),
    days: Int32Array.from(days, ({ day }) => day),
    lengths: Int32Array.from(seconds, ({ length }) => length),
  }
}

test('timestamps as Snappy elements are microseconds since 1970, row by row', () => {
  fc.assert(
    fc.property(fc.array(day, { minLength: 1, maxLength: 6 }), (given) => {
      const { seconds, days, lengths } = columnOf(given)
      const expected = Array.from(days).flatMap((day, span) => {
        const before = lengths.subarray(0, span).reduce((sum, n) => sum + n, 0)
        return Array.from(
          seconds.subarray(before, before + lengths[span]),
          (s) => BigInt(day * 86_400 + s) * 1_000_000n,
        )
      })
      for (const plain of [false, true]) {
        const chunk = timestampChunk(seconds, seconds.length, days, lengths, plain)
        const read = [...chunk.pages].flatMap(({ body: [bytes] }) => {
          const page = plain ? Buffer.from(bytes) : unsnap(bytes)
          return Array.from({ length: page.length / 8 }, (_, i) => page.readBigInt64LE(i * 8))
        })
        expect(read).toEqual(expected)
      }
    }),
    { numRuns: 300 },
  )
})

test('up to eight further lines of a visit cost two or three bytes together', () => {
  const bytes = (lines: number) => {
    const seconds = new Int32Array(lines).fill(40_000)
    const [{ body }] = timestampChunk(seconds, lines, Int32Array.of(19_800), Int32Array.of(lines), false).pages
    return body[0].length
  }
  expect([2, 5, 8, 9].map((lines) => bytes(lines) - bytes(1))).toEqual([2, 3, 3, 3])
  expect(bytes(1)).toBe(1 + 1 + 8)
})
