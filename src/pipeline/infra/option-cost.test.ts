import { expect, test } from 'vitest'
import type { PlanJson } from './changes.ts'
import type { Cost } from './cost.ts'
import { withOptions } from './option-cost.ts'

type Change = NonNullable<PlanJson['resource_changes']>[number]

const BASE: Cost = {
  ...{ currency: 'USD', monthly: 1, items: [], assumptions: ['the stream', 'not included: options'] },
  prices: { date: '2025-08', source: 'a page' },
}
const planned = (type: string, index: string, after: object | null): Change => ({
  ...{ address: `${type}.${index}`, mode: 'managed', type, name: 'command', index },
  change: { actions: after ? ['create'] : ['delete'], after: after as Change['change']['after'] },
})
const container = (...args: string[]) => ({ args, resources: [{ limits: { cpu: '2', memory: '4Gi' } }] })
const job = (name: string, ...args: string[]) =>
  planned('google_cloud_run_v2_job', name, { template: [{ template: [{ containers: [container(name, ...args)] }] }] })
const schedule = (name: string, cron: string) => planned('google_cloud_scheduler_job', name, { schedule: cron })
/** The default size. */
const VOLUMES = { rows: 22_000_000, eventsAMonth: 2_200_000 }
const costOf = (...changes: Change[]) => withOptions(BASE, { resource_changes: changes }, VOLUMES)
const quantityOf = (cost: Cost, what: string) => cost.items.find((each) => each.what.includes(what))?.quantity

test('options that are off cost nothing, and a job that nothing starts costs nothing either', () => {
  expect(costOf()).toEqual(BASE)
  expect(costOf(job('backfill'))).toEqual(BASE)
  expect(costOf(planned('google_cloud_scheduler_job', 'load', null))).toEqual(BASE)
})

test('a stream of 8 hours a day is 30.4 times 8 hours of two vCPUs and 4 GiB', () => {
  const cost = costOf(job('stream', '--duration', '8h'), schedule('stream', '0 6 * * *'))
  expect(quantityOf(cost, 'CPU')).toBeCloseTo((30.4 * 8 * 3600 * 2) / 1000, 3)
  expect(quantityOf(cost, 'memory')).toBeCloseTo((30.4 * 8 * 3600 * 4) / 1000, 3)
  expect(cost.monthly).toBeCloseTo(1 + cost.items.reduce((sum, { usd }) => sum + usd, 0), 1)
  expect(cost.assumptions.join()).toContain('stream 30 times, 8 h each')
})

test('the default jobs stay within the free vCPU seconds', () => {
  const cost = costOf(
    ...['load', 'transform', 'verify'].map((name) => job(name)),
    ...[schedule('load', '5 * * * *'), schedule('transform', '20 * * * *'), schedule('verify', '50 4 * * *')],
  )
  expect(cost.items.find(({ what }) => what.includes('CPU'))).toMatchObject({ usd: 0 })
  expect(quantityOf(cost, 'Scheduler')).toBe(3)
})

test('a run takes longer the more it reads, and half as long on twice the CPUs; the output says what is guessed', () => {
  const daily = schedule('verify', '50 4 * * *')
  const small = costOf(job('verify'), daily)
  const large = withOptions(BASE, { resource_changes: [job('verify'), daily] }, { ...VOLUMES, rows: 4_022_000_000 })
  const runs = 30.4
  expect(quantityOf(small, 'CPU')).toBeCloseTo((runs * 2 * (20 + 23 * 3 + 6)) / 1000, 1)
  expect(quantityOf(large, 'CPU')! - quantityOf(small, 'CPU')!).toBeCloseTo((runs * 2 * 1_000) / 1000, 0)
  expect(small.assumptions.join()).toContain('was not measured on Cloud Run')
})

test('a Kafka cluster of 3 vCPUs and 3 GiB costs all the time: 2.1 DCU, and 300 GiB of disk', () => {
  const capacity_config = [{ vcpu_count: '3', memory_bytes: `${3 * 2 ** 30}` }]
  const cost = costOf(planned('google_managed_kafka_cluster', '0', { capacity_config }))
  expect(quantityOf(cost, 'Kafka, compute')).toBeCloseTo(2.1 * 30.4 * 24, 2)
  expect(cost.items.map(({ usd }) => Math.round(usd))).toEqual([138, 51])
  expect(cost.assumptions.join()).toContain('Private Service Connect are not included')
})

test('a pool costs all the time: one vCPU about 47 dollars a month, less what is free', () => {
  const limits = { resources: [{ limits: { cpu: '1', memory: '512Mi' } }] }
  const pool = planned('google_cloud_run_v2_worker_pool', '0', { template: [{ containers: [limits] }] })
  const cpu = costOf(pool).items.find(({ what }) => what.includes('CPU'))!
  expect(cpu.usd).toBeCloseTo(((30.4 * 86_400) / 1000 - 240) * 0.018, 1)
  expect(quantityOf(costOf(pool), 'memory')).toBeCloseTo((30.4 * 86_400 * 0.5) / 1000, 2)
})
