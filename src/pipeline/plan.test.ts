import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localShop } from '../../test/history.ts'
import { rowsOfDays } from '../../test/worlds.ts'
import { configSchema } from '../config/schema.ts'
import { firstDayOf, formatDay, monthOf, parseDay } from '../time.ts'
import { backfill } from './backfill.ts'
import { limits } from './plan/limits.ts'
import type { PlanResult } from './plan/result.ts'
import { plan } from './plan.ts'

const configOf = (settings: object = {}) => ({ ...configSchema.parse(settings), workspace: '/' })
const planOf = (settings: object, options: Parameters<typeof plan>[1] = {}) => plan(configOf(settings), options)
const total = ({ rows }: PlanResult) => rows.transactions + rows.inventories
const check = ({ cloud }: PlanResult, what: string) => cloud.checks.find((each) => each.what === what)!
const failed = ({ cloud }: PlanResult) => cloud.checks.filter(({ ok }) => !ok).map(({ what }) => what)

describe('a world with a given number of rows', () => {
  test('has that many, in the days of the config, and is one that retail.yaml can name', () => {
    fc.assert(
      fc.property(fc.double({ min: 5, max: 11.2, noNaN: true }), (power) => {
        const rows = Math.round(10 ** power)
        const result = planOf({}, { rows })
        expect(total(result) / rows).toBeGreaterThan(0.97)
        expect(total(result) / rows).toBeLessThan(1.03)
        const { stores, linesPerStoreDay, from, to } = result.world
        const again = planOf({ world: { stores, lines_per_store_day: linesPerStoreDay }, history: { from, to } })
        expect(again).toEqual({ ...result, sized: false })
      }),
      { numRuns: 30 },
    )
  })

  test('of the config is the config', () => {
    expect(planOf({}).world).toMatchObject({ stores: 1000, linesPerStoreDay: 100, days: 91 })
    expect(planOf({}).sized).toBe(false)
    expect(planOf({}, { to: parseDay('2024-04-30')! })).toMatchObject({ sized: true, world: { days: 121 } })
  })

  test('has the parts and rows that a backfill would make', async () => {
    for (const shop of [
      { stores: 9, products: 60, lines: 30, from: '2024-01-20', to: '2025-03-05' },
      { stores: 700, lines: 900, to: '2024-02-10' },
    ]) {
      const { ports, config } = localShop(shop)
      const [would, told] = [await backfill(ports, config, { dryRun: true }), plan(config, {})]
      expect([told.lake.parts, told.rows]).toEqual([would.parts.made, would.rows])
      expect(told.lake.sizeBytes / would.sizeBytes).toBeCloseTo(1, 0)
    }
  })

  test('has as many rows in its largest month as a backfill would make', () => {
    for (const shop of [
      { stores: 9, products: 60, lines: 30, from: '2024-01-20' },
      { stores: 4, products: 300, lines: 120, from: '2023-10-05' },
    ]) {
      const { config, world } = localShop(shop)
      const to = world.from + 120
      const { transform, rows } = plan(config, { to })
      const made = new Map<number, number>()
      const { facts: tables, spans } = rowsOfDays(world, 121)
      for (const { length } of Object.values(tables))
        for (let span = 0; span < spans.n; span++) {
          const month = monthOf(spans.day[span])
          made.set(month, (made.get(month) ?? 0) + length[span])
        }
      const [month, most] = [...made].reduce((a, b) => (b[1] > a[1] ? b : a))
      expect(transform.largest.month).toBe(formatDay(firstDayOf(month)).slice(0, 7))
      expect(transform.largest.rows / most).toBeGreaterThan(0.75)
      expect(transform.largest.rows / most).toBeLessThan(1.25)
      expect([transform.months, transform.rows]).toEqual([made.size, rows.transactions + rows.inventories])
    }
  })

  test('that cannot be is refused, with what would help', () => {
    expect(() => planOf({}, { rows: 1e12 })).toThrow('no world can have 1,000,000,000,000 rows in 91 days')
    expect(total(planOf({}, { rows: 1e12, to: parseDay('2026-12-31')! }))).toBeGreaterThan(0.97e12)
  })
})

