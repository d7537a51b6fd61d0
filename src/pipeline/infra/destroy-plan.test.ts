import { describe, expect, test } from 'vitest'
import type { Inventory } from '../../ports/index.ts'
import type { StateResource } from './changes.ts'
import { destroyPlanOf, refuseForeign } from './destroy-plan.ts'

const resource = (type: string, values: Record<string, unknown>): StateResource => ({
  address: `${type}.this`,
  mode: 'managed',
  type,
  name: 'this',
  values,
})
const state = [
  resource('google_storage_bucket', { name: 'a-shop-retail' }),
  resource('google_bigquery_dataset', { dataset_id: 'retail_raw' }),
  resource('google_bigquery_table', {
    dataset_id: 'retail_raw',
    table_id: 'product',
    num_rows: '2000',
    num_bytes: 68_000,
  }),
  resource('google_bigquery_table', { dataset_id: 'retail_raw', table_id: 'store', num_rows: null }),
  resource('google_pubsub_subscription', { name: 'retail-transactions-load' }),
]
const labels = { 'managed-by': 'retail' }
const counted = (over: Partial<Inventory> = {}): Inventory => ({
  buckets: [{ name: 'a-shop-retail', labels, objects: 7, sizeBytes: 900 }],
  datasets: [{ name: 'retail_raw', labels, tables: [{ name: 'product', rows: 2000, sizeBytes: 68_000 }] }],
  ...over,
})

describe('what a destroy removes', () => {
  test('is what terraform knows, and the rest is unknown for a reason', () => {
    expect(destroyPlanOf('a-shop', state, undefined)).toEqual({
      project: 'a-shop',
      kinds: [
        { kind: 'bucket', count: 1 },
        { kind: 'dataset', count: 1 },
        { kind: 'table', count: 2 },
        { kind: 'subscription', count: 1 },
      ],
      buckets: [{ name: 'a-shop-retail', objects: undefined, sizeBytes: undefined }],
      tables: [
        { name: 'retail_raw.product', rows: 2000, sizeBytes: 68_000 },
        { name: 'retail_raw.store', rows: undefined, sizeBytes: undefined },
      ],
      subscriptions: ['retail-transactions-load'],
      unknown: [expect.stringContaining('objects'), expect.stringContaining('dbt')],
    })
  })

  test('is everything when somebody counted', () => {
    expect(destroyPlanOf('a-shop', state, counted())).toMatchObject({
      buckets: [{ objects: 7, sizeBytes: 900 }],
      tables: [{ name: 'retail_raw.product', rows: 2000 }],
      unknown: [],
    })
  })
})

describe('what is not ours', () => {
  test('is refused: by its label, or because our state does not know it', () => {
    expect(() => refuseForeign(counted(), state)).not.toThrow()
    const stranger = { name: 'retail_marts', labels, tables: [] }
    expect(() => refuseForeign(counted({ datasets: [stranger] }), state)).toThrow(
      expect.objectContaining({ code: 'foreign_world', why: 'dataset retail_marts is not in the Terraform state' }),
    )
    const bare = { name: 'a-shop-retail', labels: {}, objects: 0, sizeBytes: 0 }
    expect(() => refuseForeign(counted({ buckets: [bare] }), state)).toThrow(
      expect.objectContaining({ why: 'a-shop-retail has no label managed-by=retail' }),
    )
  })
})
