import { describe, expect, test } from 'vitest'
import { configSchema } from '../../config/schema.ts'
import { monthlyCost } from './cost.ts'

function costOf(
  { gcp = {}, world = {}, history = {} }: { gcp?: object; world?: object; history?: object },
  blocks = 16,
) {
  const config = configSchema.parse({
    target: 'gcp',
    world,
    history,
    gcp: { project: 'a-shop', bucket: 'a-shop-retail', ...gcp },
  })
  return monthlyCost({ ...config, workspace: '/' }, config.gcp!, blocks)
}
const itemOf = (cost: ReturnType<typeof costOf>, what: string) => cost.items.find((each) => each.what.startsWith(what))!

describe('a month', () => {
  test('of the default config costs a few dollars, and says why', () => {
    expect(costOf({})).toMatchSnapshot()
  })

  test('is the sum of its items', () => {
    const { monthly, items } = costOf({ world: { stores: 2000, lines_per_store_day: 500 } })
    expect(monthly).toBeCloseTo(
      items.reduce((sum, { usd }) => sum + usd, 0),
      1,
    )
  })

  test('of a tiny world is next to nothing, but for the writes of a stream', () => {
    const tiny = costOf({ world: { stores: 10, products: 200 }, gcp: { stream_stop_after: '1h' } }, 2)
    expect(tiny.monthly).toBeLessThan(1)
    expect(itemOf(tiny, 'BigQuery storage').usd).toBe(0)
  })

  test('counts what is over what is free: 100 TiB of messages more are 4,000 dollars', () => {
    const small = costOf({ world: { stores: 1000 } })
    const large = costOf({ world: { stores: 100_000, lines_per_store_day: 10_000 } })
    const per = (cost: ReturnType<typeof costOf>) => itemOf(cost, 'Pub/Sub messages')
    expect(per(large).usd).toBeCloseTo((per(large).quantity - 10 / 1024) * 40, -1)
    expect(per(large).usd).toBeGreaterThan(per(small).usd)
  })

  test('tells the two ways in apart', () => {
    const load = costOf({ world: { stores: 20_000 } })
    const subscription = costOf({ world: { stores: 20_000 }, gcp: { ingest: 'subscription' } })
    expect(itemOf(load, 'Pub/Sub messages').quantity).toBeCloseTo(
      itemOf(subscription, 'Pub/Sub messages').quantity * 2,
      2,
    )
    expect(itemOf(load, 'Pub/Sub BigQuery')).toBeUndefined()
    expect(itemOf(subscription, 'BigQuery Storage Write')).toBeUndefined()
  })

  test('of a longer stream, a longer history or wider rows costs more', () => {
    const world = { stores: 20_000 }
    const base = costOf({ world }).monthly
    expect(costOf({ world, gcp: { stream_stop_after: '24h' } }).monthly).toBeGreaterThan(base)
    expect(costOf({ world, gcp: { stream_stop_after: '2d' } }).monthly).toBe(
      costOf({ world, gcp: { stream_stop_after: '24h' } }).monthly,
    )
    expect(costOf({ world, history: { to: '2025-12-31' } }).monthly).toBeGreaterThan(base)
    expect(costOf({ world: { ...world, schema: 'extended' } }).monthly).toBeGreaterThan(base)
  })
})
