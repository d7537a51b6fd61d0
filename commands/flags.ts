import { InvalidArgumentError, Option } from 'commander'
import { FIRST_DAY, LAST_DAY, TIMELINE_END } from '../src/config/bounds.ts'
import { closest, oneOf } from '../src/config/closest.ts'
import { parseRate, type Rate } from '../src/config/rate.ts'
import { flagOf, type SettingPath, settings } from '../src/config/settings.ts'
import { targetNames } from '../src/config/targets.ts'
import { RetailError } from '../src/errors.ts'
import {
  type Day,
  formatSecond,
  parseDay,
  parseDayFrom,
  parseDuration,
  parseSecond,
  SECONDS_PER_DAY,
  type Second,
} from '../src/time.ts'
import { parseSize } from './sizes.ts'

/** The target alone, for a command that needs no world. */
export const targetOption = (): Option =>
  setting('target', '<name>').choices(targetNames).argParser(choiceFlag(targetNames))

/** Settings of retail.yaml as flags; see OverrideFlags. */
export const overrideOptions = (): Option[] => [
  targetOption(),
  setting('seed', '<n>').argParser(countFlag(0)),
  setting('world.stores', '<n>').argParser(countFlag(1)),
  setting('world.products', '<n>').argParser(countFlag(1)),
  setting('world.lines_per_store_day', '<n>').argParser(countFlag(1)),
]

/** The gcp section of retail.yaml as flags, for `init`. */
export const cloudOptions = (): Option[] => [
  setting('gcp.project', '<id>'),
  setting('gcp.location', '<name>'),
  setting('gcp.region', '<name>'),
  setting('gcp.bucket', '<name>'),
  setting('gcp.dataset', '<name>'),
  setting('gcp.ingest', '<way>')
    .choices(['load', 'subscription'])
    .argParser(choiceFlag(['load', 'subscription'])),
  setting('gcp.max_bytes_billed', '<size>').argParser(sizeFlag),
  setting('gcp.stream_stop_after', '<duration>'),
  ...credentialOptions(),
]

/** Paths and names only: no flag takes a secret as its value. */
export const credentialOptions = (): Option[] => [
  setting('gcp.credentials', '<file>'),
  setting('gcp.impersonate', '<account>'),
]

const setting = (path: SettingPath, value: string) => new Option(`${flagOf(path)} ${value}`, settings[path])

const DAYS = 'like 2024-01-31, today, yesterday, -90d, -12w, -3mo, or -1y'

/** A day, absolute or relative to today. A relative day is resolved here, once. */
export const dayFlag =
  (today: Day) =>
  (text: string): Day => {
    const day = parseDayFrom(today, text) ?? refuse(`expected a day that exists, ${DAYS}`)
    return day >= parseDay(FIRST_DAY)! && day <= parseDay(LAST_DAY)!
      ? day
      : refuse(`expected a day from ${FIRST_DAY} to ${LAST_DAY}: no world has others`)
  }

/** Refuses the first of these flags that is given, beside another one. */
export function refuseBeside(
  flag: string,
  others: Readonly<Record<string, unknown>>,
  about: (name: string) => { why: string; hint: string },
): void {
  const name = Object.keys(others).find((other) => others[other] !== undefined)
  if (name !== undefined) throw new RetailError('bad_flag', `${flag} and ${name} cannot be combined`, about(name))
}

/** The last day of a backfill, and the database that it loads. */
export interface To {
  day?: Day
  /** An address, or the name of a sink, as `parseWhere` takes it. */
  where?: string
}

/** `--to` of a backfill: a day, or a place. Both may be given. */
export const toFlag =
  (today: Day) =>
  (text: string, before: To | undefined): To =>
    /^[a-z][a-z+]*:|^-$/i.test(text) || (/^[a-z][\w-]*$/.test(text) && parseDayFrom(today, text) === undefined)
      ? { ...before, where: text }
      : { ...before, day: dayFlag(today)(text) }

const TIMELINE_BEGIN = parseDay(FIRST_DAY)! * SECONDS_PER_DAY

