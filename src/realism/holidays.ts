import { civilOf, dayOf, formatDay, parseDay } from '../time.ts'
import { nthWeekday } from '../world/calendar.ts'
import type { Sample } from './prepare.ts'

const THURSDAY = 3

/** Black Fridays whose 35 days, from the Sunday before Thanksgiving to December 28, are in the sample. */
export function blackFridays({ from, to }: Pick<Sample, 'from' | 'to'>): string[] {
  const [first, last] = [parseDay(from)!, parseDay(to)!]
  const fridays: number[] = []
  for (let { year } = civilOf(first); year <= civilOf(last).year; year++)
    fridays.push(nthWeekday(year, 11, THURSDAY, 4) + 1)
  return fridays.filter((friday) => friday - 5 >= first && friday + 29 <= last).map(formatDay)
}

/** The first calendar year that is completely in the sample. */
export function seasonOfYear({ from, to }: Pick<Sample, 'from' | 'to'>): number | undefined {
  const [first, last] = [parseDay(from)!, parseDay(to)!]
  // In the west, the first local day is an evening of the previous year.
  const { year } = civilOf(first + 1)
  for (let at = year; at <= civilOf(last).year; at++)
    if (dayOf(at, 1, 1) >= first && dayOf(at, 12, 31) <= last) return at
  return undefined
}
