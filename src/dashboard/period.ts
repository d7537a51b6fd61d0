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

/** The same with whole months instead of days: models of products have months. */
export function monthsOf(filters: Filters, extent: Extent): Filters {
  if (!isRange(filters)) return filters
  const { from, to } = monthsAround(periodOf(filters, extent))
  return { ...filters, from: formatDay(from), to: formatDay(to - 1) }
}

/** What is shown of the selection: sales of a product are by month. */
export const shownOf = (filters: Filters, extent: Extent): Filters =>
  filters.product === undefined ? filters : monthsOf(filters, extent)

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
