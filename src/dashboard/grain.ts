import { type Day, firstDayOf, monthOf, weekdayOf } from '../time.ts'
import type { Grain } from './filters.ts'

/** The first day of the day, week, or month that has this day. */
export function startOf(by: Grain, day: Day): Day {
  if (by === 'day') return day
  return by === 'week' ? day - weekdayOf(day) : firstDayOf(monthOf(day))
}

/** The first day of the next one. */
export function nextOf(by: Grain, start: Day): Day {
  if (by === 'day') return start + 1
  return by === 'week' ? start + 7 : firstDayOf(monthOf(start) + 1)
}
