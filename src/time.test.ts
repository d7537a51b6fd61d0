import { describe, expect, test } from 'vitest'
import * as time from './time.ts'

const FIRST = time.dayOf(2000, 1, 1)
const LAST = time.dayOf(2099, 12, 31)
const everyDay = Array.from({ length: LAST - FIRST + 1 }, (_, i) => FIRST + i)
const isoOf = (second: number) => `${new Date(second * 1000).toISOString().slice(0, 19)}Z`

describe('a day', () => {
  test('of the century has the date that Date gives it, and comes back from it', () => {
    const wrong = everyDay.filter((day) => {
      const date = new Date(day * 86_400_000)
      const { year, month, day: d } = time.civilOf(day)
      const same = year === date.getUTCFullYear() && month === date.getUTCMonth() + 1 && d === date.getUTCDate()
      return !same || time.dayOf(year, month, d) !== day || time.weekdayOf(day) !== (date.getUTCDay() + 6) % 7
    })
    expect(wrong).toEqual([])
  })

  test('is written and read as YYYY-MM-DD', () => {
    expect(everyDay.filter((day) => time.formatDay(day) !== isoOf(day * 86_400).slice(0, 10))).toEqual([])
    expect(everyDay.filter((day) => time.parseDay(time.formatDay(day)) !== day)).toEqual([])
  })

  test('before 1970 has a date and a weekday too', () => {
    expect(time.formatDay(-1)).toBe('1969-12-31')
    expect(time.weekdayOf(-1)).toBe(2)
    expect(time.weekdayOf(-4)).toBe(6)
  })

  test.each([
    '2024-02-30',
    '2023-02-29',
    '2024-13-01',
    '2024-00-10',
    '2024-1-1',
    'yesterday',
    '',
    '2024-01-01 ',
    '20240101',
  ])('that does not exist is not read: %j', (text) => expect(time.parseDay(text)).toBeUndefined())

  test('shares its week with the days from Monday to Sunday', () => {
    const monday = time.parseDay('2024-01-01')!
    const week = time.weekOf(monday)
    for (let i = 0; i < 7; i++) expect(time.weekOf(monday + i)).toBe(week)
    expect(time.weekOf(monday - 1)).toBe(week - 1)
    expect(time.weekOf(monday + 7)).toBe(week + 1)
  })
})

describe('a second', () => {
  test('is written as Date writes it, and read back', () => {
    for (let second = FIRST * 86_400; second < (LAST + 1) * 86_400; second += 7_777_777) {
      expect(time.formatSecond(second)).toBe(isoOf(second))
      expect(time.parseSecond(time.formatSecond(second))).toBe(second)
    }
  })

  test('may be left at any microsecond, in the same words each time', () => {
    for (let second = FIRST * 86_400, micros = 1; second < (LAST + 1) * 86_400; second += 77_777_777) {
      micros = (micros * 7_919) % time.MICROS_PER_SECOND
      for (const part of [micros, 0, 1, time.MICROS_PER_SECOND - 1]) {
        const at = time.afterMicros(second, part)
        expect([Math.floor(at), time.microsOf(at)]).toEqual([second, part])
        expect(time.parseSecond(time.formatSecond(at))).toBe(at)
      }
    }
    expect(time.formatSecond(time.afterMicros(0, 250_000))).toBe('1970-01-01T00:00:00.250000Z')
  })

  test.each([
    ['2024-03-31', '2024-03-31T00:00:00Z'],
    ['2024-03-31T14:02:11.25Z', '2024-03-31T14:02:11.250000Z'],
    ['2024-03-31T14:02:11.000Z', '2024-03-31T14:02:11Z'],
    ['2024-03-31T14:02', '2024-03-31T14:02:00Z'],
    ['2024-03-31 14:02:11', '2024-03-31T14:02:11Z'],
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z'],
  ])('may be given as %s', (text, full) => expect(time.formatSecond(time.parseSecond(text)!)).toBe(full))

  test.each([
    '2024-03-31T24:00:00Z',
    '2024-03-31T10:60',
    '2024-03-31T10:00:60',
    '2024-03-31T10:00:00.1234567Z',
    '2024-03-31T10:00.5Z',
    '2023-02-29T10:00',
    '14:02',
    '2024-03-31T1:00',
  ])('that does not exist is not read: %s', (text) => expect(time.parseSecond(text)).toBeUndefined())
})

describe('a month', () => {
  test('holds the days from its first to the day before the next', () => {
    for (let month = time.monthOf(FIRST); month <= time.monthOf(LAST); month++) {
      const first = time.firstDayOf(month)
      expect(time.monthOf(first)).toBe(month)
      expect(time.monthOf(time.firstDayOf(month + 1) - 1)).toBe(month)
      expect(time.formatMonth(month)).toBe(time.formatDay(first).slice(0, 7))
      expect(time.parseMonth(time.formatMonth(month))).toBe(month)
    }
  })

  test.each(['2024-13', '2024-00', '2024-1', '2024', '2024-01-01'])('that does not exist is not read: %s', (text) =>
    expect(time.parseMonth(text)).toBeUndefined(),
  )
})

describe('a day counted from today', () => {
  const from = (today: string, text: string) => {
    const day = time.parseDayFrom(time.parseDay(today)!, text)
    return day === undefined ? undefined : time.formatDay(day)
  }

  test.each([
    ['2024-03-31', 'today', '2024-03-31'],
    ['2024-03-01', 'yesterday', '2024-02-29'],
    ['2024-03-31', '-90d', '2024-01-01'],
    ['2024-03-31', '+1d', '2024-04-01'],
    ['2024-03-31', '-2w', '2024-03-17'],
    ['2024-03-31', '-1mo', '2024-02-29'],
    ['2024-01-15', '-3mo', '2023-10-15'],
    ['2024-02-29', '-1y', '2023-02-28'],
    ['2024-02-29', '2023-01-31', '2023-01-31'],
  ])('from %s, %s is %s', (today, text, day) => expect(from(today, text)).toBe(day))

  test.each(['-90', '90d', '-1q', 'tomorrow week', '-99999y', '-3000y', '2023-02-29', ''])('is not %s', (text) =>
    expect(from('2024-03-31', text)).toBeUndefined(),
  )
})
