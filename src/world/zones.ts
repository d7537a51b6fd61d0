import { dayOf, SECONDS_PER_HOUR, weekdayOf } from '../time.ts'
import type { Zone } from './cities.ts'

export const ZONES: readonly Zone[] = ['ET', 'CT', 'MT', 'AZ', 'PT', 'AK', 'HI']
const STANDARD_OFFSET = [-5, -6, -7, -7, -8, -9, -10] as const
const SAVES_DAYLIGHT = [true, true, true, false, true, true, false] as const
const FIRST_YEAR = 1999
const LAST_YEAR = 2100

/**
 * UTC hours at which a zone's clocks change, ascending: on, off, on, off, … ([O] Energy Policy Act of 2005, applied to
 * all years)
 */
const TRANSITIONS: readonly (readonly number[])[] = ZONES.map((_, zone) => {
  const hours: number[] = []
  if (!SAVES_DAYLIGHT[zone]) return hours
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) {
    const marchFirst = dayOf(year, 3, 1)
    const secondSunday = marchFirst + ((6 - weekdayOf(marchFirst) + 7) % 7) + 7
    const novemberFirst = dayOf(year, 11, 1)
    const firstSunday = novemberFirst + ((6 - weekdayOf(novemberFirst) + 7) % 7)
    // At 2:00 standard time, and at 2:00 daylight time.
    hours.push(secondSunday * 24 + 2 - STANDARD_OFFSET[zone], firstSunday * 24 + 1 - STANDARD_OFFSET[zone])
  }
  return hours
})

/** The range of hours around the last lookup, per zone: the next lookup is nearly always in it. */
const from = new Int32Array(ZONES.length).fill(1)
const until = new Int32Array(ZONES.length)
const current = new Int32Array(ZONES.length)

/** Hours to add to UTC in `zone` during the UTC hour `hour` (hours since 1970). */
export function offsetHours(zone: number, hour: number): number {
  if (hour >= from[zone] && hour < until[zone]) return current[zone]
  const transitions = TRANSITIONS[zone]
  let passed = 0
  while (passed < transitions.length && transitions[passed] <= hour) passed++
  from[zone] = passed === 0 ? -2_147_483_648 : transitions[passed - 1]
  until[zone] = passed === transitions.length ? 2_147_483_647 : transitions[passed]
  current[zone] = STANDARD_OFFSET[zone] + (passed % 2)
  return current[zone]
}

/** A zone's clock between two hours: the offset at the first, and every change from there to the last. */
export function offsetsBetween(
  zone: number,
  from: number,
  to: number,
): { first: number; changes: { hour: number; offset: number }[] } {
  const hours = TRANSITIONS[zone].filter((hour) => hour > from && hour <= to)
  return { first: offsetHours(zone, from), changes: hours.map((hour) => ({ hour, offset: offsetHours(zone, hour) })) }
}

/** Store-local time of an instant, as a second. */
export const localSecond = (zone: number, second: number): number =>
  second + offsetHours(zone, Math.floor(second / SECONDS_PER_HOUR)) * SECONDS_PER_HOUR
