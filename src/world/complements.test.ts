import { expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { COMPLEMENT_OF_32 } from './calibration.ts'
import { COMPLEMENTS } from './complements.ts'
import { CLUSTERS } from './stores.ts'
import { TYPES } from './types/product-types.ts'

/** Share of demand per type, and of complements drawn from one type to another: [from][to]. */
function flowsOf(cluster: number) {
  const world = shopWorld({ products: 800, lines: 100 })
  const { products, appeal, complements } = world.cluster(cluster)
  const types = Array.from(products, (p) => world.products.type[p])
  const total = appeal.reduce((a, b) => a + b, 0)
  const share = TYPES.map(() => 0)
  const flow = TYPES.map(() => TYPES.map(() => 0))
  types.forEach((type, i) => {
    share[type] += appeal[i] / total
    for (let k = 0; k < COMPLEMENTS; k++)
      flow[type][types[complements[i * COMPLEMENTS + k]]] += appeal[i] / total / COMPLEMENTS
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
      // A small world has none of some types.
      if (chance === 0) continue
      const lift = 1 + planned / chance
      expect(lift, `${name} and ${TYPES[b].name}`).toBeGreaterThan(1.5)
      expect(lift, `${name} and ${TYPES[b].name}`).toBeLessThan(6)
    }
  })
})
