/**
 * Calendar arithmetic on integers: a day is a number of days since 1970-01-01 UTC, a second a number of seconds since
 * then. No `Date`, no time zone of the machine, no locale: the same on every computer. (Civil dates after Howard
 * Hinnant's algorithms.)
 */
export type Day = number
/** An instant of the timeline may lie within a second, at a number of microseconds; a row has a whole second. */
export type Second = number

export const MICROS_PER_SECOND = 1_000_000
export const SECONDS_PER_DAY = 86_400
export const SECONDS_PER_HOUR = 3_600

export interface CivilDate {
  year: number
  /** 1 to 12 */
  month: number
  /** 1 to 31 */
  day: number
}

export function dayOf(year: number, month: number, day: number): Day {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export function civilOf(day: Day): CivilDate {
  const z = day + 719_468
  const era = Math.floor(z / 146_097)
  const dayOfEra = z - era * 146_097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shifted = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shifted + (shifted < 10 ? 3 : -9)
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  }
}

/** 0 = Monday … 6 = Sunday. */
export const weekdayOf = (day: Day): number => (((day + 3) % 7) + 7) % 7

/** Weeks start on Monday; week 0 contains 1970-01-01. */
export const weekOf = (day: Day): number => Math.floor((day + 3) / 7)

/** The first UTC midnight after a second; for a midnight, the next one. */
export const midnightAfter = (second: Second): Second => (Math.floor(second / SECONDS_PER_DAY) + 1) * SECONDS_PER_DAY

const pad = (n: number, width: number) => String(n).padStart(width, '0')

export function formatDay(day: Day): string {
  const { year, month, day: d } = civilOf(day)
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(d, 2)}`
}

/** Undefined if the text is not an existing day (`2024-02-30`, `yesterday`). */
export function parseDay(text: string): Day | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)
  if (!match) return undefined
  const day = dayOf(Number(match[1]), Number(match[2]), Number(match[3]))
  return formatDay(day) === text ? day : undefined
}

/**
 * A day as people write it: `2024-01-31`, `today`, `yesterday`, or a number of days, weeks, months, or years from
 * today: `-90d`, `-12w`, `-3mo`, `-1y`, `+7d`. A month before March 31 is the last day of February. Undefined for any
 * other text.
 */
export function parseDayFrom(today: Day, text: string): Day | undefined {
  if (text === 'today') return today
  if (text === 'yesterday') return today - 1
  const [, sign, digits, unit] = /^([-+])(\d{1,5})(d|w|mo|y)$/.exec(text) ?? []
  if (unit === undefined) return parseDay(text)
  const amount = Number(digits) * (sign === '-' ? -1 : 1)
  if (unit === 'd' || unit === 'w') return inRange(today + amount * (unit === 'w' ? 7 : 1))
  const month = monthOf(today) + amount * (unit === 'y' ? 12 : 1)
  if (month < 12) return undefined
  return inRange(Math.min(firstDayOf(month) + civilOf(today).day, firstDayOf(month + 1)) - 1)
}

/** True for a day that is relative to today. */
export const isCounted = (text: string): boolean => parseDay(text) === undefined

/** The default last day of a period that starts on a relative day: yesterday, the last complete day. */
export const untilNow = (from: Day, today: Day): Day => Math.max(from, today - 1)

/** Years with four digits: other days cannot be written. */
const inRange = (day: Day): Day | undefined => (parseDay(formatDay(day)) === day ? day : undefined)

/** The microseconds of an instant that lies within a second. */
export const microsOf = (instant: Second): number => Math.round((instant - Math.floor(instant)) * MICROS_PER_SECOND)

/** The instant this many microseconds after a whole second. The same two numbers always result in the same instant. */
export const afterMicros = (second: Second, micros: number): Second => second + micros / MICROS_PER_SECOND

/** `2024-03-31T14:02:11Z`; an instant within a second has microseconds: `2024-03-31T14:02:11.250000Z`. */
export function formatSecond(instant: Second): string {
  const second = Math.floor(instant)
  const day = Math.floor(second / SECONDS_PER_DAY)
  const rest = second - day * SECONDS_PER_DAY
  const micros = microsOf(instant)
  const fraction = micros === 0 ? '' : `.${pad(micros, 6)}`
  return `${formatDay(day)}T${pad(Math.floor(rest / 3600), 2)}:${pad(Math.floor(rest / 60) % 60, 2)}:${pad(rest % 60, 2)}${fraction}Z`
}

/**
 * Accepts `YYYY-MM-DD` (its midnight) or `YYYY-MM-DDTHH:MM:SSZ`, seconds optional, and up to six decimal places of
 * seconds.
 */
export function parseSecond(text: string): Second | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,6}))?)?Z?)?$/.exec(text)
  if (!match) return undefined
  const day = parseDay(match[1])
  const [hour, minute, second] = [Number(match[2] ?? 0), Number(match[3] ?? 0), Number(match[4] ?? 0)]
  if (day === undefined || hour > 23 || minute > 59 || second > 59) return undefined
  const micros = Number((match[5] ?? '').padEnd(6, '0'))
  return afterMicros(day * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second, micros)
}

const DURATION_UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/**
 * `500ms`, `30s`, `5m`, `1h30m` in milliseconds; undefined if the text is not a duration, is zero, or is longer than a
 * leap year.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|[smhd]))+$/.test(text)) return undefined
  let total = 0
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g))
    total += Number(amount) * DURATION_UNITS[unit]
  return total > 0 && total <= 366 * DURATION_UNITS.d ? Math.round(total) : undefined
}

/** Months are counted since year 0: `month = year * 12 + (1..12) - 1`. */
export type Month = number

export function monthOf(day: Day): Month {
  const { year, month } = civilOf(day)
  return year * 12 + month - 1
}
export const firstDayOf = (month: Month): Day => dayOf(Math.floor(month / 12), (month % 12) + 1, 1)
export const lastDayOf = (month: Month): Day => firstDayOf(month + 1) - 1
export const formatMonth = (month: Month): string => `${pad(Math.floor(month / 12), 4)}-${pad((month % 12) + 1, 2)}`

export function parseMonth(text: string): Month | undefined {
  const match = /^(\d{4})-(\d{2})$/.exec(text)
  if (!match || Number(match[2]) < 1 || Number(match[2]) > 12) return undefined
  return Number(match[1]) * 12 + Number(match[2]) - 1
}
