import {
  civilOf,
  type Day,
  dayOf,
  formatDay,
  SECONDS_PER_DAY,
  SECONDS_PER_HOUR,
  type Second,
  weekOf,
} from '../../time.ts'

/** The unit in which times are grouped, in UTC; weeks begin on Monday. */
export type Bucket = 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year'

/** Units of whole months. */
const MONTHS: Partial<Record<Bucket, number>> = { month: 1, quarter: 3, year: 12 }

const monthOf = (day: Day): number => {
  const { year, month } = civilOf(day)
  return year * 12 + month - 1
}
const firstOf = (month: number): Day => dayOf(Math.floor(month / 12), (month % 12) + 1, 1)

export function bucketOf(bucket: Bucket, second: Second): number {
  if (bucket === 'hour') return Math.floor(second / SECONDS_PER_HOUR)
  const day = Math.floor(second / SECONDS_PER_DAY)
  if (bucket === 'day') return day
  return bucket === 'week' ? weekOf(day) : Math.floor(monthOf(day) / MONTHS[bucket]!)
}

/** Its first second. */
export function startOf(bucket: Bucket, value: number): Second {
  if (bucket === 'hour') return value * SECONDS_PER_HOUR
  // Week 0 begins three days before 1970.
  const day = bucket === 'day' ? value : bucket === 'week' ? value * 7 - 3 : firstOf(value * MONTHS[bucket]!)
  return day * SECONDS_PER_DAY
}

export function bucketText(bucket: Bucket, value: number): string {
  if (bucket === 'day') return formatDay(value)
  if (bucket === 'week') return `week of ${formatDay(value * 7 - 3)}`
  if (bucket === 'month') return formatDay(firstOf(value)).slice(0, 7)
  if (bucket === 'quarter') return `${Math.floor(value / 4)}-Q${(value % 4) + 1}`
  if (bucket === 'year') return String(value)
  return `${formatDay(Math.floor(value / 24))} ${String(value % 24).padStart(2, '0')}:00`
}

const INSTANT =
  /^(\d{4})-?(\d{2})(?:-?(\d{2})(?:[T ](\d{2})(?::?(\d{2})(?::?(\d{2})(?:\.\d+)?)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?)?)?$/

/** The second of a time as text; a time without a zone is UTC. Undefined: the text has none. */
export function secondOf(text: string): Second | undefined {
  const [, year, month, day = '01', hour = '00', minute = '00', second = '00', zone] = INSTANT.exec(text.trim()) ?? []
  if (year === undefined) return undefined
  const days = dayOf(Number(year), Number(month), Number(day))
  if (formatDay(days) !== `${year}-${month}-${day}` || Number(hour) > 23) return undefined
  const [, sign, zoneHours, zoneMinutes = '00'] = /^([+-])(\d{2}):?(\d{2})?$/.exec(zone ?? '') ?? []
  const shift = sign ? Number(`${sign}1`) * (Number(zoneHours) * 60 + Number(zoneMinutes)) * 60 : 0
  return days * SECONDS_PER_DAY + Number(hour) * 3600 + Number(minute) * 60 + Number(second) - shift
}

/** The largest unit that all times begin; longer ones than a month have names. */
export const bucketIn = (seconds: readonly Second[]): Bucket | undefined =>
  (['month', 'week', 'day', 'hour'] as const).find((bucket) =>
    seconds.every((second) => startOf(bucket, bucketOf(bucket, second)) === second),
  )
