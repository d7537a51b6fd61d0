import type { StreamClock } from '../src/pipeline/live/clock.ts'

export interface MovedClock extends StreamClock {
  move(ms: number): void
  /** Sets the clock of the machine, forth or back; elapsed time is not touched. */
  set(ms: number): void
}

/**
 * A clock that stands until it is moved. A sleep takes at least as long as asked: `oversleep` says how much longer, as on a machine
 * that is busy or was put to sleep, so that days pass in a few hundred sleeps.
 */
export function movedClock(oversleep: () => number = () => 0, wall = 1_711_929_600_000): MovedClock {
  let now = 5_000
  let ahead = wall - now
  return {
    now: () => now,
    wall: () => now + ahead,
    move: (ms) => void (now += ms),
    set: (ms) => void (ahead = ms - now),
    async sleep(ms, signal) {
      if (!signal?.aborted) now += ms + oversleep()
    },
  }
}
