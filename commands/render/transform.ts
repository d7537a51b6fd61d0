import type { TransformResult } from '../../src/pipeline/results.ts'
import { deliveryLines } from './delivery.ts'
import { formatBytes, formatDuration, movedLines } from './format.ts'

export function renderTransform({
  models,
  tests,
  failed,
  warned,
  published,
  cut,
  seconds,
  billedBytes,
  moved,
  delivery,
}: TransformResult): string {
  const upTo = cut ? ` · data to ${cut.live}` : ''
  const billed = billedBytes === undefined ? '' : ` · ${formatBytes(billedBytes)} billed`
  return [
    `${failed.length === 0 ? '✔' : '!'} ${models} models and ${tests} tests in ${formatDuration(seconds)}${upTo}${billed}`,
    ...failed.map((name) => `  failed  ${name}`),
    ...warned.map((name) => `  warned  ${name}`),
    published ? '  published staging and marts' : '  not published; readers keep the previous marts',
    ...deliveryLines(delivery),
    ...movedLines(moved),
  ].join('\n')
}

export interface TransformPlan {
  database: string
  select: readonly string[] | undefined
  fullRefresh: boolean | undefined
  allowFailures: boolean | undefined
  dbtArgs: readonly string[]
}

export function renderTransformPlan({ database, select, fullRefresh, allowFailures, dbtArgs }: TransformPlan): string {
  const what = select ? select.join(' ') : 'all models'
  return [
    `Would build ${what} with dbt${fullRefresh ? ' from scratch' : ''}, and test them`,
    ...(dbtArgs.length > 0 ? [`  extra dbt arguments: ${dbtArgs.join(' ')}`] : []),
    `  then publish to ${database}${allowFailures ? ', even if tests fail' : ' if all tests pass'}`,
  ].join('\n')
}
