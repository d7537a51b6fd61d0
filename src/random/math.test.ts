import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { EXPONENTIAL_TAIL, EXPONENTIALS } from './exponential.ts'
import { exp, ln, pow, sqrt } from './math.ts'

const close = (ours: number, theirs: number) => Math.abs(ours - theirs) <= 1e-12 * Math.max(1, Math.abs(theirs))
const numbers = (min: number, max: number) => fc.double({ min, max, noNaN: true })
const positive = numbers(-300, 300).map((power) => 10 ** power)

test('ln and sqrt agree with the engine over all sizes', () => {
  fc.assert(fc.property(positive, (x) => close(ln(x), Math.log(x)) && Math.abs(sqrt(x) / Math.sqrt(x) - 1) < 1e-12))
  expect(sqrt(0)).toBe(0)
})

test('exp and pow agree with the engine', () => {
  fc.assert(fc.property(numbers(-50, 50), (x) => Math.abs(exp(x) / Math.exp(x) - 1) < 1e-12))
  fc.assert(fc.property(numbers(1e-4, 1e4), numbers(-3, 3), (x, y) => Math.abs(pow(x, y) / x ** y - 1) < 1e-12))
  expect(pow(0, 0.8)).toBe(0)
})

test('there is no logarithm of nothing', () => {
  for (const x of [0, -1, Number.NaN]) expect(() => ln(x)).toThrow(RangeError)
})

test('waiting times rise, and their mean is one when the tail is drawn again', () => {
  const body = EXPONENTIALS.subarray(0, EXPONENTIAL_TAIL)
  expect(body.every((value, i) => value > 0 && (i === 0 || value > body[i - 1]))).toBe(true)
  // mean = Σ body / n + (tail + mean) / n, solved for the mean
  const n = EXPONENTIALS.length
  const sum = EXPONENTIALS.reduce((total, value) => total + value, 0)
  expect(Math.abs(sum / (n - 1) - 1)).toBeLessThan(1e-3)
})
