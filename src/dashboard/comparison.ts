import { civilOf, type Day, firstDayOf, type Month, monthOf } from '../time.ts'
import type { Filters } from './filters.ts'
import {
  type Days,
  daysText,
  type Extent,
  endDay,
  isOfMonth,
  isRange,
  isWholeMonths,
  periodOf,
  wholeDaysTo,
  wholeMonth,
} from './period.ts'

/** Two comparable ranges of the calendar; the earlier one is complete and inside the data. */
export interface Compared {
  now: Days
  before: Days
  /** `March 2024`, `1–12 April 2024` */
  nowText: string
  beforeText: string
}

/**
 * The comparison period. A month: the calendar month before. A year: the year before. Longer: its last whole month with
 * the calendar month before. `year`: the same days a year earlier. An unfinished period is compared over the same whole
 * days.
 */
export function compare(filters: Filters, extent: Extent): Compared | undefined {
  return filters.product === undefined ? compareDays(filters, extent) : compareWholeMonths(filters, extent)
}

/** The same if both consist of whole months: models of products have no others. */
export function compareWholeMonths(filters: Filters, extent: Extent): Compared | undefined {
  return ofWholeMonths(compareDays(filters, extent))
}

const ofWholeMonths = (found: Compared | undefined): Compared | undefined =>
  found && isWholeMonths(found.now) && isWholeMonths(found.before) ? found : undefined

function compareDays(filters: Filters, extent: Extent): Compared | undefined {
  if (filters.compare === 'off') return undefined
  const { year, month } = filters
  if (isRange(filters)) return compareRange(filters, extent, filters.compare === 'year' ? 12 : undefined)
  if (year !== undefined && month === undefined) return comparedMonths(extent, periodOf(filters, extent), 12)
  return compareDaysOfMonth(filters, extent, filters.compare === 'year' ? 12 : 1)
}

/** A range with as many days, or whole months, before it, or with the same dates `back` months earlier. */
function compareRange(filters: Filters, extent: Extent, back?: number): Compared | undefined {
  const asked = periodOf(filters, extent)
  if (isWholeMonths(asked))
    return comparedMonths(extent, asked, back ?? monthOf(asked.to - 1) - monthOf(asked.from) + 1)
  const now = { from: asked.from, to: Math.min(asked.to, wholeDaysTo(extent)) }
  const length = now.to - now.from
  const before =
    back === undefined
      ? { from: now.from - length, to: now.from }
      : { from: dateBack(now.from, back), to: dateBack(now.to - 1, back) + 1 }
  return compared(extent, now, before)
}

/**
 * The last whole month of the period, or the selected unfinished one, with the calendar month `back` months earlier.
 */
export function compareMonth(filters: Filters, extent: Extent): Compared | undefined {
  const found = compareDaysOfMonth(filters, extent, 1)
  return filters.product === undefined ? found : ofWholeMonths(found)
}

function compareDaysOfMonth(filters: Filters, extent: Extent, back: number): Compared | undefined {
  if (isRange(filters)) return compareRange(filters, extent)
  const month = monthToCompare(filters, extent)
  return month === undefined ? undefined : comparedMonths(extent, wholeMonth(month), back)
}

/** The days whose change is shown, also without others to compare with. */
export function daysToCompare(filters: Filters, extent: Extent): Days {
  const compared = compareMonth(filters, extent)
  if (compared || isRange(filters)) return compared?.now ?? periodOf(filters, extent)
  return wholeMonth(monthToCompare(filters, extent) ?? monthOf(extent.first))
}

/** The month whose change is shown: the selected one, or the last whole month of the period, or its last month. */
export function monthToCompare(filters: Filters, extent: Extent): Month | undefined {
  const { year, month } = filters
  if (year !== undefined && month !== undefined) return year * 12 + month - 1
  const last = monthOf(endDay(extent) - 1)
  const fits = (at: Month) => (year === undefined || Math.floor(at / 12) === year) && isOfMonth(at, filters)
  const months: Month[] = []
  for (let at = last; at >= monthOf(extent.first); at--) if (fits(at)) months.push(at)
  return months.find((at) => firstDayOf(at + 1) <= wholeDaysTo(extent)) ?? months[0]
}

function comparedMonths(extent: Extent, asked: Days, months: number): Compared | undefined {
  const now = { from: asked.from, to: Math.min(asked.to, wholeDaysTo(extent)) }
  const whole = now.to === asked.to
  const before = whole
    ? { from: monthsBack(asked.from, months), to: monthsBack(asked.to, months) }
    : dayForDay(now, asked, months)
  return compared(extent, now, before)
}

function compared(extent: Extent, now: Days, before: Days): Compared | undefined {
  if (now.from < extent.first || before.from < extent.first || now.to <= now.from) return undefined
  return { now, before, nowText: daysText(now), beforeText: daysText(before) }
}

/** The same date earlier, or the last day of a month that is too short for it. */
function dateBack(day: Day, months: number): Day {
  const month = monthOf(day) - months
  return Math.min(firstDayOf(month) + civilOf(day).day - 1, firstDayOf(month + 1) - 1)
}

/** The same dates earlier; never past the end of the earlier range. */
function dayForDay(now: Days, asked: Days, months: number): Days {
  return { from: monthsBack(asked.from, months), to: dateBack(now.to - 1, months) + 1 }
}

/** `day` is the first day of a month. */
const monthsBack = (day: Day, months: number): Day => firstDayOf(monthOf(day) - months)
