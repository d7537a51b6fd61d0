import { eventsBy, type Rate, timeOf } from '../../config/rate.ts'
import type { Second } from '../../time.ts'
import type { StreamClock } from './clock.ts'

/** What may be released now: everything before `until`, but no more than this many events. */
export interface Release {
  until: Second
  /** Counted from the start of this run. */
  events: number
  /**
   * How many events more may be released, so that a release ends with a second. With a larger second, it ends within it.
   * Undefined: any number.
   */
  beyond?: number
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
/** Milliseconds. Most seconds of the timeline hold fewer events than a rate releases in this time. */
const RATE_BEYOND_MS = 125

export const fullSpeed: Pace = { flushMs: FLUSH_MS, due: () => undefined, lateMs: () => 0 }

/** `speed` seconds of the timeline per second. The first second is due immediately. */
export function speedPace(from: Second, speed: number, clock: StreamClock): Pace {
  const start = clock.now()
  const elapsedMs = () => clock.now() - start
  return {
    flushMs: FLUSH_MS,
    // From within a second, the first release is the rest of it.
    due: () => ({ until: Math.floor(from + (elapsedMs() / 1000) * speed) + 1, events: ALWAYS }),
    lateMs: (second) => elapsedMs() - ((second - from) / speed) * 1000,
  }
}

/**
 * This many events per second in timeline order; quiet time is skipped. The first event is due immediately. A release
 * ends with a second where it can, because everything else is simpler with whole seconds.
 */
export function ratePace(rate: Rate, clock: StreamClock): Pace {
  const start = clock.now()
  const elapsedMs = () => clock.now() - start
  return {
    flushMs: RATE_FLUSH_MS,
    due: () => {
      const now = elapsedMs()
      const [events, later] = [eventsBy(rate, now), eventsBy(rate, now + RATE_BEYOND_MS)]
      return { until: ALWAYS, events: Math.floor(events) + 1, beyond: Math.floor(later - events) }
    },
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
