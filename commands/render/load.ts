import type { LoadBatchesResult, LoadPause, LoadResult, LoadTick } from '../../src/pipeline/results.ts'
import { facts } from '../../src/tables/index.ts'
import { collectedLines } from './dead-letters.ts'
import { renderShortage } from './delivery.ts'
import { formatCount, formatDuration } from './format.ts'
import { type Pieces, table } from './layout.ts'

/** Events are missing, and waiting longer does not help. */
export const INCOMPLETE: readonly LoadResult['stoppedBy'][] = ['dead letters', 'timeout']

export function renderLoad({
  needed,
  why,
  rows,
  deadLetters,
  batches,
  seconds,
  eventsPerSecond,
  stoppedBy,
  shortage,
}: LoadResult): Pieces {
  if (!needed) return [`✔ Nothing to do: ${why}`, ...collectedLines(deadLetters)]
  const end = {
    signal: 'interrupted',
    duration: 'reached --duration',
    'max-events': 'reached --max-events',
    delivered: 'every published event has arrived',
    idle: 'every published event has arrived, reached --idle',
    'dead letters': 'every published event has arrived or is a dead letter',
    timeout: 'events are missing, reached --timeout',
    'not needed': '',
  }
  return [
    `${INCOMPLETE.includes(stoppedBy) ? '✘' : '✔'} Load stopped after ${formatDuration(seconds)}: ${end[stoppedBy]}`,
    table(
      [
        ...facts.map(({ name }) => [name, formatCount(rows[name])]),
        ['dead letters', formatCount(deadLetters)],
        ['batches', formatCount(batches)],
      ],
      { right: [1] },
    ),
    `  ${formatCount(eventsPerSecond)} events/s`,
    ...(shortage ? [`  ! ${renderShortage(shortage)}`] : []),
    ...(stoppedBy === 'timeout'
      ? ['  If a subscription was deleted or replaced, what it had not delivered is gone: publish it again']
      : []),
  ]
}

export function renderLoadBatches({ from, dryRun, batches, rows, stopped, seconds }: LoadBatchesResult): Pieces {
  const { found, loaded } = batches
  const already = `raw has the other ${formatCount(found - loaded)} of ${formatCount(found)}`
  if (loaded === 0 && !stopped) return [`✔ Nothing to load: raw has all ${formatCount(found)} batches of ${from}`]
  const counts = table(
    facts.map(({ name }) => [name, formatCount(rows[name])]),
    { right: [1] },
  )
  if (dryRun) return [`Would load ${formatCount(loaded)} batches of ${from}; ${already}`, counts]
  const others = stopped ? 'interrupted' : already
  return [`✔ Loaded ${formatCount(loaded)} batches of ${from} in ${formatDuration(seconds)}; ${others}`, counts]
}

/** The parts of the progress line: `1,204 transactions  1,420 inventories  0 dead letters  12 waiting` */
export const renderLoadTick = ({ deadLetters, waiting, ...rows }: LoadTick): string[] => [
  ...facts.map(({ name }) => `${formatCount(rows[name])} ${name}`),
  `${formatCount(deadLetters)} dead letters`,
  `${formatCount(waiting)} waiting`,
  'Ctrl-C stops safely',
]

/** `interrupted: Google Cloud did not answer while … No event is lost; the load begins again in 5 s` */
export const renderLoadPause = ({ why, seconds }: LoadPause): string =>
  `interrupted: ${why}. No event is lost; the load begins again in ${formatDuration(seconds)}`

export const renderLoadPlan = ({ into, from, why }: LoadPlan): string =>
  why !== undefined
    ? `Would do nothing: ${why}`
    : `Would move events from ${from.join(' and ')} into the dataset ${into}, until Ctrl-C`

export interface LoadPlan {
  into: string | undefined
  from: readonly string[]
  /** Undefined if there is something to load. */
  why: string | undefined
}
