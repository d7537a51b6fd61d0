import type { RemoteBackfillResult } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration } from './format.ts'
import { type Pieces, table } from './layout.ts'

export function renderRemote(result: RemoteBackfillResult): Pieces {
  const { job, image, execution, log } = result
  return [
    head(result),
    table([
      ['job', job],
      ['image', image],
      ...(execution ? [['execution', execution]] : []),
      ...(log ? [['log', log]] : []),
    ]),
  ]
}

function head({
  dryRun,
  joined,
  ended,
  complete,
  from,
  to,
  tasks,
  history,
  why,
  seconds,
}: RemoteBackfillResult): string {
  const period = `${from} … ${to}`
  const done = `${formatCount(tasks.succeeded)} of ${formatCount(tasks.count)} tasks done`
  const again = tasks.retried > 0 ? `, ${formatCount(tasks.retried)} retried` : ''
  if (dryRun)
    return joined
      ? `Would follow the running execution · ${period}`
      : `Would start ${formatCount(tasks.count)} tasks · ${period}`
  if (!ended)
    return `! Stopped following after ${formatDuration(seconds)}; the job is still running: ${done}${again} · ${period}`
  if (complete) return `✔ Backfill complete in ${formatDuration(seconds)}: ${done}${again} · ${period}`
  const reached = history ? `history is loaded to ${history}` : 'nothing is loaded yet'
  return `! Backfill of ${period} is incomplete: ${done}${again}; ${reached}${why ? `\n  ${why}` : ''}`
}