/** A whole second, or the midnight at which a day starts. */
export const instantFlag = (today: Day) => {
  const position = positionFlag(today)
  return (text: string): Second => {
    const second = position(text)
    return Number.isInteger(second) ? second : refuse('expected a whole second, like 2024-04-01T12:00:00Z')
  }
}

/** The same, and any instant at which a stream can stop: `2024-04-01T12:00:00.250000Z`. */
export const positionFlag =
  (today: Day) =>
  (text: string): Second => {
    const day = parseDayFrom(today, text)
    const second =
      (day === undefined ? parseSecond(text) : day * SECONDS_PER_DAY) ??
      refuse(`expected an instant in UTC, like 2024-04-01T12:00:00Z, or a day, ${DAYS}`)
    return second >= TIMELINE_BEGIN && second <= TIMELINE_END
      ? second
      : refuse(
          `expected an instant from ${formatSecond(TIMELINE_BEGIN)} to ${formatSecond(TIMELINE_END)}: no world has events before or after`,
        )
  }

/** `500ms`, `30s`, `5m`, `1h30m`, in milliseconds. */
export function durationFlag(text: string): number {
  return parseDuration(text) ?? refuse('expected a duration of at most 366d, like 30s, 5m, or 1h30m')
}

export function countFlag(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const plain = text.replaceAll('_', '')
    const value = /^\d+$/.test(plain) ? Number(plain) : Number.NaN
    if (value >= least && value <= most) return value
    const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
    return refuse(`expected a whole number ${range}`)
  }
}

/** `100e9`, `1M`, `2.5k`, `1_000_000`. */
export function amountFlag(text: string): number {
  const [, digits, power = '0', unit = ''] = /^(\d[\d_]*(?:\.\d+)?)(?:e(\d{1,2})|([kMB]))?$/.exec(text) ?? []
  const value = Number(digits?.replaceAll('_', '')) * 10 ** Number(power) * { '': 1, k: 1e3, M: 1e6, B: 1e9 }[unit]!
  return value > 0 && value <= 1e15 ? value : refuse('expected a number, like 1000, 1M, 2.5B, or 100e9')
}

/** `10GiB`: bytes. */
export function sizeFlag(text: string): number {
  return parseSize(text) ?? refuse('expected a size, like 10GiB, 500MiB, or a number of bytes')
}

/** `500`, `100k`, `100..5000/10m`, `500+5000/10s/60s`. */
export function rateFlag(text: string): Rate {
  const rate = parseRate(text)
  return typeof rate === 'string' ? refuse(rate) : rate
}

export function speedFlag(text: string): number | 'max' {
  if (text === 'max') return 'max'
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  return value > 0 && value <= 1e9 ? value : refuse('expected a factor such as 60, or max')
}

/** `1/4` to `4/4` on the command line; index 0 to 3 in the core. */
export function shardFlag(text: string): { index: number; count: number } {
  const [, number, count] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number)
  return number >= 1 && number <= count
    ? { index: number - 1, count }
    : refuse('expected a shard and the number of shards, such as 1/4')
}

export function choiceFlag<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text)
    if (found) return found
    const near = closest(text, choices)
    return refuse(`expected ${oneOf(choices)}${near ? `; did you mean ${near}?` : ''}`)
  }
}

/** `airflow,make`: some of the choices, without duplicates, in the order of the list. */
export function choicesFlag<T extends string>(choices: readonly T[]): (text: string) => T[] {
  const one = choiceFlag(choices)
  return (text) => {
    const named = text.split(',').map((word) => one(word.trim()))
    return choices.filter((choice) => named.includes(choice))
  }
}

/** `id=sale_id,ts=sold_at` */
export function pairsFlag(text: string): { name: string; is: string }[] {
  return text.split(',').map((pair) => {
    const [, name, is] = /^\s*([^=]+?)\s*=\s*(.+?)\s*$/.exec(pair) ?? []
    return name && is ? { name, is } : refuse('expected pairs like id=sale_id,ts=sold_at')
  })
}

function refuse(expected: string): never {
  throw new InvalidArgumentError(expected)
}
