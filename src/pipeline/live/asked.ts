import { eventsBy, formatRate, type Rate } from '../../config/rate.ts'
import { sumOfFacts } from '../../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { rowsOfDay } from '../estimate.ts'
import type { StreamClock } from './clock.ts'
import { fullSpeed, type Pace, ratePace, realTimePace, speedPace } from './pace.ts'

/** The requested pace of a stream; at most one of these. */
export interface PaceOptions {
  /** Seconds of the timeline per second, in the shop's rhythm; 'max' ignores the clock. Default 1. */
  speed?: number | 'max'
  /** Events per second, evenly, in timeline order. */
  rate?: Rate
  /** Each event at its own second by the system clock; earlier events come first, at full speed. */
  realTime?: boolean
}

/** The request in words and numbers. */
export interface Asked {
  /** The flag, without its dashes: `speed 60`, `rate 500`, `real-time`. */
  pace: string
  /** Undefined for a rate and in real time. */
  speed: number | 'max' | undefined
  /** Events requested within this many milliseconds; undefined if the shop's rhythm or the clock decides. */
  eventsIn(ms: number): number | undefined
}

/** Mean events per second of the timeline: lines and movements of all stores. */
export function eventsPerSecond({ counts, linesPerStoreDay }: World): number {
  const rows = rowsOfDay({ stores: counts.store, products: counts.product, linesPerStoreDay })
  return sumOfFacts(rows) / SECONDS_PER_DAY
}

export function paceOf(
  { speed = 1, rate, realTime }: PaceOptions,
  from: Second,
  clock: StreamClock,
): { pace: Pace; asked: Asked } {
  if (rate !== undefined) {
    const asked = { pace: `rate ${formatRate(rate)}`, speed: undefined, eventsIn: (ms: number) => eventsBy(rate, ms) }
    return { pace: ratePace(rate, clock), asked }
  }
  if (realTime) return { pace: realTimePace(clock), asked: { pace: 'real-time', speed: undefined, eventsIn: unsaid } }
  if (speed === 'max') return { pace: fullSpeed, asked: { pace: 'speed max', speed, eventsIn: unsaid } }
  return { pace: speedPace(from, speed, clock), asked: { pace: `speed ${speed}`, speed, eventsIn: unsaid } }
}

const unsaid = () => undefined
