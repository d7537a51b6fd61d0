import { parseDuration } from '../time.ts'

/** From one rate to another over this duration, then constant. */
export interface Ramp {
  from: number
  to: number
  overMs: number
}

/** A burst of this duration at the start of every period; `base` in between. */
export interface Bursts {
  base: number
  peak: number
  forMs: number
  everyMs: number
}

/** Events per second: constant, or as a function of time. */
export type Rate = number | Ramp | Bursts

export const RATE_FORMS =
  'a rate in events per second, such as 500, 0.5, 100k, a ramp 100..5000/10m, or bursts 500+5000/10s/60s'
const MOST = 1e9

/** The rate that a text describes, or what was expected if it describes none. */
export function parseRate(text: string): Rate | string {
  const ramp = /^(.*?)\.\.([^/]*)\/(.*)$/.exec(text)
  if (ramp) {
    const [from, to, overMs] = [amount(ramp[1]), amount(ramp[2]), parseDuration(ramp[3])]
    if (from === undefined || !to) return expected(from === undefined ? ramp[1] : ramp[2], '500', '100..5000/10m')
    return overMs === undefined ? expected(ramp[3], '10m', '100..5000/10m') : { from, to, overMs }
  }
  const bursts = /^([^+]*)\+([^/]*)\/([^/]*)\/(.*)$/.exec(text)
  if (bursts) {
    const [base, peak] = [amount(bursts[1]), amount(bursts[2])]
    const [forMs, everyMs] = [parseDuration(bursts[3]), parseDuration(bursts[4])]
    const example = '500+5000/10s/60s'
    if (base === undefined || !peak) return expected(base === undefined ? bursts[1] : bursts[2], '500', example)
    if (forMs === undefined || everyMs === undefined)
      return expected(forMs === undefined ? bursts[3] : bursts[4], '10s', example)
    if (forMs >= everyMs) return `expected bursts shorter than ${bursts[4]}, as in ${example}`
    return { base, peak, forMs, everyMs }
  }
  if (/[+/]|\.\./.test(text)) return 'expected a ramp like 100..5000/10m, or bursts like 500+5000/10s/60s'
  const rate = amount(text)
  if (rate === 0) return `expected ${RATE_FORMS}, and more than 0`
  return rate ?? `expected ${RATE_FORMS}`
}

const expected = (found: string, what: string, example: string): string =>
  `expected something like ${what} in place of "${found}", as in ${example}`

/** `500`, `0.5`, `2_500`, `100k`, `1M`, `1e5`. */
function amount(text: string): number | undefined {
  const [, digits, power = '0', unit = ''] = /^(\d[\d_]*(?:\.\d+)?)(?:e(\d{1,2})|([kMB]))?$/.exec(text) ?? []
  const value = Number(digits?.replaceAll('_', '')) * 10 ** Number(power) * { '': 1, k: 1e3, M: 1e6, B: 1e9 }[unit]!
  return value >= 0 && value <= MOST ? value : undefined
}

export function formatRate(rate: Rate): string {
  if (typeof rate === 'number') return `${rate}`
  if ('overMs' in rate) return `${rate.from}..${rate.to}/${rate.overMs / 1000}s`
  return `${rate.base}+${rate.peak}/${rate.forMs / 1000}s/${rate.everyMs / 1000}s`
}

/** Events due after this many milliseconds, as a real number. */
export function eventsBy(rate: Rate, ms: number): number {
  const seconds = ms / 1000
  if (typeof rate === 'number') return rate * seconds
  if ('overMs' in rate) {
    const { from, to, overMs } = rate
    const rising = Math.min(ms, overMs) / 1000
    return from * rising + ((to - from) * rising ** 2) / (overMs / 500) + to * (seconds - rising)
  }
  const { base, peak, forMs, everyMs } = rate
  const whole = Math.floor(ms / everyMs)
  const rest = ms - whole * everyMs
  const bursting = whole * forMs + Math.min(rest, forMs)
  return (peak * bursting + base * (ms - bursting)) / 1000
}

/** When this many events are due: milliseconds after the start. */
export function timeOf(rate: Rate, events: number): number {
  if (typeof rate === 'number') return (events / rate) * 1000
  let [low, high] = [0, 1000]
  while (eventsBy(rate, high) < events) high *= 2
  while (high - low > 0.5) {
    const middle = (low + high) / 2
    if (eventsBy(rate, middle) < events) low = middle
    else high = middle
  }
  return high
}

/** The mean rate in the long run. */
export function meanOf(rate: Rate): number {
  if (typeof rate === 'number') return rate
  return 'overMs' in rate ? rate.to : (eventsBy(rate, rate.everyMs) / rate.everyMs) * 1000
}

export function peakOf(rate: Rate): number {
  if (typeof rate === 'number') return rate
  return 'overMs' in rate ? Math.max(rate.from, rate.to) : Math.max(rate.base, rate.peak)
}
