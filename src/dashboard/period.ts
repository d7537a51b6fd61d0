import {
  civilOf,
  type Day,
  dayOf,
  firstDayOf,
  formatDay,
  type Month,
  monthOf,
  parseDay,
  SECONDS_PER_DAY,
  type Second,
} from '../time.ts'
import type { Filters } from './filters.ts'

/** Days from `from` up to, not including, `to`. */
export interface Days {
  from: Day
  to: Day
}

/** The days in the marts. */
export interface Extent {
  first: Day
  /** Every event before it is counted; rarely a midnight. */
  dataTo: Second
}

/** Two comparable ranges of the calendar; the earlier one is complete and inside the data. */
export interface Compared {
  now: Days
  before: Days
  /** `March 2024`, `1–12 April 2024` */
  nowText: string
  beforeText: string
}

export const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June'],
  ...['July', 'August', 'September', 'October', 'November', 'December'],
] as const

/**
 * The selected days. A month without a year selects that month of every year, so the range is the whole data. A range
 * that covers the data to its end, or from its beginning, covers these months: models of months have its sums.
 */
export function periodOf({ year, month, from, to }: Filters, extent: Extent): Days {
  if (from !== undefined || to !== undefined) return rangeOf(from, to, extent)
  if (year === undefined) return { from: extent.first, to: endDay(extent) }
  if (month === undefined) return { from: dayOf(year, 1, 1), to: dayOf(year + 1, 1, 1) }
  return wholeMonth(year * 12 + month - 1)
}

function rangeOf(from: string | undefined, to: string | undefined, extent: Extent): Days {
  const first = parseDay(from ?? '') ?? extent.first
  const end = (parseDay(to ?? '') ?? Math.max(first, endDay(extent) - 1)) + 1
  const months = monthsAround({ from: first, to: end })
  const isWhole = (first === months.from || first <= extent.first) && (end === months.to || end >= endDay(extent))
  const overlaps = end > extent.first && first < endDay(extent)
  return isWhole && overlaps ? months : { from: first, to: end }
}

/** The selection is a range of days that are not whole months. */
export const isDays = (filters: Filters, extent: Extent): boolean =>
  isRange(filters) && !isWholeMonths(periodOf(filters, extent))
/** A month of every year is selected. */
export const isEveryYear = ({ year, month }: Filters): boolean => year === undefined && month !== undefined
/** The month has the number that is selected, if one is. */
export const isOfMonth = (at: Month, { month }: Filters): boolean => month === undefined || (at % 12) + 1 === month
export const isRange = ({ from, to }: Filters): boolean => from !== undefined || to !== undefined

/** `March 2024`, `2024`, `every March`, `January 2024 to April 2024`: months are calendar months, UTC. */
export function periodText(filters: Filters, extent: Extent | undefined): string {
  const { year, month } = filters
  if (extent && isRange(filters)) return daysText(periodOf(filters, extent))
  if (year !== undefined) return month === undefined ? String(year) : `${MONTHS[month - 1]} ${year}`
  if (month !== undefined) return `every ${MONTHS[month - 1]}`
  if (!extent) return 'all time'
  return monthsText(monthOf(extent.first), monthOf(endDay(extent) - 1))
}

const monthsText = (first: Month, last: Month): string =>
  first === last ? monthText(first) : `${monthText(first)} to ${monthText(last)}`

/**
 * The comparison period. A month: the calendar month before. A year: the year before. Longer: its last whole month with
 * the calendar month before. `year`: the same days a year earlier. An unfinished period is compared over the same whole
 * days.
 */
export function compare(filters: Filters, extent: Extent): Compared | undefined {
  if (filters.compare === 'off') return undefined
  const { year, month } = filters
  if (isRange(filters)) return compareRange(filters, extent, filters.compare === 'year' ? 12 : undefined)
  if (year !== undefined && month === undefined) return comparedMonths(extent, periodOf(filters, extent), 12)
  return compareMonth(filters, extent, filters.compare === 'year' ? 12 : 1)
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
export function compareMonth(filters: Filters, extent: Extent, back = 1): Compared | undefined {
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

/** The whole months that have these days. */
export const monthsAround = ({ from, to }: Days): Days => ({
  from: firstDayOf(monthOf(from)),
  to: firstDayOf(monthOf(to - 1) + 1),
})
export const wholeMonth = (month: Month): Days => ({ from: firstDayOf(month), to: firstDayOf(month + 1) })
export const isWholeMonths = ({ from, to }: Days): boolean => civilOf(from).day === 1 && civilOf(to).day === 1
export const monthText = (month: Month): string => `${MONTHS[month % 12]} ${Math.floor(month / 12)}`

/** The day after the last one with any data. */
export const endDay = ({ dataTo }: Extent): Day => Math.ceil(dataTo / SECONDS_PER_DAY)
/** The day after the last one with complete data. */
export const wholeDaysTo = ({ dataTo }: Extent): Day => Math.floor(dataTo / SECONDS_PER_DAY)

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

export function daysText({ from, to }: Days): string {
  const [first, last] = [civilOf(from), civilOf(to - 1)]
  if (isWholeMonths({ from, to })) {
    if (monthOf(from) === monthOf(to - 1)) return monthText(monthOf(from))
    if (first.month === 1 && last.month === 12 && first.year === last.year) return String(first.year)
    return monthsText(monthOf(from), monthOf(to - 1))
  }
  if (first.year === last.year && first.month === last.month)
    return `${first.day === last.day ? first.day : `${first.day}–${last.day}`} ${MONTHS[first.month - 1]} ${first.year}`
  return `${formatDay(from)} to ${formatDay(to - 1)}`
}
