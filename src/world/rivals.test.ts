import { expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { weekOf } from '../time.ts'
import { lifeOf } from './products.ts'

test('a promotion sells more, and a part of it is what rivals would have sold', () => {
  const world = shopWorld({ products: 800, lines: 100 })
  const { products, appeal, seasons } = world.cluster(1)
  const { type, prices, baseCents } = world.products
  const first = weekOf(world.from)
  /** Units of a week over those without any promotion: of products on promotion, and of the others. */
  const weeks = Array.from({ length: 50 }, (_, w) => {
    const { share, lift, price } = world.week(1, first + w)
    const [on, off] = [
      { sold: 0, plain: 0 },
      { sold: 0, plain: 0 },
    ]
    products.forEach((p, i) => {
      const life = lifeOf(world.products, p, first + w)
      // Neither new nor about to end.
      if (!life || life.age < 8 || life.left < 8) return
      const sums = prices[price[i]] < baseCents[p] ? on : off
      sums.sold += share[i] * lift
      sums.plain += appeal[i] * seasons(first + w)[type[p]]
    })
    return { promoted: on.plain / (on.plain + off.plain), on: on.sold / on.plain, off: off.sold / off.plain }
  }).sort((a, b) => a.promoted - b.promoted)
  const mean = (some: typeof weeks, of: 'on' | 'off') => some.reduce((sum, week) => sum + week[of] / some.length, 0)
  const rise = mean(weeks, 'on') / mean(weeks, 'off')
  expect(rise).toBeGreaterThan(1.4)
  expect(rise).toBeLessThan(2.4)
  // The others sell less in weeks with many promotions.
  expect(mean(weeks.slice(-10), 'off') / mean(weeks.slice(0, 10), 'off')).toBeLessThan(0.97)
})
