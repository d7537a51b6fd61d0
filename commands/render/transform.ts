import type { TransformResult } from '../../src/pipeline/results.ts'
import { formatBytes, formatDuration, next } from './format.ts'

export function renderTransform({
  models,
  tests,
  failed,
  warned,
  published,
  cut,
  seconds,
  billedBytes,
}: TransformResult): string {
  const upTo = cut ? ` · data to ${cut.live}` : ''
  const billed = billedBytes === undefined ? '' : ` · ${formatBytes(billedBytes)} billed`
  return [
    `${failed.length === 0 ? '✔' : '!'} ${models} models and ${tests} tests in ${formatDuration(seconds)}${upTo}${billed}`,
    ...failed.map((name) => `  failed  ${name}`),
    ...warned.map((name) => `  warned  ${name}`),
    published ? '  staging and marts are published' : '  not published: readers keep the marts they had',
    failed.length === 0
      ? next(['retail verify', 'compare with the truth'])
      : next(
          ['retail verify', 'is the data wrong, or the model?'],
          ['retail transform -v', 'again, with all dbt says'],
        ),
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
    `Would build ${what} with dbt${fullRefresh ? ', from nothing' : ''}, and test them`,
    ...(dbtArgs.length > 0 ? [`  dbt gets also: ${dbtArgs.join(' ')}`] : []),
    `  then publish to ${database}${allowFailures ? ', even when tests fail' : ' when all tests pass'}`,
    next(['retail transform']),
  ].join('\n')
}
