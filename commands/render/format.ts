import { formatCount } from '../../src/numbers.ts'
import type { Moved } from '../../src/pipeline/results.ts'

export { formatCount }

/** The note for a command that found a moved database and rebuilt it. */
export const movedLines = (moved: Moved | undefined): string[] =>
  moved
    ? [
        '  The workspace was moved or copied; the raw views now point to its lake',
        `    from  ${moved.from}`,
        `    to    ${moved.to}`,
      ]
    : []

/** `1 store`, `2 stores`. */
export const countOf = (n: number, what: string): string => `${formatCount(n)} ${what}${Math.round(n) === 1 ? '' : 's'}`

export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let [value, unit] = [bytes, 0]
  while (value >= 999.5 && unit < units.length - 1) [value, unit] = [value / 1000, unit + 1]
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** `0.4 s`, `14.3 s`, `2 min 5 s`, `1 h 3 min`, `12 days` */
export function formatDuration(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1).replace(/\.0$/, '')} s`
  const whole = Math.round(seconds)
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`
  const minutes = Math.round(whole / 60)
  if (minutes >= 100 * 60) return `${formatCount(Math.round(minutes / 1440))} days`
  return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`
}
