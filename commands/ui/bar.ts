import { formatCount, formatDuration } from '../render/format.ts'
import type { Stopwatch } from './ui.ts'

/** Rate and remaining time. Work done before the first update (a resumed run) does not count toward the rate. */
export class RateMeter {
  readonly #clock: Stopwatch
  #start: { at: number; done: number } | undefined
  #last = { at: 0, done: 0 }

  constructor(clock: Stopwatch) {
    this.#clock = clock
  }

  reach(done: number): void {
    this.#last = { at: this.#clock.now(), done }
    this.#start ??= this.#last
  }

  /** Units per second. Undefined until enough is known. */
  get rate(): number | undefined {
    const start = this.#start
    if (!start || this.#last.at - start.at < 500 || this.#last.done <= start.done) return undefined
    return ((this.#last.done - start.done) * 1000) / (this.#last.at - start.at)
  }
}

export interface BarState {
  done: number
  total: number
  detail: string | undefined
  unit: string
  pace: RateMeter
}

/** `2024-03  6,902,112 / 10,000,000 rows  69 %  402,000 rows/s  ETA 15 s` */
export const barText = (state: BarState): string => Object.values(partsOf(state)).filter(Boolean).join('  ')

/** The first that fits of: a long bar, a short bar, no bar, and text with fewer parts. */
export function drawBar(state: BarState, width: number): string {
  const { detail, count, percent, rate, eta } = partsOf(state)
  const drawings = [
    [cells(state, 25), detail, count, percent, rate, eta],
    [cells(state, 10), detail, count, percent, rate, eta],
    [cells(state, 10), detail, count, percent, eta],
    [cells(state, 10), count, percent, eta],
    [cells(state, 10), percent, eta],
    [percent, eta],
  ].map((parts) => parts.filter(Boolean).join('  '))
  return drawings.find((text) => text.length <= width) ?? drawings.at(-1)!.slice(0, width)
}

/** As many of the parts as fit, from the first. */
export function fitParts(parts: readonly string[], width: number): string {
  const count = parts.findLastIndex((_, i) => parts.slice(0, i + 1).join('  ').length <= width) + 1
  return parts.slice(0, Math.max(1, count)).join('  ').slice(0, width)
}

function partsOf({ done, total, detail, unit, pace }: BarState) {
  return {
    detail,
    count: `${formatCount(done)} / ${formatCount(total)} ${unit}`,
    percent: `${percentOf(done, total)} %`,
    rate: pace.rate && `${formatCount(roundRate(pace.rate))} ${unit}/s`,
    eta: pace.rate && done < total && `ETA ${formatDuration((total - done) / pace.rate)}`,
  }
}

function cells({ done, total }: BarState, count: number): string {
  const filled = Math.floor((count * percentOf(done, total)) / 100)
  return `${'█'.repeat(filled)}${'░'.repeat(count - filled)}`
}

const percentOf = (done: number, total: number) =>
  total > 0 ? Math.min(100, Math.max(0, Math.floor((100 * done) / total))) : 100

/** People read only three digits of a rate. */
function roundRate(rate: number): number {
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(rate)) - 2)
  return Math.round(rate / scale) * scale
}
