import type { RunStepResult, TransformResult } from '../../src/pipeline/results.ts'
import { deliveryLines } from './delivery.ts'
import { countOf, formatBytes, formatDuration, movedLines } from './format.ts'

export function renderTransform({
  models,
  tests,
  failed,
  failures,
  warned,
  published,
  selected,
  unchanged,
  cut,
  seconds,
  billedBytes,
  moved,
  delivery,
}: TransformResult): string {
  const upTo = cut ? ` · data to ${cut.live}` : ''
  const billed = billedBytes === undefined ? '' : ` · ${formatBytes(billedBytes)} billed`
  if (unchanged)
    return [
      `✔ Nothing new since the last transform${upTo}`,
      '  the published staging and marts are up to date',
      ...movedLines(moved),
    ].join('\n')
  return [
    `${failed.length === 0 ? '✔' : '!'} ${countOf(models, 'model')} and ${countOf(tests, 'test')} in ${formatDuration(seconds)}${upTo}${billed}`,
    ...failureLines(failures),
    ...warned.map((name) => `  warned  ${name}`),
    published ? publishedLine(selected) : '  not published; readers keep the previous marts',
    ...deliveryLines(delivery),
    ...movedLines(moved),
  ].join('\n')
}

const failureLines = (failures: TransformResult['failures']): string[] =>
  failures.flatMap(({ name, file, message }) => [
    `  failed  ${name}`,
    ...[file, message].filter(Boolean).map((line) => `          ${line}`),
  ])

export function renderRunStep(result: RunStepResult): string {
  const {
    run,
    did,
    models,
    asked = [],
    already,
    unchanged,
    tests,
    failed,
    failures,
    warned,
    cut,
    seconds,
    moved,
  } = result
  const time = formatDuration(seconds)
  const upTo = cut ? ` · data to ${cut.live}` : ''
  const done = models.filter(({ built }) => built).length
  if (did === 'begin')
    return [
      `✔ Began run ${run}: ${countOf(models.length, 'model')} to build, ${countOf(tests, 'test')}${upTo}`,
      ...(unchanged ? ['  nothing is new since the last transform'] : []),
      ...models.map(({ name, after }) => `  ${name}${after.length > 0 ? `  after ${after.join(', ')}` : ''}`),
    ].join('\n')
  if (did === 'publish')
    return [
      already
        ? `✔ Run ${run} was published before`
        : `✔ Published staging and marts of run ${run} in ${time}: ${countOf(models.length, 'model')}${upTo}`,
      ...movedLines(moved),
    ].join('\n')
  if (models.length === 0) return `✔ Run ${run} was published before`
  const of = `${done} of ${models.length} models built`
  return [
    already
      ? `✔ Run ${run} has built ${asked.join(', ')} before · ${of}`
      : `${failed.length === 0 ? '✔' : '!'} ${asked.join(', ')} and ${countOf(tests, 'test')} in ${time} · ${of}`,
    ...failureLines(failures),
    ...warned.map((name) => `  warned  ${name}`),
  ].join('\n')
}

/** More names than these are only counted. */
const MOST_NAMES = 5

function publishedLine(selected: TransformResult['selected']): string {
  if (!selected) return '  published staging and marts'
  if (selected.length === 0) return '  published no model, because the selection has only tests'
  const names =
    selected.length <= MOST_NAMES
      ? selected.join(', ')
      : `${selected.slice(0, MOST_NAMES).join(', ')} and ${selected.length - MOST_NAMES} more`
  return `  published ${names}; all other models are unchanged`
}

export interface TransformPlan {
  database: string
  select: readonly string[] | undefined
  fullRefresh: boolean | undefined
  fullTests: boolean | undefined
  allowFailures: boolean | undefined
  dbtArgs: readonly string[]
}

export function renderTransformPlan({
  database,
  select,
  fullRefresh,
  fullTests,
  allowFailures,
  dbtArgs,
}: TransformPlan): string {
  const what = select ? select.join(' ') : 'all models'
  return [
    `Would build ${what} with dbt${fullRefresh ? ' from scratch' : ''}, and test ${fullTests || fullRefresh ? 'all rows' : 'what changed'}`,
    ...(dbtArgs.length > 0 ? [`  extra dbt arguments: ${dbtArgs.join(' ')}`] : []),
    `  then publish to ${database}${allowFailures ? ', even if tests fail' : ' if all tests pass'}`,
  ].join('\n')
}
