import type { LoadResult, LoadTick } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration, next, table } from './format.ts'

export function renderLoad({
  needed,
  why,
  rows,
  deadLetters,
  batches,
  seconds,
  eventsPerSecond,
  stoppedBy,
}: LoadResult): string {
  if (!needed) return `✔ Nothing to do: ${why}`
  const end = {
    signal: 'stopped',
    duration: 'time is up',
    'max-events': 'enough events',
    idle: 'nothing comes any more',
    'not needed': '',
  }
  return [
    `✔ Load stopped after ${formatDuration(seconds)}: ${end[stoppedBy]}`,
    table(
      [
        ['transactions', formatCount(rows.transactions)],
        ['inventories', formatCount(rows.inventories)],
        ['dead letters', formatCount(deadLetters)],
        ['batches', formatCount(batches)],
      ],
      { right: [1] },
    ),
    `  ${formatCount(eventsPerSecond)} events/s`,
    next(['retail transform', 'bring them to the marts'], ['retail load', 'goes on']),
  ].join('\n')
}

/** The live line: `1,204 transactions  1,420 inventories  0 dead letters  12 waiting` */
export const renderLoadTick = ({ transactions, inventories, deadLetters, waiting }: LoadTick): string =>
  `${formatCount(transactions)} transactions  ${formatCount(inventories)} inventories  ${formatCount(deadLetters)} dead letters  ${formatCount(waiting)} waiting  ^C stops safely`

export const renderLoadPlan = ({ into, from, why }: LoadPlan): string =>
  why !== undefined
    ? `Would do nothing: ${why}`
    : `Would move events from ${from.join(' and ')} into the dataset ${into}, until Ctrl-C`

export interface LoadPlan {
  into: string | undefined
  from: readonly string[]
  /** undefined: there is something to do */
  why: string | undefined
}
