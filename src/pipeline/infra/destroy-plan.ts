import { RetailError } from '../../errors.ts'
import type { Inventory } from '../../ports/index.ts'
import { isOurs, kindOf, type StateResource } from './changes.ts'
import type { DestroyPlan } from './result.ts'

/**
 * Everything that a destroy would remove: counted where possible, otherwise from terraform's state, with the reason why
 * the rest is unknown.
 */
export function destroyPlanOf(
  project: string,
  resources: readonly StateResource[],
  counted: Inventory | undefined,
): DestroyPlan {
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
          'objects in the bucket: they cannot be counted yet',
          'tables in staging and marts: dbt created them, so Terraform does not list them; they are deleted with their datasets',
        ],
  }
}

/**
 * A resource with one of our names that is not in our state was created by somebody else, or with a state that is lost.
 * It is not ours to destroy.
 */
export function refuseForeign({ buckets, datasets }: Inventory, resources: readonly StateResource[]): void {
  const known = new Set(resources.map(({ values }) => values.dataset_id ?? values.name))
  const foreign = [
    ...buckets.filter(({ name }) => !known.has(name)).map(({ name }) => `bucket ${name} is not in the Terraform state`),
    ...datasets
      .filter(({ name }) => !known.has(name))
      .map(({ name }) => `dataset ${name} is not in the Terraform state`),
    ...[...buckets, ...datasets]
      .filter(({ labels }) => !isOurs(labels))
      .map(({ name }) => `${name} has no label managed-by=retail`),
  ]
  if (foreign.length === 0) return
  throw new RetailError(
    'foreign_world',
    'some resources with our names were not created by retail: nothing was destroyed',
    {
      why: foreign.join('\n'),
      hint: 'check them in the console; import them with Terraform, or choose other names in retail.yaml',
    },
  )
}

/** BigQuery returns counts as text. */
function numberIn(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}