describe('limits of Google Cloud', () => {
  const history = (days: number) => ({
    world: { stores: 10 },
    history: { from: '2000-01-01', to: formatDay(parseDay('2000-01-01')! + days - 1) },
  })

  test('of partitions are met to the day', () => {
    expect(check(planOf(history(limits.partitions.most)), 'partitions per table')).toMatchObject({ ok: true })
    expect(check(planOf(history(limits.partitions.most + 1)), 'partitions per table')).toMatchObject({
      ok: false,
      used: 10_001,
      most: 10_000,
      kind: 'limit',
    })
  })

  test('of load jobs count one of a table and month', () => {
    expect(check(planOf(history(31 + 29)), 'load jobs per table per day').used).toBe(2)
    expect(check(planOf(history(31 + 29 + 1)), 'load jobs per table per day').used).toBe(3)
  })

  test('of a load job are those of a month: all its blocks, and its bytes', () => {
    const result = planOf({}, { rows: 100e9 })
    expect(check(result, 'objects per load job').used).toBe(result.lake.blocks)
    const { used } = check(result, 'bytes per load job')
    expect(used).toBeGreaterThan(result.lake.sizeBytes / 2 / result.lake.months)
    expect(used).toBeLessThan(result.lake.sizeBytes / result.lake.months)
    expect(check(result, 'bytes per part').used).toBeCloseTo(used / result.lake.blocks, -1)
  })

  test('a default world is far from all of them; 100 billion rows in a quarter are not', () => {
    expect(failed(planOf({}))).toEqual([])
    expect(failed(planOf({}, { rows: 100e9 }))).toEqual([
      'bytes read by the first transform of a table',
      'memory per task',
      'write streams opened',
    ])
  })

  test('of a stream are those of its region and of the way in', () => {
    const gcp = { project: 'a-shop', bucket: 'a-shop-retail' }
    const at = (more: object) => planOf({ target: 'gcp', gcp: { ...gcp, ...more } }, { rate: 1_000_000 })
    expect(failed(at({}))).not.toContain('published to Pub/Sub')
    expect(failed(at({ region: 'europe-north1' }))).toContain('published to Pub/Sub')
    expect(failed(at({}))).toContain('write streams opened')
    expect(at({ ingest: 'subscription' }).cloud.checks.map(({ what }) => what)).not.toContain('write streams opened')
  })

  test('the end of the timeline comes sooner the faster it runs', () => {
    const [slow, fast] = [1, 1_000_000].map((rate) => planOf({}, { rate }))
    expect(slow.stream.daysToTheEnd / fast.stream.daysToTheEnd).toBeCloseTo(1_000_000, -2)
    expect(failed(fast)).toContain('days of streaming until the timeline ends')
    expect(failed(slow)).not.toContain('days of streaming until the timeline ends')
  })
})

describe('tasks', () => {
  test('share the blocks: none is slower than its share of them, and more than there are blocks are idle', () => {
    for (const tasks of [1, 3, 8, 100, 9_999]) {
      const { job, lake, backfill } = planOf({}, { rows: 1e9, tasks })
      expect(job.tasks).toBe(Math.min(tasks, lake.blocks))
      expect(job.taskSeconds).toBeCloseTo((backfill.seconds * Math.ceil(lake.blocks / job.tasks)) / lake.blocks, 6)
      expect(job.taskSeconds * job.tasks).toBeGreaterThanOrEqual(backfill.seconds - 1e-6)
      expect(job.verifySeconds / job.taskSeconds).toBeCloseTo(backfill.verifySeconds / backfill.seconds, 6)
    }
  })
})

describe('money', () => {
  test('is the sum of its items, and grows with rows, rate and days', () => {
    const of = (options: Parameters<typeof plan>[1]) => planOf({}, options).cloud
    for (const { once, daily } of [of({ rows: 1e10 }), of({ rate: 1e5 })])
      for (const { usd, items } of [once, daily])
        expect(usd).toBeCloseTo(
          items.reduce((sum, each) => sum + each.usd, 0),
          1,
        )
    expect(of({ rows: 1e11 }).once.usd).toBeGreaterThan(of({ rows: 1e10 }).once.usd)
    expect(of({ rate: 1e5 }).daily.usd).toBeGreaterThan(of({ rate: 1e3 }).daily.usd)
  })

  test('of reading is 6.25 dollars a TiB over the first: raw twice to transform, all of it to verify', () => {
    const { cloud, rows } = planOf({}, { rows: 1e11 })
    const raw = rows.transactions * 68 + rows.inventories * 52
    const queries = cloud.once.items.find(({ what }) => what.includes('queries'))!
    expect(queries.quantity).toBeCloseTo((raw * 4.1) / 2 ** 40, 2)
    expect(queries.usd).toBeCloseTo(((raw * 4.1) / 2 ** 40 - 1) * 6.25, 0)
  })
})
