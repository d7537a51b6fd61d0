import { RetailError } from '../../errors.ts'
import type { Inventory } from '../../ports/index.ts'
import type { Doomed } from '../results.ts'
import { isOurs, kindOf, type StateResource } from './changes.ts'

/** What would be gone: everything counted where somebody counted, otherwise what terraform knows, and why the rest is unknown. */
export function doomedOf(project: string, resources: readonly StateResource[], counted: Inventory | undefined): Doomed {
  const kinds = new Map<string, number>()
  for (const { type } of resources) kinds.set(kindOf(type), (kinds.get(kindOf(type)) ?? 0) + 1)
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const ofType = (type: string) => resources.filter((resource) => resource.type === type)
  return {
    project,
    kinds: [...kinds].map(([kind, count]) => ({ kind, count })),
    buckets: ofType('google_storage_bucket').map(({ values }) => {
      const name = text(values.name)
      const found = counted?.buckets.find((bucket) => bucket.name === name)
      return { name, objects: found?.objects, sizeBytes: found?.sizeBytes }
    }),
    tables: counted
      ? counted.datasets.flatMap(({ name: dataset, tables }) =>
          tables.map(({ name, rows, sizeBytes }) => ({ name: `${dataset}.${name}`, rows, sizeBytes })),
        )
      : ofType('google_bigquery_table').map(({ values }) => ({
          name: `${text(values.dataset_id)}.${text(values.table_id)}`,
          rows: numberIn(values.num_rows),
          sizeBytes: numberIn(values.num_bytes),
        })),
    subscriptions: ofType('google_pubsub_subscription').map(({ values }) => text(values.name)),
    unknown: counted
      ? []
      : [
          'objects of the bucket: nothing here can count them yet',
          'tables of staging and marts: dbt made them, so terraform does not know them; they go with their datasets',
        ],
  }
}

/** Something of our name that is not in our state was made by somebody else, or by us in another life: not ours to destroy. */
export function refuseForeign({ buckets, datasets }: Inventory, resources: readonly StateResource[]): void {
  const known = new Set(resources.map(({ values }) => values.dataset_id ?? values.name))
  const foreign = [
    ...buckets.filter(({ name }) => !known.has(name)).map(({ name }) => `bucket ${name} is not in our state`),
    ...datasets.filter(({ name }) => !known.has(name)).map(({ name }) => `dataset ${name} is not in our state`),
    ...[...buckets, ...datasets]
      .filter(({ labels }) => !isOurs(labels))
      .map(({ name }) => `${name} has no label managed-by=retail`),
  ]
  if (foreign.length === 0) return
  throw new RetailError('foreign_world', 'not everything of our names is ours: nothing was destroyed', {
    why: foreign.join('\n'),
    hint: 'look at it in the console; import it with terraform, or choose other names in retail.yaml',
  })
}

/** BigQuery tells counts as text. */
function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
