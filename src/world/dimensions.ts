import { fakerFrom } from '../random/faker.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import type { DimensionName, priceHistory, product, Row, RowOf, store, tables } from '../tables/index.ts'
import { dayOf, SECONDS_PER_DAY } from '../time.ts'
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
  price_history: priceRows,
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

/** The end of a price that no other follows. */
const NO_END = dayOf(2100, 1, 1)

/** Rows of `price_history`. */
function priceRows({ regularPrices, ids }: World): RowOf<typeof priceHistory>[] {
  return regularPrices.map(({ product, from, cents }, i) => {
    const next = regularPrices[i + 1]
    return {
      price_id: `R${String(i + 1).padStart(ids.price_history, '0')}`,
      product_id: `P${String(product + 1).padStart(ids.product, '0')}`,
      valid_from: from * SECONDS_PER_DAY,
      valid_to: (next?.product === product ? next.from : NO_END) * SECONDS_PER_DAY,
      price: cents,
    }
  })
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
