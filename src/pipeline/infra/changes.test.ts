import { describe, expect, test } from 'vitest'
import { changesOf, type PlanJson, resourcesOf, unlabelled } from './changes.ts'

type Action = NonNullable<PlanJson['resource_changes']>[number]['change']['actions'][number]
const change = (type: string, ...actions: Action[]) => ({
  address: `module.x.${type}.this`,
  mode: type.startsWith('data.') ? 'data' : 'managed',
  type,
  name: 'this',
  change: { actions },
})
const labels = { 'managed-by': 'retail', 'retail-world': 'w1' }
const resource = (type: string, values: object, mode = 'managed') => ({
  address: `${type}.this`,
  mode,
  type,
  name: 'this',
  values: { ...values },
})

describe('what a plan would change', () => {
  test('is counted by kind, in the order in which data flows', () => {
    const resource_changes = [
      change('google_bigquery_table', 'create'),
      change('google_bigquery_table', 'update'),
      change('google_storage_bucket', 'create'),
      change('google_pubsub_topic_iam_member', 'create'),
      change('google_project_iam_member', 'delete'),
      change('google_pubsub_topic', 'no-op'),
      change('data.google_project', 'read'),
      change('google_something_new', 'create'),
    ]
    expect(changesOf({ resource_changes })).toEqual({
      add: 4,
      change: 1,
      destroy: 1,
      kinds: [
        { kind: 'bucket', add: 1, change: 0, destroy: 0 },
        { kind: 'table', add: 1, change: 1, destroy: 0 },
        { kind: 'grant', add: 1, change: 0, destroy: 1 },
        { kind: 'google_something_new', add: 1, change: 0, destroy: 0 },
      ],
      lost: [],
    })
  })

  test('names what holds data and would be gone or empty', () => {
    const resource_changes = [
      change('google_bigquery_table', 'delete', 'create'),
      change('google_pubsub_subscription', 'delete'),
      change('google_service_account', 'delete'),
    ]
    expect(changesOf({ resource_changes })).toMatchObject({
      add: 1,
      destroy: 3,
      lost: ['module.x.google_bigquery_table.this', 'module.x.google_pubsub_subscription.this'],
    })
  })

  test('is nothing when there is nothing', () => {
    expect(changesOf({})).toEqual({ add: 0, change: 0, destroy: 0, kinds: [], lost: [] })
  })
})

test('a state is read through its modules, without what terraform only looked at', () => {
  const plan: PlanJson = {
    prior_state: {
      values: {
        root_module: {
          resources: [resource('google_project', {}, 'data')],
          child_modules: [
            {
              resources: [resource('google_pubsub_topic', {})],
              child_modules: [{ resources: [resource('google_storage_bucket', {})] }],
            },
          ],
        },
      },
    },
  }
  expect(resourcesOf(plan).map(({ type }) => type)).toEqual(['google_pubsub_topic', 'google_storage_bucket'])
  expect(resourcesOf({})).toEqual([])
})

test('what could be labelled as ours and is not is named', () => {
  expect(
    unlabelled([
      resource('google_storage_bucket', { labels }),
      resource('google_pubsub_topic', { labels: {}, effective_labels: labels }),
      resource('google_bigquery_dataset', { labels: { 'managed-by': 'somebody' } }),
      resource('google_bigquery_table', {}),
      resource('google_service_account', {}),
    ]),
  ).toEqual(['google_bigquery_dataset.this', 'google_bigquery_table.this'])
})
