import { SECONDS_PER_HOUR } from '../time.ts'
import { HOURS } from './calibration.ts'

const SEGMENTS = 64

export interface HourCurve {
  /** Share of the day's visits in this local hour. */
  share: number
  /** Second within the hour at each 64th of its visits; one entry more than needed, for interpolation. */
  readonly secondAt: Float64Array
}

/**
 * Curves by class of day (0 Monday–Friday, 1 Saturday, 2 Sunday) and local hour. Rates are linear from the middle of an
 * hour to the middle of the next.
 */
export const HOUR_CURVES: readonly (readonly HourCurve[])[] = HOURS.map((weights) => {
  const total = weights.reduce<number>((sum, weight) => sum + weight, 0)
  return weights.map((weight, hour) => {
    const before = weights[(hour + 23) % 24]
    const after = weights[(hour + 1) % 24]
    // Rate at the hour's ends, halfway to its neighbors; a closed neighbor does not pull the rate at opening or closing
    // to zero.
    const start = before === 0 ? weight : (before + weight) / 2
    const end = after === 0 ? weight : (weight + after) / 2
    let secondAt: Float64Array | undefined
    return {
      share: weight / total,
      // On demand: all of them take 15 ms, and most commands simulate nothing.
      get secondAt() {
        return (secondAt ??= secondsBetween(start, end))
      },
    }
  })
})

function secondsBetween(start: number, end: number): Float64Array {
  const secondAt = new Float64Array(SEGMENTS + 2)
  const cumulative = (x: number) => start * x + ((end - start) * x * x) / 2
  const area = cumulative(1)
  for (let i = 0; i <= SEGMENTS; i++)
    secondAt[i] = area > 0 ? invert(cumulative, (area * i) / SEGMENTS) * SECONDS_PER_HOUR : 0
  secondAt[SEGMENTS] = SECONDS_PER_HOUR - 1e-6
  secondAt[SEGMENTS + 1] = secondAt[SEGMENTS]
  return secondAt
}

export const CURVE_SEGMENTS = SEGMENTS

/** Bisection on [0, 1]: plain arithmetic, so the same on every machine. */
function invert(f: (x: number) => number, y: number): number {
  let low = 0
  let high = 1
  for (let i = 0; i < 52; i++) {
    const middle = (low + high) / 2
    if (f(middle) < y) low = middle
    else high = middle
  }
  return low
}
