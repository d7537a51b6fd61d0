import type { FactName } from '../../tables/index.ts'
import type { Rebuilt } from '../history/repair.ts'
import type { Moved } from '../moved.ts'

export interface StreamResult {
  world: string
  from: string
  /** The final position: every event before it can be queried. */
  to: string
  rows: Record<FactName, number>
  events: number
  batches: number
  seconds: number
  /** Actual rate. */
  eventsPerSecond: number
  /** Actual speed: seconds of the timeline per second. */
  speed: number
  /** The request as a flag; events per second of a rate are a mean over the run. */
  asked: { pace: string; eventsPerSecond: number | undefined; speed: number | 'max' | undefined }
  lag: { p50Ms: number; maxMs: number }
  /** end: the timeline ends here. already-past: the position was at or past `until` when the stream started. */
  stoppedBy: 'signal' | 'duration' | 'until' | 'max-events' | 'end' | 'already-past'
  /** The requested end, if there is one. */
  until?: string
  /** Live batches that were missing or damaged and that this stream rebuilt; undefined if there were none. */
  rebuilt?: readonly Rebuilt[]
  moved?: Moved | undefined
  /** `1/4`, if it was one of several. */
  shard?: string
}

/** A stream to a destination other than the target. */
export interface StreamToResult extends StreamResult {
  /** Its name, without secrets. */
  destination: string
  /** For how long the stream waited for it. */
  waitedSeconds: number
}

/** The first line of a stream. */
export interface StreamStart {
  position: string
  /** `speed 60`, `rate 500`, `real-time` */
  pace: string
  /** Second of the next event, or the end of the search for one. */
  nextEvent: string
  nextInMs: number
}

/** One line of a running stream. */
export interface StreamTick {
  position: string
  events: number
  /** Events per second since the previous tick: requested (for a rate only) and actual. */
  asked: number | undefined
  reached: number
  lagMs: number
}
