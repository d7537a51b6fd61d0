import { expect, test } from 'vitest'
import { parseDay } from '../time.ts'
import { incidentsOn } from './incidents.ts'

const FROM = parseDay('2024-01-01')!
const YEARS = 10
const days = (store: number, region: number) =>
  Array.from({ length: 365 * YEARS }, (_, i) => incidentsOn(42, store, region, FROM + i))

test('a store has a few bad days and a few good ones a year, and most days have none', () => {
  const stores = Array.from({ length: 40 }, (_, store) => days(store, store % 4)).flat()
  const share = (is: (factor: number) => boolean) => stores.filter(is).length / stores.length
  expect(share((factor) => factor === 1)).toBeGreaterThan(0.98)
  // Days a year.
  expect(365 * share((factor) => factor < 0.5)).toBeGreaterThan(0.7)
  expect(365 * share((factor) => factor < 0.5)).toBeLessThan(3)
  expect(365 * share((factor) => factor > 1.5)).toBeGreaterThan(0.4)
  expect(365 * share((factor) => factor > 1.5)).toBeLessThan(2)
  // They do not change what the chain sells in all.
  expect(stores.reduce((sum, factor) => sum + factor, 0) / stores.length).toBeCloseTo(1, 2)
})

test('a storm hits every store of its region on the same days, and no other region', () => {
  const [one, other, far] = [days(1, 2), days(2, 2), days(1, 3)]
  const both = one.filter((factor, i) => factor < 0.75 && factor >= 0.3 && other[i] === factor).length
  expect(both).toBeGreaterThan(YEARS / 4)
  expect(one.filter((factor, i) => factor >= 0.3 && factor < 0.75 && far[i] === factor).length).toBeLessThan(both)
})
