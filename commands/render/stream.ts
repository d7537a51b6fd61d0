import type { StreamResult, StreamTick } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration, next, table } from './format.ts'

export function renderStream(result: StreamResult): string {
  const { from, to, rows, events, batches, seconds, eventsPerSecond, lag, stoppedBy } = result
  const why = { signal: 'stopped', duration: 'time is up', until: 'there', 'max-events': 'enough events' }[stoppedBy]
  return [
    `✔ Stream stopped after ${formatDuration(seconds)}: ${why} · ${from} … ${to}`,
    table(
      [
        ['transactions', formatCount(rows.transactions)],
        ['inventories', formatCount(rows.inventories)],
        ['events', formatCount(events)],
        ['batches', formatCount(batches)],
      ],
      { right: [1] },
    ),
    `  ${formatCount(eventsPerSecond)} events/s · lag ${lagText(lag.p50Ms)} median, ${lagText(lag.maxMs)} worst`,
    next(['retail stream', `goes on at ${to}`], ['retail transform', 'bring it to the marts']),
  ].join('\n')
}

/** The live line: `2024-04-01T00:12:31Z  1,204 events  20/s of 20 asked  lag 12 ms` */
export function renderTick({ position, events, asked, reached, lagMs }: StreamTick): string {
  const rate = `${formatCount(reached)}/s${asked === undefined ? '' : ` of ${formatCount(asked)} asked`}`
  return `${position}  ${formatCount(events)} events  ${rate}  lag ${lagText(lagMs)}  ^C stops safely`
}

const lagText = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : formatDuration(ms / 1000))

export interface StreamPlan {
  lake: string
  speed: number | 'max' | undefined
  rate: number | undefined
  ends: { durationMs: number | undefined; until: string | undefined; maxEvents: number | undefined }
}

export function renderStreamPlan({ lake, speed, rate, ends }: StreamPlan): string {
  const pace = rate ? `${rate} events a second` : speed === 'max' ? 'as fast as it goes' : `at ${speed} times the clock`
  const stops = [
    ends.durationMs === undefined ? undefined : `after ${formatDuration(ends.durationMs / 1000)}`,
    ends.until && `at ${ends.until}`,
    ends.maxEvents === undefined ? undefined : `after ${formatCount(ends.maxEvents)} events`,
  ].filter(Boolean)
  return [
    `Would stream ${pace}, from where history or the last stream ends, into ${lake}/live`,
    `  stops ${stops.join(' or ') || 'at Ctrl-C'}`,
    next(['retail status', 'where history ends now']),
  ].join('\n')
}
