import {
  civilOf,
  type Day,
  dayOf,
  firstDayOf,
  formatDay,
  type Month,
  monthOf,
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
 * The days that year and month select. A month without a year selects that month of every year, so the range is the
 * whole data.
 */
export function periodOf({ year, month }: Filters, extent: Extent): Days {
  if (year === undefined) return { from: extent.first, to: endDay(extent) }
  if (month === undefined) return { from: dayOf(year, 1, 1), to: dayOf(year + 1, 1, 1) }
  return wholeMonth(year * 12 + month - 1)
}

/** `March 2024`, `2024`, `every March`, `January 2024 to April 2024`: months are calendar months, UTC. */
export function periodText(filters: Filters, extent: Extent | undefined): string {
  const { year, month } = filters
  if (year !== undefined) return month === undefined ? String(year) : `${MONTHS[month - 1]} ${year}`
  if (month !== undefined) return `every ${MONTHS[month - 1]}`
  if (!extent) return 'all time'
  const [first, last] = [monthOf(extent.first), monthOf(endDay(extent) - 1)]
  return first === last ? monthText(first) : `${monthText(first)} to ${monthText(last)}`
}

/**
 * The comparison period. A month: the calendar month before. A year: the year before. Longer: its last whole month with
 * the calendar month before. `year`: the same days a year earlier. An unfinished period is compared over the same whole
 * days.
 */
export function compare(filters: Filters, extent: Extent): Compared | undefined {
  if (filters.compare === 'off') return undefined
  const { year, month } = filters
  if (year !== undefined && month === undefined)
    return within(extent, { from: dayOf(year, 1, 1), to: dayOf(year + 1, 1, 1) }, 12)
  return compareMonth(filters, extent, filters.compare === 'year' ? 12 : 1)
}

/**
 * The last whole month of the period, or the selected unfinished one, with the calendar month `back` months earlier.
 */
export function compareMonth(filters: Filters, extent: Extent, back = 1): Compared | undefined {
  const month = monthToCompare(filters, extent)
  return month === undefined ? undefined : within(extent, wholeMonth(month), back)
}

/** The month whose change is shown: the selected one, or the last whole month of the period, or its last month. */
export function monthToCompare({ year, month }: Filters, extent: Extent): Month | undefined {
  if (year !== undefined && month !== undefined) return year * 12 + month - 1
  const last = monthOf(endDay(extent) - 1)
  const fits = (at: Month) =>
    (year === undefined || Math.floor(at / 12) === year) && (month === undefined || (at % 12) + 1 === month)
  const months: Month[] = []
  for (let at = last; at >= monthOf(extent.first); at--) if (fits(at)) months.push(at)
  return months.find((at) => firstDayOf(at + 1) <= wholeDaysTo(extent)) ?? months[0]
}

export const wholeMonth = (month: Month): Days => ({ from: firstDayOf(month), to: firstDayOf(month + 1) })
export const isWholeMonths = ({ from, to }: Days): boolean => civilOf(from).day === 1 && civilOf(to).day === 1
export const monthText = (month: Month): string => `${MONTHS[month % 12]} ${Math.floor(month / 12)}`

/** The day after the last one with any data. */
export const endDay = ({ dataTo }: Extent): Day => Math.ceil(dataTo / SECONDS_PER_DAY)
/** The day after the last one with complete data. */
export const wholeDaysTo = ({ dataTo }: Extent): Day => Math.floor(dataTo / SECONDS_PER_DAY)

function within(extent: Extent, asked: Days, months: number): Compared | undefined {
  const now = { from: asked.from, to: Math.min(asked.to, wholeDaysTo(extent)) }
  const whole = now.to === asked.to
  const before = whole
    ? { from: monthsBack(asked.from, months), to: monthsBack(asked.to, months) }
    : dayForDay(now, asked, months)
  if (now.from < extent.first || before.from < extent.first || now.to <= now.from) return undefined
  return { now, before, nowText: daysText(now), beforeText: daysText(before) }
}

/** The same dates earlier; never past the end of the earlier range. */
function dayForDay(now: Days, asked: Days, months: number): Days {
  const last = civilOf(now.to - 1)
  const month = last.year * 12 + last.month - 1 - months
  const day = Math.min(firstDayOf(month) + last.day - 1, firstDayOf(month + 1) - 1)
  return { from: monthsBack(asked.from, months), to: day + 1 }
}

/** `day` is the first day of a month. */
const monthsBack = (day: Day, months: number): Day => firstDayOf(monthOf(day) - months)

export function daysText({ from, to }: Days): string {
  const [first, last] = [civilOf(from), civilOf(to - 1)]
  if (isWholeMonths({ from, to })) {
    if (monthOf(from) === monthOf(to - 1)) return monthText(monthOf(from))
    if (first.month === 1 && last.month === 12 && first.year === last.year) return String(first.year)
  }
  if (first.year === last.year && first.month === last.month)
    return `${first.day === last.day ? first.day : `${first.day}–${last.day}`} ${MONTHS[first.month - 1]} ${first.year}`
  return `${formatDay(from)} to ${formatDay(to - 1)}`
}
