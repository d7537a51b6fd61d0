import type { LoadResult, LoadTick } from '../../src/pipeline/results.ts'
import { facts } from '../../src/tables/index.ts'
import { renderShortage } from './delivery.ts'
import { formatCount, formatDuration } from './format.ts'
import { type Pieces, table } from './layout.ts'

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
  if (!needed) return [`✔ Nothing to do: ${why}`]
  const end = {
    signal: 'interrupted',
    duration: 'reached --duration',
    'max-events': 'reached --max-events',
    delivered: 'every published event has arrived',
    idle: 'every published event has arrived, reached --idle',
    timeout: 'events are missing, reached --timeout',
    'not needed': '',
  }
  return [
    `${stoppedBy === 'timeout' ? '✘' : '✔'} Load stopped after ${formatDuration(seconds)}: ${end[stoppedBy]}`,
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
  ]
}

/** The parts of the progress line: `1,204 transactions  1,420 inventories  0 dead letters  12 waiting` */
export const renderLoadTick = ({ deadLetters, waiting, ...rows }: LoadTick): string[] => [
  ...facts.map(({ name }) => `${formatCount(rows[name])} ${name}`),
  `${formatCount(deadLetters)} dead letters`,
  `${formatCount(waiting)} waiting`,
  'Ctrl-C stops safely',
]

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
