import { expect, test } from 'vitest'
import { rateOfLines } from './live.ts'

test('a rate is of the last minute, or of as long as one looked', () => {
  let now = 0
  const rate = rateOfLines(() => now)
  expect(rate(0, true)).toBeUndefined()
  now = 1_000
  expect(rate(50, true)).toBeUndefined()
  now = 10_000
  expect(rate(50, true)).toBe(600)
  for (now = 11_000; now <= 120_000; now += 1_000) rate(2, true)
  expect(rate(0, true)).toBeGreaterThanOrEqual(118)
  expect(rate(0, true)).toBeLessThanOrEqual(122)
})

test('a stream that ended has none, and the next one begins anew', () => {
  let now = 0
  const rate = rateOfLines(() => now)
  rate(1_000, true)
  now = 5_000
  expect(rate(0, false)).toBeUndefined()
  now = 6_000
  rate(0, true)
  now = 16_000
  expect(rate(10, true)).toBe(60)
})
