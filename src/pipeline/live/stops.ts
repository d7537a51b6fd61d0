import type { Second } from '../../time.ts'
import type { StreamClock } from './clock.ts'
import type { StreamResult } from './result.ts'

export type StoppedBy = Exclude<StreamResult['stoppedBy'], 'already-past'>

/** After this long, a stream that cannot keep up with its pace leaves the rest to the next run. */
export const GRACE_MS = 2_000

export interface StopOptions {
  /** Reached when every event before it is delivered. */
  until: Second
  /** The timeline contains nothing from here on. */
  end: Second
  maxEvents: number
  durationMs: number
  signal: AbortSignal | undefined
}

/** When a stream stops, and why. The first reason counts. */
export class Stops {
  /** No event from here on is released. */
  readonly until: Second
  readonly maxEvents: number
  by: StoppedBy | undefined
  private readonly options: StopOptions
  private readonly clock: StreamClock
  private readonly deadline: number
  private since = 0

  constructor(options: StopOptions, clock: StreamClock) {
    this.options = options
    this.clock = clock
    this.until = Math.min(options.until, options.end)
    this.maxEvents = options.maxEvents
    this.deadline = clock.now() + options.durationMs
  }

  /** True once the stream must stop; events that are due by then are still delivered. */
  check(position: Second, events: number): boolean {
    if (this.by) return true
    this.by = this.reason(position, events)
    this.since = this.clock.now()
    return this.by !== undefined
  }

  get graceIsOver(): boolean {
    return this.by !== undefined && this.clock.now() - this.since > GRACE_MS
  }

  private reason(position: Second, events: number): StoppedBy | undefined {
    const { signal, until, end, maxEvents } = this.options
    if (signal?.aborted) return 'signal'
    if (events >= maxEvents) return 'max-events'
    if (position >= until) return 'until'
    if (position >= end) return 'end'
    return this.clock.now() >= this.deadline ? 'duration' : undefined
  }
}
