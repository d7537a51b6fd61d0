import { expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { COMPLEMENT_OF_32 } from './calibration.ts'
import { COMPLEMENTS } from './complements.ts'
import { soldOf } from './products.ts'
import { CLUSTERS } from './stores.ts'
import { TYPES } from './types/product-types.ts'

/** Chance that two lines are of a pair of types, over all clusters. */
const RARE = 2e-5

/** Share of demand per type, and of complements drawn from one type to another: [from][to]. */
function flowsOf(cluster: number) {
  const world = shopWorld({ products: 800, lines: 100 })
  const { products, appeal, complements } = world.cluster(cluster)
  const types = Array.from(products, (p) => world.products.type[p])
  // Each product for the part of the time in which it is sold.
  const demand = appeal.map((own, i) => own * soldOf(world.products, products[i]))
  const total = demand.reduce((a, b) => a + b, 0)
  const share = TYPES.map(() => 0)
  const flow = TYPES.map(() => TYPES.map(() => 0))
  types.forEach((type, i) => {
    share[type] += demand[i] / total
    for (let k = 0; k < COMPLEMENTS; k++)
      flow[type][types[complements[i * COMPLEMENTS + k]]] += demand[i] / total / COMPLEMENTS
  })
  return { share, flow }
}

test('types that go together meet in a visit more often than by chance, and not always', () => {
  const meetings = Array.from({ length: CLUSTERS }, (_, cluster) => flowsOf(cluster))
  TYPES.forEach(({ name, complements }, a) => {
    for (const b of complements) {
      if (b < a) continue
      const [planned, chance] = meetings.reduce(
        ([planned, chance], { share, flow }) => [
          planned + ((flow[a][b] + flow[b][a]) / 2) * (COMPLEMENT_OF_32 / 32 / 1.5),
          chance + share[a] * share[b],
        ],
        [0, 0],
      )
      // Of rare types, one complement more or less decides.
      if (chance < RARE) continue
      const lift = 1 + planned / chance
      expect(lift, `${name} and ${TYPES[b].name}`).toBeGreaterThan(1.5)
      console.log(name, TYPES[b].name, lift.toFixed(2), chance.toExponential(1))
      expect(lift, `${name} and ${TYPES[b].name}`).toBeLessThan(8)
    }
  })
})
