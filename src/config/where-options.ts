import { parseDuration } from '../time.ts'
import { oneOf } from './closest.ts'

/* Readers of the options behind the `?` of an address. Each returns what it expects, as text, if the value is wrong. */

export function countOption(text: string): number | string {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : 0
  return count > 0 ? count : 'a whole number of at least 1'
}

export const yesOption = (text: string): { value: boolean } | string =>
  text === 'true' || text === 'false' ? { value: text === 'true' } : 'true or false'

export const topicOption = (text: string): { value: string } | string =>
  /^[\w.-]{1,200}$/.test(text) ? { value: text } : 'letters, digits, ., _, and -'

export const choiceOption =
  <T extends string>(choices: readonly T[]) =>
  (text: string): { value: T } | string => {
    const value = choices.find((choice) => choice === text)
    return value ? { value } : oneOf(choices)
  }

/** A base address, without a slash at its end. */
export function registryOption(text: string): { url: string } | string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isPlain = url && /^https?:$/.test(url.protocol) && `${url.username}${url.password}${url.search}` === ''
  return isPlain
    ? { url: url.href.replace(/\/$/, '') }
    : 'an address like http://localhost:8081, without a user and a password'
}

/** The client checks the certificate in all of these modes, and warns unless the mode says so. */
export const sslModeOption = (text: string): { value: string } | string =>
  ['prefer', 'require', 'verify-ca', 'verify-full'].includes(text)
    ? { value: 'verify-full' }
    : ['disable', 'no-verify'].includes(text)
      ? { value: text }
      : 'disable, no-verify, require, or verify-full'

export function schemaOption(text: string): { name: string } | string {
  return /^[a-z_][a-z0-9_]{0,62}$/.test(text) ? { name: text } : 'a name of lower-case letters, digits, and _'
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, M: 1e6, G: 1e9 }

export function sizeOption(text: string): number | string {
  const [, digits, unit] = /^(\d{1,12})([kMG]?)B?$/.exec(text) ?? []
  const size = Number(digits) * UNITS[unit ?? '']
  return size > 0 ? size : 'a size like 64MB or 500kB'
}

export function durationOption(text: string): number | string {
  return parseDuration(text) ?? 'a duration like 10s or 1m'
}
