import { fakerFrom } from '../random/faker.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import type { DimensionName, product, Row, RowOf, store, tables } from '../tables/index.ts'
import { CATEGORIES, type Category } from './calibration.ts'
import { CITIES } from './cities.ts'
import type { World } from './world.ts'

/** Nouns per category, so that a product's name fits its category. */
const NOUNS: Record<Category, readonly string[]> = {
  Electronics: [
    'Headphones',
    'Speaker',
    'Charger',
    'Keyboard',
    'Mouse',
    'Monitor',
    'Camera',
    'Router',
    'Tablet',
    'Smart Watch',
    'Power Bank',
    'Webcam',
    'Soundbar',
    'Printer',
    'Drive',
  ],
  Clothing: [
    'T-Shirt',
    'Jeans',
    'Jacket',
    'Sweater',
    'Dress',
    'Skirt',
    'Socks',
    'Hoodie',
    'Coat',
    'Shorts',
    'Scarf',
    'Belt',
    'Shirt',
    'Sneakers',
    'Gloves',
  ],
  Home: [
    'Lamp',
    'Cushion',
    'Blanket',
    'Pan',
    'Kettle',
    'Mug Set',
    'Towel',
    'Rug',
    'Curtain',
    'Shelf',
    'Candle',
    'Clock',
    'Vase',
    'Knife Set',
    'Storage Box',
  ],
  Books: [
    'Cookbook',
    'Novel',
    'Atlas',
    'Biography',
    'Field Guide',
    'Anthology',
    'Workbook',
    'Picture Book',
    'Thriller',
    'Handbook',
    'History',
    'Diary',
    'Mystery',
    'Travel Guide',
    'Poems',
  ],
  Sports: [
    'Yoga Mat',
    'Dumbbells',
    'Football',
    'Racket',
    'Tent',
    'Backpack',
    'Bike Helmet',
    'Running Vest',
    'Water Bottle',
    'Ski Goggles',
    'Jump Rope',
    'Fishing Rod',
    'Sleeping Bag',
    'Basketball',
    'Skates',
  ],
}

/** The rows of each dimension. */
export const ROWS: { [D in DimensionName]: (world: World) => RowOf<(typeof tables)[D]>[] } = {
  product: productRows,
  store: storeRows,
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

/** Rows of `product`: numbers from the world, names from Faker. */
function productRows(world: World): RowOf<typeof product>[] {
  const { products, ids, seed } = world
  const width = Math.max(3, String(products.suppliers).length)
  return Array.from({ length: products.count }, (_, p) => {
    const rng = keyedRng(seed, Stream.name, p, 0)
    const category = CATEGORIES[products.category[p]]
    const noun = NOUNS[category][rng.below(NOUNS[category].length)]
    const faker = fakerFrom(rng)
    const name =
      category === 'Books'
        ? `The ${faker.commerce.productAdjective()} ${noun} of ${faker.location.city()}`
        : `${faker.person.lastName()} ${faker.commerce.productAdjective()} ${noun}`
    return {
      product_id: `P${String(p + 1).padStart(ids.product, '0')}`,
      name,
      category,
      base_price: products.baseCents[p],
      supplier_id: `SUP${String(products.supplier[p] + 1).padStart(width, '0')}`,
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
