import { fakerFrom } from '../random/faker.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import type { DimensionName, product, Row, RowOf, store, tables } from '../tables/index.ts'
import { CATEGORIES } from './calibration.ts'
import { CITIES } from './cities.ts'
import { customerRows } from './customer-rows.ts'
import { productNames } from './product-names.ts'
import type { World } from './world.ts'

/** The rows of each dimension. */
export const ROWS: { [D in DimensionName]: (world: World) => RowOf<(typeof tables)[D]>[] } = {
  product: productRows,
  store: storeRows,
  customer: customerRows,
}

const made = new WeakMap<World, Map<DimensionName, readonly Row[]>>()

/** The rows of one dimension, by column. Built once per world, because names are slow to generate. */
export function rowsOf(world: World, name: DimensionName): readonly Row[] {
  let known = made.get(world)
  if (!known) made.set(world, (known = new Map()))
  let rows = known.get(name)
  if (!rows) known.set(name, (rows = ROWS[name](world)))
  return rows
}

/** Rows of `product`. */
function productRows(world: World): RowOf<typeof product>[] {
  const { products, ids, seed } = world
  const width = Math.max(3, String(products.suppliers).length)
  return productNames(products, seed).map((name, p) => ({
    product_id: `P${String(p + 1).padStart(ids.product, '0')}`,
    name,
    category: CATEGORIES[products.category[p]],
    base_price: products.baseCents[p],
    supplier_id: `SUP${String(products.supplier[p] + 1).padStart(width, '0')}`,
  }))
}

/** Rows of `store`. */
function storeRows(world: World): RowOf<typeof store>[] {
  const { stores, ids, seed } = world
  return Array.from({ length: stores.count }, (_, s) => {
    const faker = fakerFrom(keyedRng(seed, Stream.name, s, 1))
    const city = CITIES[stores.city[s]]
    return {
      store_id: `S${String(s + 1).padStart(ids.store, '0')}`,
      location: `${city.name}, ${city.state}`,
      size: stores.squareFeet[s],
      manager: `${faker.person.firstName()} ${faker.person.lastName()}`,
    }
  })
}
