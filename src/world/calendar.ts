import { civilOf, type Day, dayOf, firstDayOf, monthOf, weekdayOf } from '../time.ts'
import { WEEKDAY } from './calibration.ts'

const SUNDAY = 6
const MONDAY = 0
const THURSDAY = 3
const SATURDAY = 5

/** The nth weekday of a month; n = −1 is the last. */
export function nthWeekday(year: number, month: number, weekday: number, n: number): Day {
  if (n > 0) {
    const first = dayOf(year, month, 1)
    return first + ((weekday - weekdayOf(first) + 7) % 7) + (n - 1) * 7
  }
  const last = firstDayOf(year * 12 + month) - 1
  return last - ((weekdayOf(last) - weekday + 7) % 7)
}

/** Gregorian computus (Meeus, Jones, Butcher). */
export function easterOf(year: number): Day {
  const a = year % 19
  const b = Math.floor(year / 100)
  const c = year % 100
  const h = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30
  const l = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - h - (c % 4)) % 7
  const m = Math.floor((a + 11 * h + 22 * l) / 451)
  const n = h + l - 7 * m + 114
  return dayOf(year, Math.floor(n / 31), (n % 31) + 1)
}

const holidaysOfYear = new Map<number, Map<Day, number>>()

/**
 * The demand of holidays relative to an ordinary day. Movable holidays are computed, never listed by day of year. [P]
 * M: ShopperTrak 2019 for the weeks before Christmas; the rest [D] L.
 */
function holidays(year: number): Map<Day, number> {
  let days = holidaysOfYear.get(year)
  if (days) return days
  const thanksgiving = nthWeekday(year, 11, THURSDAY, 4)
  const christmas = dayOf(year, 12, 25)
  days = new Map<Day, number>([
    [dayOf(year, 1, 1), 0.55],
    [nthWeekday(year, 1, MONDAY, 3), 1.1],
    [nthWeekday(year, 2, MONDAY, 3), 1.15],
    [easterOf(year), 0.3],
    [easterOf(year) - 1, 1.15],
    [nthWeekday(year, 5, SUNDAY, 2) - 1, 1.2],
    [nthWeekday(year, 5, MONDAY, -1), 1.2],
    [nthWeekday(year, 6, SUNDAY, 3) - 1, 1.1],
    [dayOf(year, 7, 4), 0.8],
    [nthWeekday(year, 9, MONDAY, 1), 1.2],
    [thanksgiving, 0.1],
    [christmas, 0],
    [dayOf(year, 12, 31), 0.9],
  ])
  // From Black Friday on, the weeks get busier, the last days most of all.
  for (let day = thanksgiving + 1; day < christmas; day++) {
    const toGo = christmas - day
    days.set(day, toGo <= 10 ? 1.5 - toGo * 0.03 : 1.05)
  }
  days.set(thanksgiving + 1, 2.9)
  days.set(thanksgiving + 2, 1.75)
  days.set(thanksgiving + 4, 1.25)
  const superSaturday = christmas - 1 - ((weekdayOf(christmas - 1) - SATURDAY + 7) % 7)
  days.set(superSaturday, 2.3)
  days.set(superSaturday - 7, 1.75)
  if (superSaturday !== christmas - 2) days.set(christmas - 2, 2)
  if (superSaturday !== christmas - 3) days.set(christmas - 3, 1.9)
  days.set(christmas - 1, 0.95)
  days.set(christmas + 1, 1.9)
  holidaysOfYear.set(year, days)
  return days
}

/** Weekday × holiday, before they are scaled to a mean of 1 per month. */
const rawFactor = (day: Day): number => WEEKDAY[weekdayOf(day)] * (holidays(civilOf(day).year).get(day) ?? 1)

const factorsOfMonth = new Map<number, Float64Array>()

/**
 * Demand of a local day relative to the mean day of its month. The season table already contains the level, trading
 * days, and holidays of each month, so the days of each month average 1 here; otherwise December would be counted
 * twice.
 */
export function dayFactor(day: Day): number {
  const month = monthOf(day)
  let factors = factorsOfMonth.get(month)
  if (!factors) {
    const first = firstDayOf(month)
    factors = Float64Array.from({ length: firstDayOf(month + 1) - first }, (_, i) => rawFactor(first + i))
    let sum = 0
    for (const factor of factors) sum += factor
    const mean = sum / factors.length
    factors = factors.map((factor) => factor / mean)
    factorsOfMonth.set(month, factors)
  }
  return factors[day - firstDayOf(month)]
}

/** From the Monday of Thanksgiving week to Christmas. */
export function isHolidaySeason(day: Day): boolean {
  const { year } = civilOf(day)
  return day >= nthWeekday(year, 11, THURSDAY, 4) - 3 && day <= dayOf(year, 12, 25)
}
