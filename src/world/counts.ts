import { byDimension, type DimensionName, dimensionsOf, tables } from '../tables/index.ts'
import { MEAN_LINES_PER_VISIT } from './calibration.ts'
import { CUSTOMERS_MAX, CUSTOMERS_PER_DAILY_VISIT } from './customer-model.ts'
import type { IdWidths, World, WorldConfig } from './world.ts'

/** The number of members of each dimension in a world. */
export const COUNTS: { [D in DimensionName]: (world: WorldConfig['world']) => number } = {
  product: ({ products }) => products,
  store: ({ stores }) => stores,
  customer: ({ stores, lines_per_store_day, schema }) => {
    if (schema === 'strict') return 0
    const visits = (stores * lines_per_store_day) / MEAN_LINES_PER_VISIT
    return Math.min(CUSTOMERS_MAX, Math.ceil(visits * CUSTOMERS_PER_DAILY_VISIT))
  },
  // About as many; a world counts those that its seed makes.
  price_history: ({ products, schema }) => (schema === 'strict' ? 0 : Math.round(products * PRICES_PER_PRODUCT)),
}

/** Regular prices of a product in PRICE_YEARS. [M] of this model */
const PRICES_PER_PRODUCT = 10.2

export const countsOf = (world: WorldConfig['world']): Record<DimensionName, number> =>
  byDimension((name) => COUNTS[name](world))

/** The same for the dimensions that the world has. */
export const membersOf = ({
  counts,
  schema,
}: Pick<World, 'counts' | 'schema'>): Partial<Record<DimensionName, number>> =>
  Object.fromEntries(dimensionsOf(schema).map(({ name }) => [name, counts[name]]))

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
