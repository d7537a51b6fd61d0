import type { Second } from '../../time.ts'

/** Says up to which second of the timeline events are due. */
export interface Pace {
  /** exclusive; everything before it is due now */
  dueUntil(): Second
  /** how long ago, in milliseconds of the clock, a second of the timeline became due */
  lateMs(second: Second): number
}

/** The clock of the machine paces the stream and reaches no row. `speed` seconds of the timeline a second. */
export function clockPace(from: Second, speed: number, now: () => number = () => performance.now()): Pace {
  const start = now()
  const elapsed = () => (now() - start) / 1000
  return {
    dueUntil: () => from + Math.floor(elapsed() * speed) + 1,
    lateMs: (second) => now() - start - ((second - from) / speed) * 1000,
  }
}
