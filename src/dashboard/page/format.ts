import { parseMonth } from '../../time.ts'
import type { PageHead } from '../panel-data.ts'
import { MONTHS } from '../period.ts'
import type { CellKind } from '../views.ts'

/**
 * Numbers as `Intl.NumberFormat('en-US')` formats them, without Intl: its first use in a page loads the locale's data,
 * which takes as long as everything else that the page does before it is visible.
 */
/** An average is rounded to a tenth. */
export const formatCount = (n: number): string => `${minus(n)}${grouped(String(Math.round(Math.abs(n) * 10) / 10))}`
export const shortCount = (n: number): string => (n < 100_000 ? formatCount(n) : `${minus(n)}${compact(Math.abs(n))}`)
/** Cents, possibly fractional, as dollars. */
export const formatMoney = (cents: number): string => {
  const text = String(Math.round(Math.abs(cents))).padStart(3, '0')
  return `${minus(cents)}$${grouped(text.slice(0, -2))}.${text.slice(-2)}`
}
export const shortMoney = (cents: number): string => `${minus(cents)}$${compact(Math.abs(cents) / 100)}`

const minus = (n: number): string => (n < 0 ? '-' : '')
const grouped = (digits: string): string => digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')

/** Three significant digits and a letter: `1.23K`, `45.6M`, `7B`. */
function compact(n: number): string {
  const three = Number(n.toPrecision(3))
  const thousands = three < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(three) / 3 + 1e-9))
  return `${grouped(String(Number((three / 1000 ** thousands).toPrecision(3))))}${['', 'K', 'M', 'B', 'T'][thousands]}`
}

export const formatShare = (share: number): string => `${(share * 100).toFixed(1)} %`

/** `+3.1 %`, `−0.4 %`: always with a sign, and a minus rather than a hyphen. */
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

/** `5 Mar` of `2024-03-05` */
export const shortDay = (day: string): string =>
  `${Number(day.slice(8, 10))} ${MONTHS[Number(day.slice(5, 7)) - 1].slice(0, 3)}`

/** The period, and what the data lacks of it. */
export const periodText = ({ period, partial }: Pick<PageHead, 'period' | 'partial'>): string =>
  partial.length === 0 ? period : `${period} (${partial.map(({ month }) => month).join(', ')} incomplete)`
/** The same, and how much of it there is. */
export const partsText = ({ period, partial }: Pick<PageHead, 'period' | 'partial'>): string =>
  partial.length === 0 ? period : `${period} (${partial.map(({ month, part }) => `${month} ${part}`).join(', ')})`

/** `1 Apr 2024 00:16:32 UTC` of `2024-04-01T00:16:32Z` */
export function formatInstant(instant: string): string {
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)T(.{8})/.exec(instant) ?? []
  return year === undefined ? instant : `${Number(day)} ${MONTHS[Number(month) - 1].slice(0, 3)} ${year} ${time} UTC`
}
