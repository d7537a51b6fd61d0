import { civilOf, dayOf, formatDay, parseDay } from '../time.ts'
import { nthWeekday } from '../world/calendar.ts'
import type { Sample } from './sample.ts'

const THURSDAY = 3

type Days = Pick<Sample, 'from' | 'to'>

/** The years of which the sample contains every day from one date to another, both given as month and day. */
function yearsWith({ from, to }: Days, first: [number, number], last: [number, number]): number[] {
  const [start, end] = [parseDay(from)!, parseDay(to)!]
  const years: number[] = []
  for (let { year } = civilOf(start); year <= civilOf(end).year; year++)
    if (dayOf(year, ...first) >= start && dayOf(year, ...last) <= end) years.push(year)
  return years
}

export const wholeYears = (days: Days): number[] => yearsWith(days, [1, 1], [12, 31])

/** Years with their October, and November to its end, which has the day after Thanksgiving. */
export const yearsWithBlackFriday = (days: Days): number[] => yearsWith(days, [10, 1], [11, 30])

/** Years with the 35 days from the Sunday before Thanksgiving, of which the last is December 22 to 28. */
export const yearsWithHolidays = (days: Days): number[] => yearsWith(days, [11, 17], [12, 28])

/** Years with a Christmas that is neither the first nor the last day of the sample. */
export const yearsWithChristmas = (days: Days): number[] => yearsWith(days, [12, 24], [12, 26])

/** YYYY-MM-DD of the day after Thanksgiving. */
export const blackFriday = (year: number): string => formatDay(nthWeekday(year, 11, THURSDAY, 4) + 1)
