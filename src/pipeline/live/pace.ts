import { eventsBy, type Rate, timeOf } from '../../config/rate.ts'
import type { Second } from '../../time.ts'
import type { StreamClock } from './clock.ts'

/** What may be released now: every second before `until`, but none after this many events have been released. */
export interface Release {
  until: Second
  /** Counted from the start of this run. */
  events: number
}

/** Decides what is due. Events depend on time only through this, and only in when they are released. */
export interface Pace {
  /** How often due events are delivered, in milliseconds. */
  flushMs: number
  /** What is due now; undefined: everything, without a clock. */
  due(): Release | undefined
  /** Milliseconds since an event became due: by its second, and by how many were released before it. */
  lateMs(second: Second, released: number): number
}

const ALWAYS = Number.POSITIVE_INFINITY
const FLUSH_MS = 250
/** Milliseconds. A rate must be even: ten seconds hold eighty of these, give or take one. */
const RATE_FLUSH_MS = 125

export const fullSpeed: Pace = { flushMs: FLUSH_MS, due: () => undefined, lateMs: () => 0 }

/** `speed` seconds of the timeline per second. The first second is due immediately. */
export function speedPace(from: Second, speed: number, clock: StreamClock): Pace {
  const start = clock.now()
  const elapsedMs = () => clock.now() - start
  return {
    flushMs: FLUSH_MS,
    due: () => ({ until: from + Math.floor((elapsedMs() / 1000) * speed) + 1, events: ALWAYS }),
    lateMs: (second) => elapsedMs() - ((second - from) / speed) * 1000,
  }
}

/** This many events per second in timeline order; quiet time is skipped. The first event is due immediately. */
export function ratePace(rate: Rate, clock: StreamClock): Pace {
  const start = clock.now()
  const elapsedMs = () => clock.now() - start
  return {
    flushMs: RATE_FLUSH_MS,
    due: () => ({ until: ALWAYS, events: Math.floor(eventsBy(rate, elapsedMs())) + 1 }),
    lateMs: (_second, released) => elapsedMs() - timeOf(rate, released),
  }
}

/**
 * Every event at its own second. A clock that is set forward makes more events due; one that is set back makes none due
 * until it reaches the position again.
 */
export function realTimePace(clock: StreamClock): Pace {
  const began = Math.floor(clock.wall() / 1000)
  return {
    flushMs: FLUSH_MS,
    due: () => ({ until: Math.floor(clock.wall() / 1000) + 1, events: ALWAYS }),
    // Events before the start are caught up with; they have no time of their own to be late for.
    lateMs: (second) => (second < began ? 0 : clock.wall() - second * 1000),
  }
}
