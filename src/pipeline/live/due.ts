import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import type { LiveTimeline } from '../../simulator/live-timeline.ts'
import { formatSecond, midnightAfter, type Second } from '../../time.ts'
import type { StreamClock } from './clock.ts'
import type { Pace } from './pace.ts'
import type { Stops } from './stops.ts'

/** Events per batch if many are due: large enough to make fsync negligible, small enough to stay in memory. */
const FULL_BATCH = 100_000

/** Everything before `to` that no earlier item contained. `rows` is reused for the next item. */
export interface Due {
  to: Second
  /** Empty in quiet time, which passes all the same. */
  rows: ColumnBatch
  /** Milliseconds since the oldest row became due. */
  lateMs: number
}

/** The timeline, or what a faulty network makes of it. */
export type Timeline = Pick<LiveTimeline, 'position' | 'released' | 'advance' | 'nextEvent'>

interface Release {
  timeline: Timeline
  pace: Pace
  stops: Stops
  clock: StreamClock
  signal: AbortSignal | undefined
  /** Cleared and filled again for every item. */
  rows: ColumnBatch
  /** The number of events, at most, after which an item ends with its second. Default: a hundred thousand. */
  most?: () => number
}

/**
 * Yields due events as they become due: at least four times per second, and without a pause while more are due. No item
 * crosses a UTC midnight. Ends when everything due at the moment of the stop was yielded.
 */
export async function* dueBatches({ timeline, pace, stops, clock, signal, rows, most }: Release): AsyncGenerator<Due> {
  let last: ReturnType<Pace['due']>
  for (;;) {
    const began = clock.now()
    const { position, released } = timeline
    const stopping = stops.check(position, released)
    const due = last ?? pace.due() ?? (stopping ? { until: position, events: released } : WITHOUT_A_CLOCK)
    if (stopping) last = due

    const until = Math.min(due.until, stops.until)
    const events = Math.min(due.events, stops.maxEvents)
    rows.clear()
    timeline.advance(
      Math.min(until, midnightAfter(position)),
      Math.min(events, released + Math.min(FULL_BATCH, most?.() ?? FULL_BATCH)),
      rows,
      due.beyond,
    )
    const more = timeline.position < until && timeline.released < events
    if (more && timeline.position === position) throw standsStill(position, until)
    yield { to: timeline.position, rows, lateMs: Math.max(0, pace.lateMs(rows.firstSecond(), released)) }

    if (stopping && (!more || stops.graceIsOver)) return
    // At full speed, too, Ctrl-C, rolls, and timers get their turn.
    if (more) await new Promise(setImmediate)
    else if (!stops.check(timeline.position, timeline.released))
      await clock.sleep(Math.max(1, pace.flushMs - (clock.now() - began)), signal)
  }
}

const WITHOUT_A_CLOCK = { until: Number.POSITIVE_INFINITY, events: Number.POSITIVE_INFINITY }

/** A stream that hangs must not look like an idle one. */
export const standsStill = (position: Second, due: Second): RetailError =>
  new RetailError('failed', `the stream makes no progress at ${formatSecond(position)}`, {
    why: Number.isFinite(due) ? `events up to ${formatSecond(due)} are due` : 'more events are due',
    hint: advise`run ${retail('stream')} again to resume there. If it stops again, report it with ${retail('status', '--json')}`,
  })
