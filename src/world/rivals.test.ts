import { expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { weekOf } from '../time.ts'
import { chainWeek } from './chain-week.ts'
import { buildWeek } from './clusters.ts'
import { lifeOf } from './products.ts'

test('a promotion sells more, and a part of it is what rivals would have sold', () => {
  const world = shopWorld({ products: 800, lines: 100 })
  const cluster = world.cluster(1)
  const first = weekOf(world.from)
  /** Units of a week over those without any promotion: of products on promotion, and of the others. */
  const weeks = Array.from({ length: 50 }, (_, w) => {
    const { share, lift } = world.week(1, first + w)
    const chain = chainWeek(world.seed, world.products, first + w)
    for (const p of cluster.products) chain.decide(p)
    const promoted = chain.promotion.slice()
    chain.promotion.fill(1)
    const without = buildWeek(cluster, world.products, first + w, chain)
    const [on, off] = [
      { sold: 0, plain: 0 },
      { sold: 0, plain: 0 },
    ]
    cluster.products.forEach((p, i) => {
      const life = lifeOf(world.products, p, first + w)
      // Neither new nor about to end.
      if (!life || life.age < 8 || life.left < 8) return
      const sums = promoted[p] > 1 ? on : off
      sums.sold += share[i] * lift
      sums.plain += without.share[i] * without.lift
    })
    return { promoted: on.plain / (on.plain + off.plain), on: on.sold / on.plain, off: off.sold / off.plain }
  }).sort((a, b) => a.promoted - b.promoted)
  const mean = (some: typeof weeks, of: 'on' | 'off') => some.reduce((sum, week) => sum + week[of] / some.length, 0)
  const rise = mean(weeks, 'on') / mean(weeks, 'off')
  expect(rise).toBeGreaterThan(1.4)
  expect(rise).toBeLessThan(2.4)
  // The others sell less in weeks with many promotions.
  expect(weeks.filter(({ off }) => off > 1 + 1e-9)).toEqual([])
  expect(mean(weeks.slice(-10), 'off')).toBeLessThan(mean(weeks.slice(0, 10), 'off') - 0.02)
})
