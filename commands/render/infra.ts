import type {
  Doomed,
  InfraApplyResult,
  InfraDestroyResult,
  InfraOutputResult,
  InfraPlanResult,
} from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, formatDuration, next, table } from './format.ts'

/** `brief`: before the question, without what comes next. */
export function renderInfraPlan(plan: InfraPlanResult, { brief = false } = {}): string {
  const { project, state, changes, changed } = plan
  const { add, change, destroy, kinds, lost } = changes
  const what = `${add} to add, ${change} to change, ${destroy} to destroy`
  const rows = kinds.map(({ kind, ...counts }) => [kind, `${counts.add}`, `${counts.change}`, `${counts.destroy}`])
  return [
    `${changed ? `Would make project ${project} what retail.yaml says: ${what}` : `✔ Project ${project} is what retail.yaml says`}`,
    ...(changed ? [table([['KIND', 'ADD', 'CHANGE', 'DESTROY'], ...rows], { right: [1, 2, 3] })] : []),
    ...(lost.length > 0 ? [`! Data would be lost with ${lost.join(', ')}`] : []),
    `  state in ${state}`,
    '',
    renderCost(plan),
    ...(brief ? [] : [next(changed ? ['retail infra apply', 'make it'] : ['retail seed-dims', 'products and stores'])]),
  ].join('\n')
}

function renderCost({ cost }: InfraPlanResult): string {
  const dollars = (usd: number) => usd.toFixed(2)
  return [
    `About $${dollars(cost.monthly)} a month, a guess by the price list of ${cost.prices.date}`,
    table(
      cost.items.map(({ what, quantity, unit, usd }) => [
        what,
        quantity === 0 ? '< 0.001' : `${quantity}`,
        unit,
        dollars(usd),
      ]),
      { right: [1, 3] },
    ),
    ...cost.assumptions.map((line) => `  – ${line}`),
    `  prices: ${cost.prices.source}`,
  ].join('\n')
}

export function renderApplied({ project, changes, outputs, state, seconds }: InfraApplyResult): string {
  const { add, change, destroy } = changes
  return [
    `✔ Project ${project} is what retail.yaml says: ${add} added, ${change} changed, ${destroy} destroyed in ${formatDuration(seconds)}`,
    outputTable(outputs),
    `  state in ${state}`,
    next(['retail seed-dims', 'products and stores'], ['retail infra output --json', 'these names, for scripts']),
  ].join('\n')
}

export const renderOutput = ({ outputs }: InfraOutputResult): string => outputTable(outputs)

export function renderDestroyed(result: InfraDestroyResult): string {
  const { project, dryRun, doomed, destroyed, state, seconds } = result
  if (doomed.kinds.length === 0) return `✔ Nothing to destroy: the state in ${state} is empty`
  if (dryRun) return `${renderDoomed(doomed)}\n${next([`retail infra destroy --confirm ${project}`, 'destroys it'])}`
  return [
    `✔ Destroyed ${destroyed} resources of project ${project} in ${formatDuration(seconds)}`,
    ...(state.startsWith('gs://')
      ? [`  ${state} with terraform's state is left: gcloud storage rm --recursive ${state}`]
      : []),
    next(['retail infra apply', 'makes it again, empty']),
  ].join('\n')
}

/** What is shown before the project id is asked for. */
export function renderDoomed({ project, kinds, buckets, tables, subscriptions, unknown }: Doomed): string {
  const count = (n: number | undefined, unit: string) =>
    n === undefined ? `${unit}s unknown` : `${formatCount(n)} ${n === 1 ? unit : `${unit}s`}`
  const size = (bytes: number | undefined) => (bytes === undefined ? '' : formatBytes(bytes))
  return [
    `Would be gone from project ${project}, and cannot be brought back:`,
    table([
      ...buckets.map(({ name, objects, sizeBytes }) => ['bucket', name, count(objects, 'object'), size(sizeBytes)]),
      ...tables.map(({ name, rows, sizeBytes }) => ['table', name, count(rows, 'row'), size(sizeBytes)]),
      ...subscriptions.map((name) => ['subscription', name, 'and what waits in it', '']),
    ]),
    `  in all ${kinds.map(({ kind, count }) => `${count} × ${kind}`).join(', ')}`,
    ...unknown.map((why) => `  unknown: ${why}`),
  ].join('\n')
}

function outputTable(outputs: Record<string, unknown>): string {
  const rows = Object.entries(outputs).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, inner]) => [`${name}.${key}`, String(inner)])
      : value === null
        ? []
        : [[name, String(value)]],
  )
  return table(rows)
}
