import { byDimension, type DimensionName, tables } from '../tables/index.ts'
import type { IdWidths, WorldConfig } from './world.ts'

/** The number of members of each dimension in a world. */
export const COUNTS: { [D in DimensionName]: (world: WorldConfig['world']) => number } = {
  product: ({ products }) => products,
  store: ({ stores }) => stores,
}

export const countsOf = (world: WorldConfig['world']): Record<DimensionName, number> =>
  byDimension((name) => COUNTS[name](world))

/** Number of digits in a world's ids. */
export function idWidthsOf(world: WorldConfig['world']): IdWidths {
  const counts = countsOf(world)
  // No day has more than BUSIEST_DAY times the mean; deliveries, returns, and the opening count do not double it.
  const number = Math.max(6, String(world.lines_per_store_day * 100).length)
  return {
    ...byDimension((name) => Math.max(tables[name].digits, String(counts[name]).length)),
    number,
    most: 10 ** number,
  }
}
