import { parseMonth } from '../../time.ts'
import { MONTHS } from '../period.ts'
import type { CellKind } from '../views.ts'

const LOCALE = 'en-US'
const counts = new Intl.NumberFormat(LOCALE)
const short = new Intl.NumberFormat(LOCALE, { notation: 'compact', maximumSignificantDigits: 3 })
const dollarsShort = new Intl.NumberFormat(LOCALE, {
  ...{ style: 'currency', currency: 'USD', notation: 'compact', maximumSignificantDigits: 3 },
})
const dollars = new Intl.NumberFormat(LOCALE, { style: 'currency', currency: 'USD' })

export const formatCount = (n: number): string => counts.format(n)
export const shortCount = (n: number): string => (n < 100_000 ? counts.format(n) : short.format(n))
export const formatMoney = (cents: number): string => dollars.format(cents / 100)
export const shortMoney = (cents: number): string => dollarsShort.format(cents / 100)
export const formatShare = (share: number): string => `${(share * 100).toFixed(1)} %`

/** `+3.1 %`, `−0.4 %`: the sign is always there, and is a minus, not a hyphen. */
export function formatChange(change: number): string {
  const percent = change * 100
  const digits = Math.abs(percent) >= 1000 ? 0 : 1
  const text = Math.abs(percent).toFixed(digits)
  return `${Number(text) === 0 ? '±' : change < 0 ? '−' : '+'}${text} %`
}

export const arrowOf = (change: number): string => (Math.abs(change) < 0.0005 ? '■' : change < 0 ? '▼' : '▲')
export const directionOf = (change: number): 'up' | 'down' | 'same' =>
  Math.abs(change) < 0.0005 ? 'same' : change < 0 ? 'down' : 'up'

export function formatCell(cell: string | number | null, kind: CellKind): string {
  if (cell === null) return '–'
  if (typeof cell === 'string') return cell
  switch (kind) {
    case 'money':
      return formatMoney(Math.round(cell * 100))
    case 'share':
      return formatShare(cell)
    case 'change':
      return formatChange(cell)
    default:
      return formatCount(cell)
  }
}

/** `Mar 2024` of `2024-03` */
export function shortMonth(month: string): string {
  const at = parseMonth(month.slice(0, 7))
  return at === undefined ? month : `${MONTHS[at % 12].slice(0, 3)} ${Math.floor(at / 12)}`
}

/** `1 Apr 2024 00:16:32 UTC` of `2024-04-01T00:16:32Z` */
export function formatInstant(instant: string): string {
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)T(.{8})/.exec(instant) ?? []
  return year === undefined ? instant : `${Number(day)} ${MONTHS[Number(month) - 1].slice(0, 3)} ${year} ${time} UTC`
}
