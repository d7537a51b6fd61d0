import { InvalidArgumentError, Option } from 'commander'
import { closest, oneOf } from '../src/config/closest.ts'
import { flagOf, type SettingPath, settings } from '../src/config/settings.ts'
import { type Day, parseDay, parseDuration, parseSecond, type Second } from '../src/time.ts'
import { parseSize } from './sizes.ts'

/** Values of retail.yaml as flags; see OverrideFlags. */
export const overrideOptions = (): Option[] => [
  setting('target', '<name>')
    .choices(['local', 'gcp'])
    .argParser(choiceFlag(['local', 'gcp'])),
  setting('seed', '<n>').argParser(countFlag(0)),
  setting('world.stores', '<n>').argParser(countFlag(1)),
  setting('world.products', '<n>').argParser(countFlag(1)),
  setting('world.lines_per_store_day', '<n>').argParser(countFlag(1)),
]

/** The section gcp of retail.yaml as flags, for `init`. */
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

/** Paths and names only: a secret is never a flag's value. */
export const credentialOptions = (): Option[] => [
  setting('gcp.credentials', '<file>'),
  setting('gcp.impersonate', '<account>'),
]

const setting = (path: SettingPath, value: string) => new Option(`${flagOf(path)} ${value}`, settings[path])

export function dayFlag(text: string): Day {
  return parseDay(text) ?? refuse('expected a day that exists, like 2024-01-31')
}

export function instantFlag(text: string): Second {
  return parseSecond(text) ?? refuse('expected an instant in UTC, like 2024-04-01T12:00:00Z, or a day')
}

/** `500ms`, `30s`, `5m`, `1h30m`: milliseconds. */
export function durationFlag(text: string): number {
  return parseDuration(text) ?? refuse('expected a duration of at most 366d, like 30s, 5m or 1h30m')
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
  return value > 0 && value <= 1e15 ? value : refuse('expected a number, like 1000, 1M, 2.5B or 100e9')
}

/** `10GiB`: bytes. */
export function sizeFlag(text: string): number {
  return parseSize(text) ?? refuse('expected a size, like 10GiB, 500MiB or a number of bytes')
}

export function rateFlag(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  return value > 0 && value <= 1e9 ? value : refuse('expected events per second, like 500')
}

export function speedFlag(text: string): number | 'max' {
  if (text === 'max') return 'max'
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : 0
  return value > 0 && value <= 1e9 ? value : refuse('expected a factor like 60, or max')
}

/** `1/4` to `4/4` on the command line; index 0 to 3 in the works. */
export function shardFlag(text: string): { index: number; count: number } {
  const [, number, count] = (/^(\d{1,4})\/(\d{1,4})$/.exec(text) ?? []).map(Number)
  return number >= 1 && number <= count
    ? { index: number - 1, count }
    : refuse('expected a shard of so many, from 1/4 to 4/4')
}

export function choiceFlag<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const found = choices.find((choice) => choice === text)
    if (found) return found
    const near = closest(text, choices)
    return refuse(`expected ${oneOf(choices)}${near ? `; did you mean ${near}?` : ''}`)
  }
}

/** `airflow,make`: some of the choices, each once, in their order. */
export function choicesFlag<T extends string>(choices: readonly T[]): (text: string) => T[] {
  const one = choiceFlag(choices)
  return (text) => {
    const named = text.split(',').map((word) => one(word.trim()))
    return choices.filter((choice) => named.includes(choice))
  }
}

function refuse(expected: string): never {
  throw new InvalidArgumentError(expected)
}
