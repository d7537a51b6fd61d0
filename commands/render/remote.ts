import type { RemoteBackfillResult } from '../../src/pipeline/results.ts'
import { formatCount, formatDuration, next, table } from './format.ts'

export function renderRemote(result: RemoteBackfillResult): string {
  const { job, image, execution, log } = result
  return [
    head(result),
    table([
      ['job', job],
      ['image', image],
      ...(execution ? [['execution', execution]] : []),
      ...(log ? [['log', log]] : []),
    ]),
    whatNext(result),
  ].join('\n')
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
  const again = tasks.retried > 0 ? `, ${formatCount(tasks.retried)} tried again` : ''
  if (dryRun)
    return joined
      ? `Would follow the execution that runs · ${period}`
      : `Would start ${formatCount(tasks.count)} tasks · ${period}`
  if (!ended) return `! Followed for ${formatDuration(seconds)}, and it goes on: ${done}${again} · ${period}`
  if (complete) return `✔ Backfill complete in ${formatDuration(seconds)}: ${done}${again} · ${period}`
  const reached = history ? `history is loaded to ${history}` : 'nothing is loaded yet'
  return `! Backfill of ${period} is not complete: ${done}${again}; ${reached}${why ? `\n  ${why}` : ''}`
}

function whatNext({ dryRun, ended, complete, execution }: RemoteBackfillResult): string {
  if (dryRun) return next(['retail backfill --remote'])
  if (!ended) {
    const [, project, , region, , , , name] = execution?.split('/') ?? []
    return next(
      ['retail backfill --remote', 'follows it again'],
      [`gcloud run jobs executions cancel ${name} --region ${region} --project ${project}`, 'ends it'],
    )
  }
  if (!complete) return next(['retail backfill --remote', 'makes what is missing'])
  return next(['retail transform', 'staging and marts'], ['retail stream', 'go on live'])
}
