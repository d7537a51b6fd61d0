import type { StreamResult, StreamStart, StreamTick } from '../../src/pipeline/results.ts'
import { facts } from '../../src/tables/index.ts'
import { formatCount, formatDuration, movedLines } from './format.ts'
import { type Pieces, table } from './layout.ts'

export function renderStream(result: StreamResult): Pieces {
  const { from, to, rows, events, batches, seconds, lag, stoppedBy, shard, moved } = result
  if (stoppedBy === 'already-past') return [pastText(result), ...rebuiltLines(result), ...movedLines(moved)]
  const why = {
    signal: 'interrupted',
    duration: 'reached --duration',
    until: 'reached --until',
    'max-events': 'reached --max-events',
    end: 'reached the end of the timeline',
  }[stoppedBy]
  return [
    `✔ Stream ${shard ? `of shard ${shard} ` : ''}${stoppedBy === 'signal' ? 'stopped after' : 'finished in'} ${formatDuration(seconds)}: ${why} · ${from} … ${to}`,
    table(
      [
        ...facts.map(({ name }) => [name, formatCount(rows[name])]),
        ['events', formatCount(events)],
        ['batches', formatCount(batches)],
      ],
      { right: [1] },
    ),
    `  ${reachedText(result)} · lag ${lagText(lag.p50Ms)} median, ${lagText(lag.maxMs)} worst`,
    ...rebuiltLines(result),
    ...movedLines(moved),
  ]
}

const pastText = ({ to, until }: StreamResult): string =>
  to === until
    ? `✔ Nothing to stream: the position is already ${to}, where --until ends`
    : `✔ Nothing to stream: the position ${to} is already past --until ${until}`

const MOST_REBUILT = 10

function rebuiltLines({ rebuilt = [] }: StreamResult): string[] {
  if (rebuilt.length === 0) return []
  const named = rebuilt.slice(0, MOST_REBUILT).map(({ batch, why }) => `${batch} (${why})`)
  const rest = rebuilt.length > MOST_REBUILT ? [`${formatCount(rebuilt.length - MOST_REBUILT)} more`] : []
  const batches = rebuilt.length === 1 ? 'batch' : 'batches'
  return [`  rebuilt ${formatCount(rebuilt.length)} live ${batches}: ${[...named, ...rest].join(', ')}`]
}

/** The actual rate beside the requested one. */
function reachedText({ eventsPerSecond, speed, asked }: StreamResult): string {
  const events = `${formatCount(eventsPerSecond)} events/s`
  if (typeof asked.speed === 'number') return `speed ${formatFactor(speed)} (target ${asked.speed}), ${events}`
  if (asked.eventsPerSecond === undefined) return events
  return `${events} (target ${formatFactor(asked.eventsPerSecond)})`
}

/** `from 2024-04-01T00:00:00Z at speed 60; the next event (2024-04-01T00:12:05Z) is due in 12 s` */
export function renderStart({ position, pace, nextEvent, nextInMs }: StreamStart): string {
  const how = pace === 'real-time' ? 'in real time' : `at ${pace}`
  const when = nextInMs < 1000 ? 'is due now' : `is due in ${formatDuration(Math.round(nextInMs / 1000))}`
  return `from ${position} ${how}; the next event (${nextEvent}) ${when}`
}

const formatFactor = (value: number): string => (value >= 100 ? formatCount(Math.round(value)) : `${value}`)

/** The parts of the progress line: `2024-04-01T00:12:31Z  1,204 events  20/s (target 20)  lag 12 ms` */
export function renderTick({ position, events, asked, reached, lagMs }: StreamTick): string[] {
  const rate = `${formatCount(reached)}/s${asked === undefined ? '' : ` (target ${formatCount(asked)})`}`
  return [
    position.replace(/\.\d+Z$/, 'Z'),
    `${formatCount(events)} events`,
    rate,
    `lag ${lagText(lagMs)}`,
    'Ctrl-C stops safely',
  ]
}

const lagText = (ms: number) => (ms < 1000 ? `${Math.round(ms)} ms` : formatDuration(ms / 1000))

export interface StreamPlan {
  lake: string
  speed: number | 'max' | undefined
  rate: string | number | undefined
  realTime: boolean | undefined
  shard?: string
  ends: { durationMs: number | undefined; until: string | undefined; maxEvents: number | undefined }
}

export function renderStreamPlan({ lake, speed, rate, realTime, shard, ends }: StreamPlan): string {
  const pace = realTime ? 'in real time' : rate ? `${rate} events per second` : speedText(speed)
  const stops = [
    ends.durationMs === undefined ? undefined : `after ${formatDuration(ends.durationMs / 1000)}`,
    ends.until && `at ${ends.until}`,
    ends.maxEvents === undefined ? undefined : `after ${formatCount(ends.maxEvents)} events`,
  ].filter(Boolean)
  return [
    `Would stream ${shard ? `shard ${shard} ` : ''}${pace}, from where history or the last stream ends, into ${lake}/live`,
    `  stops ${stops.join(' or ') || 'when you press Ctrl-C'}`,
  ].join('\n')
}

const speedText = (speed: StreamPlan['speed']): string =>
  speed === 'max' ? 'as fast as possible' : `at ${speed}× real time`
