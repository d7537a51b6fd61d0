import type { StreamToResult, Waiting } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration } from './format.ts'
import type { Pieces } from './layout.ts'
import { renderStream } from './stream.ts'

export function renderStreamTo(result: StreamToResult): Pieces {
  const { destination, waitedSeconds, seconds, asked } = result
  const waits = asked.speed !== 'max' && waitedSeconds >= 1 && waitedSeconds > seconds / 2
  return [
    ...renderStream(result),
    `  to ${destination}${waits ? `, for which the stream waited ${formatDuration(waitedSeconds)}` : ''}`,
  ]
}

/** `kafka://localhost:9092 has taken no events for 12 s: connect ECONNREFUSED; the stream waits for it` */
export const renderWaiting = ({ location, seconds, why }: Waiting): string =>
  `${location} has taken no events for ${formatDuration(Math.round(seconds))}${why ? `: ${why}` : ''}; the stream waits for it`

/** The same for rows of history. */
export const renderTablesWait = ({ location, seconds, why }: Waiting): string =>
  `${location} has finished no part for ${formatDuration(Math.round(seconds))}${why ? `: ${why}; the backfill waits for it` : ''}`

/** One line, for stderr beside events on stdout. */
export const renderPrinted = (result: StreamToResult): string =>
  `${renderStream(result)[0]} · ${formatCount(result.events)} events, ${formatCount(result.eventsPerSecond)} events/s`
