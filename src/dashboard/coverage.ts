import { civilOf, type Day, firstDayOf, formatSecond, type Month, monthOf, SECONDS_PER_DAY } from '../time.ts'
import type { Filters } from './filters.ts'
import {
  type Days,
  type Extent,
  endDay,
  isOfMonth,
  isRange,
  MONTHS,
  monthText,
  periodOf,
  wholeMonth,
} from './period.ts'

/** Every calendar month of the period that the data reaches: a month without sales is a gap and not omitted. */
export function monthsShown(filters: Filters, extent: Extent): Month[] {
  const { from, to } = periodOf(filters, extent)
  const last = Math.min(monthOf(to - 1), monthOf(endDay(extent) - 1))
  const months: Month[] = []
  for (let at = Math.max(monthOf(from), monthOf(extent.first)); at <= last; at++)
    if (isOfMonth(at, filters)) months.push(at)
  return months
}

/** How many of the days have data, where the last one counts as far as the data reaches. */
export function daysCovered({ from, to }: Days, { first, dataTo }: Extent): number {
  const seconds = Math.min(to * SECONDS_PER_DAY, dataTo) - Math.max(from, first) * SECONDS_PER_DAY
  return Math.max(0, seconds / SECONDS_PER_DAY)
}

/** The same of the period of the filters. */
export function daysInPeriod(filters: Filters, extent: Extent): number {
  const ranges = monthsShown(filters, extent).map((month) => monthInPeriod(month, filters, extent))
  return ranges.reduce((days, range) => days + daysCovered(range, extent), 0)
}

/** The days of a month that are selected. */
export function monthInPeriod(month: Month, filters: Filters, extent: Extent): Days {
  const [{ from, to }, days] = [wholeMonth(month), periodOf(filters, extent)]
  return isRange(filters) ? { from: Math.max(from, days.from), to: Math.min(to, days.to) } : { from, to }
}

/** The selection, or the data, has only a part of the month. */
export const isPartial = (month: Month, filters: Filters, extent: Extent): boolean =>
  daysCovered(monthInPeriod(month, filters, extent), extent) < wholeMonth(month).to - wholeMonth(month).from

/** The months of the period of which the data has only a part: `April 2024`, `to 1 April, 00:28 UTC`. */
export const partialMonths = (filters: Filters, extent: Extent): { month: string; part: string }[] =>
  monthsShown(filters, extent)
    .filter((month) => isShort(month, filters, extent))
    .map((month) => ({ month: monthText(month), part: partText(month, extent) }))

/** The data lacks selected days of the month. */
function isShort(month: Month, filters: Filters, extent: Extent): boolean {
  const days = monthInPeriod(month, filters, extent)
  return daysCovered(days, extent) < days.to - days.from
}

function partText(month: Month, { first, dataTo }: Extent): string {
  const dayText = (day: Day) => `${civilOf(day).day} ${MONTHS[civilOf(day).month - 1]}`
  const parts: string[] = []
  if (first > firstDayOf(month)) parts.push(`from ${dayText(first)}`)
  if (dataTo < firstDayOf(month + 1) * SECONDS_PER_DAY) {
    const atMidnight = dataTo % SECONDS_PER_DAY === 0
    const last = Math.floor((dataTo - 1) / SECONDS_PER_DAY)
    parts.push(`to ${dayText(last)}${atMidnight ? '' : `, ${formatSecond(dataTo).slice(11, 16)} UTC`}`)
  }
  return parts.join(' ')
}
