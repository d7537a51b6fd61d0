import { describe, expect, test } from 'vitest'
import { civilOf, firstDayOf, formatDay, monthOf, parseDay, weekdayOf } from '../time.ts'
import { dayFactor, easterOf, isHolidaySeason, nthWeekday } from './calendar.ts'
import { HOUR_CURVES } from './hours.ts'

const factor = (day: string) => dayFactor(parseDay(day)!)
const years = Array.from({ length: 99 }, (_, i) => 2000 + i)

test.each([
  '2000-04-23',
  '2008-03-23',
  '2011-04-24',
  '2019-04-21',
  '2024-03-31',
  '2025-04-20',
  '2038-04-25',
  '2049-04-18',
])('Easter is on %s', (day) => expect(formatDay(easterOf(Number(day.slice(0, 4))))).toBe(day))

test.each(['2019-11-28', '2022-11-24', '2023-11-23', '2024-11-28', '2029-11-22'])('Thanksgiving is on %s', (day) => {
  expect(formatDay(nthWeekday(Number(day.slice(0, 4)), 11, 3, 4))).toBe(day)
})

test('the last Monday of May is in its last seven days', () => {
  for (const year of years) {
    const day = nthWeekday(year, 5, 0, -1)
    expect(weekdayOf(day)).toBe(0)
    expect(civilOf(day).month).toBe(5)
    expect(civilOf(day + 7).month).toBe(6)
  }
})

describe('demand', () => {
  test('of the days of a month averages one', () => {
    for (let month = monthOf(parseDay('2000-01-01')!); month < monthOf(parseDay('2099-01-01')!); month++) {
      let sum = 0
      for (let day = firstDayOf(month); day < firstDayOf(month + 1); day++) sum += dayFactor(day)
      expect(sum / (firstDayOf(month + 1) - firstDayOf(month))).toBeCloseTo(1, 12)
    }
  })

  test('is never negative, and none on Christmas', () => {
    for (const year of years) {
      expect(factor(`${year}-12-25`)).toBe(0)
      for (let day = parseDay(`${year}-01-01`)!; day < parseDay(`${year}-12-25`)!; day++)
        if (!(dayFactor(day) > 0)) throw new RangeError(formatDay(day))
    }
  })

  test('peaks on Black Friday in November, and falls to a tenth on Thanksgiving', () => {
    for (const year of years) {
      const thanksgiving = nthWeekday(year, 11, 3, 4)
      const first = firstDayOf(monthOf(thanksgiving))
      const month = Array.from({ length: 30 }, (_, i) => dayFactor(first + i))
      expect(month.indexOf(Math.max(...month))).toBe(thanksgiving + 1 - first)
      expect(month.indexOf(Math.min(...month))).toBe(thanksgiving - first)
    }
  })

  test('is promoted harder from Thanksgiving week to Christmas', () => {
    const inSeason = (day: string) => isHolidaySeason(parseDay(day)!)
    expect(['2024-11-24', '2024-11-25', '2024-12-25', '2024-12-26'].map(inSeason)).toEqual([false, true, true, false])
  })
})

describe('the hours of a day', () => {
  test('share out all of its visits, closed ones none', () => {
    for (const curves of HOUR_CURVES) {
      expect(curves).toHaveLength(24)
      expect(curves.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12)
      expect([0, 3, 6, 23].map((hour) => curves[hour].share)).toEqual([0, 0, 0, 0])
    }
  })

  test('let time run forward and end within the hour', () => {
    for (const { share, secondAt } of HOUR_CURVES.flat().filter(({ share }) => share > 0)) {
      expect(share).toBeGreaterThan(0)
      expect(secondAt[0]).toBeLessThan(1e-6)
      for (let i = 1; i < secondAt.length; i++) expect(secondAt[i]).toBeGreaterThanOrEqual(secondAt[i - 1])
      expect(secondAt[secondAt.length - 1]).toBeLessThan(3600)
    }
  })
})
