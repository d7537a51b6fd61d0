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

const CELLS = 25

/** `2024-03  6,902,112 / 10,000,000 rows  69 %  402,000 rows/s  ETA 15 s` */
export function barText({ done, total, detail, unit, pace }: BarState): string {
  const parts = [`${formatCount(done)} / ${formatCount(total)} ${unit}`, `${percentOf(done, total)} %`]
  if (detail) parts.unshift(detail)
  if (pace.rate) {
    parts.push(`${formatCount(roundRate(pace.rate))} ${unit}/s`)
    if (done < total) parts.push(`ETA ${formatDuration((total - done) / pace.rate)}`)
  }
  return parts.join('  ')
}

export function drawBar(state: BarState): string {
  const filled = Math.floor((CELLS * percentOf(state.done, state.total)) / 100)
  return `${'█'.repeat(filled)}${'░'.repeat(CELLS - filled)}  ${barText(state)}`
}

const percentOf = (done: number, total: number) =>
  total > 0 ? Math.min(100, Math.max(0, Math.floor((100 * done) / total))) : 100

/** People read only three digits of a rate. */
function roundRate(rate: number): number {
  const scale = 10 ** Math.max(0, Math.floor(Math.log10(rate)) - 2)
  return Math.round(rate / scale) * scale
}
