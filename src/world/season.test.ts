import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyShop, shopWorld } from '../../test/worlds.ts'
import { civilOf, weekOf } from '../time.ts'
import { CATEGORIES, SEASON } from './calibration.ts'
import { soldOf } from './products.ts'
import { mondayOf } from './season.ts'
import { CLUSTERS } from './stores.ts'
import { TYPES } from './types/product-types.ts'

const typeNamed = (name: string) => TYPES.findIndex((type) => type.name === name)

/** Mean Census factor of a week's seven days. */
const censusOf = (category: number, week: number) =>
  Array.from({ length: 7 }, (_, i) => SEASON[category][civilOf(mondayOf(week) + i).month - 1]).reduce(
    (sum, factor) => sum + factor / 7,
    0,
  )

test('the types of a category average, by sales, to its Census curve, in every climate', () => {
  fc.assert(
    fc.property(anyShop, fc.nat(CLUSTERS - 1), fc.nat(52), (shop, cluster, weeks) => {
      const world = shopWorld(shop)
      const week = weekOf(world.from) + weeks
      const { products, appeal, norm, seasons: seasonsIn } = world.cluster(cluster)
      const seasons = seasonsIn(week)
      // Each product for the part of the time in which it is sold.
      const { type, baseCents } = world.products
      const revenue = TYPES.map(() => 0)
      let units = 0
      products.forEach((p, i) => {
        const demand = appeal[i] * soldOf(world.products, p)
        revenue[type[p]] += demand * baseCents[p]
        units += demand
      })
      expect(units).toBeCloseTo(norm, 12)
      for (let category = 0; category < CATEGORIES.length; category++) {
        let [sold, plain] = [0, 0]
        TYPES.forEach((type, t) => {
          if (type.category !== category) return
          sold += revenue[t] * seasons[t]
          plain += revenue[t]
        })
        if (plain > 0) expect(sold / plain).toBeCloseTo(censusOf(category, week), 12)
      }
    }),
    { numRuns: 30 },
  )
})

test('winter clothes sell in winter, and more of them where it is cold', () => {
  const world = shopWorld({ products: 2000 })
  // The Northeast, and the Sun Belt.
  const [cold, warm] = [world.cluster(1), world.cluster(10)]
  const [january, july] = [weekOf(world.from) + 2, weekOf(world.from) + 27]
  const [coat, shorts] = [typeNamed('Coat'), typeNamed('Shorts')]
  const ratio = ({ seasons }: typeof cold, week: number) => seasons(week)[coat] / seasons(week)[shorts]
  expect(ratio(cold, january)).toBeGreaterThan(2 * ratio(warm, january))
  for (const place of [cold, warm]) expect(ratio(place, january)).toBeGreaterThan(10 * ratio(place, july))
})
