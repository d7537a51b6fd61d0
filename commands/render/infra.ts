import { shellLine } from '../../src/advice.ts'
import type { SparkBatch } from '../../src/pipeline/infra/spark-batches.ts'
import type {
  DestroyPlan,
  InfraApplyResult,
  InfraDestroyResult,
  InfraImageResult,
  InfraOutputResult,
  InfraPlanResult,
} from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'
import { type Pieces, type Table, type Text, table, unbroken } from './layout.ts'

export function renderInfraPlan(plan: InfraPlanResult): Pieces {
  const { project, state, changes, changed } = plan
  const { add, change, destroy, kinds, lost } = changes
  const what = `${add} to add, ${change} to change, ${destroy} to destroy`
  const rows = kinds.map(({ kind, ...counts }) => [kind, `${counts.add}`, `${counts.change}`, `${counts.destroy}`])
  return [
    `${changed ? `Would change project ${project} to match retail.yaml: ${what}` : `✔ Project ${project} matches retail.yaml`}`,
    ...(changed ? [table([['KIND', 'ADD', 'CHANGE', 'DESTROY'], ...rows], { head: true, right: [1, 2, 3] })] : []),
    ...(lost.length > 0 ? [`! These changes would lose the data in ${lost.join(', ')}`] : []),
    `  state in ${state}`,
    '',
    ...renderCost(plan),
  ]
}

function renderCost({ cost }: InfraPlanResult): Pieces {
  const dollars = (usd: number) => usd.toFixed(2)
  return [
    `Estimated cost: about $${dollars(cost.monthly)} a month, at the prices of ${cost.prices.date}`,
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
  ]
}

export function renderApplied({ project, changes, outputs, state, seconds }: InfraApplyResult): Pieces {
  const { add, change, destroy } = changes
  return [
    `✔ Project ${project} matches retail.yaml: ${add} added, ${change} changed, ${destroy} destroyed in ${formatDuration(seconds)}`,
    outputTable(outputs),
    `  state in ${state}`,
  ]
}

export const renderImage = ({ image, tag, built, inUse, log, seconds }: InfraImageResult): Pieces => [
  built ? `✔ Image built in ${formatDuration(seconds)}` : '✔ The image of this package exists',
  table([
    ['image', image],
    ['tag', tag],
    ['jobs', inUse ? 'run this image' : 'run it after the next apply'],
    ...(log ? [['log', log]] : []),
  ]),
]

export const renderOutput = ({ outputs }: InfraOutputResult): Pieces => [outputTable(outputs)]

/** Nothing but the commands, so that a shell can run the output. */
export const renderBatches = ({ batches }: { batches: readonly SparkBatch[] }): Pieces =>
  batches.map(({ command }) => unbroken(shellLine(command)))

export function renderDestroyed(result: InfraDestroyResult): Text {
  const { project, dryRun, destroyPlan, destroyed, state, seconds } = result
  if (destroyPlan.kinds.length === 0) return `✔ Nothing to destroy: the state in ${state} is empty`
  if (dryRun) return renderDestroyPlan(destroyPlan)
  return [
    `✔ Destroyed ${destroyed} resources of project ${project} in ${formatDuration(seconds)}`,
    ...(state.startsWith('gs://')
      ? [
          `  ${state} still holds the Terraform state; to remove it: ${unbroken(`gcloud storage rm --recursive ${state}`)}`,
        ]
      : []),
  ]
}

/** What `destroy` prints before it asks for the project id. */
export function renderDestroyPlan({ project, kinds, buckets, tables, subscriptions, unknown }: DestroyPlan): Pieces {
  const count = (n: number | undefined, unit: string) =>
    n === undefined ? `${unit}s unknown` : `${formatCount(n)} ${n === 1 ? unit : `${unit}s`}`
  const size = (bytes: number | undefined) => (bytes === undefined ? '' : formatBytes(bytes))
  return [
    `Would permanently delete from project ${project}:`,
    table([
      ...buckets.map(({ name, objects, sizeBytes }) => ['bucket', name, count(objects, 'object'), size(sizeBytes)]),
      ...tables.map(({ name, rows, sizeBytes }) => ['table', name, count(rows, 'row'), size(sizeBytes)]),
      ...subscriptions.map((name) => ['subscription', name, 'with its unread messages', '']),
    ]),
    `  total: ${kinds.map(({ kind, count }) => `${count} × ${kind}`).join(', ')}`,
    ...unknown.map((why) => `  unknown: ${why}`),
  ]
}

function outputTable(outputs: Record<string, unknown>): Table {
  const rows = Object.entries(outputs).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? Object.entries(value).map(([key, inner]) => [`${name}.${key}`, String(inner)])
      : value === null
        ? []
        : [[name, String(value)]],
  )
  return table(rows)
}
