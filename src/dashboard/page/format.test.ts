import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatChange, formatCount, formatMoney, shortCount, shortDay, shortMoney, shortMonth } from './format.ts'

const intl = (options: Intl.NumberFormatOptions = {}) => new Intl.NumberFormat('en-US', options)
const [short, dollars] = [
  { notation: 'compact', maximumSignificantDigits: 3 } as const,
  { style: 'currency', currency: 'USD' } as const,
]

const counts = fc.oneof(fc.nat(2_000), fc.nat(2_000_000), fc.integer({ min: 0, max: 1e14 }))

test('counts and money are written as Intl writes them', () => {
  fc.assert(
    fc.property(counts, (n) => {
      expect(formatCount(n)).toBe(intl().format(n))
      expect(formatMoney(n)).toBe(`$${intl().format(BigInt(Math.floor(n / 100)))}.${String(n % 100).padStart(2, '0')}`)
      expect(formatMoney(-n - 1)).toBe(`-${formatMoney(n + 1)}`)
    }),
  )
})

test('short ones too', () => {
  fc.assert(
    fc.property(counts, (n) => {
      expect(shortMoney(n * 100)).toBe(intl({ ...short, ...dollars }).format(n))
      expect(shortCount(n)).toBe(intl(n < 100_000 ? {} : short).format(n))
    }),
  )
  expect([999_499, 999_500, 1_000_000, 1e9, 12.345].map((n) => shortMoney(n * 100))).toEqual([
    ...['$999K', '$1M', '$1M', '$1B', '$12.3'],
  ])
})

test('a change always has its sign', () => {
  expect([0.031, -0.004, 0, -0.00001, 12.3456].map(formatChange)).toEqual([
    ...['+3.1 %', '−0.4 %', '±0.0 %', '±0.0 %', '+1235 %'],
  ])
})

test('days and months', () => {
  expect([shortDay('2024-03-05'), shortMonth('2024-12'), shortMonth('nonsense')]).toEqual([
    '5 Mar',
    'Dec 2024',
    'nonsense',
  ])
})
