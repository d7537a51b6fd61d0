import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyShop, shopConfig, shopWorld } from '../../test/worlds.ts'
import { configSchema } from '../config/schema.ts'
import { WEEKDAY } from './calibration.ts'
import { CITIES } from './cities.ts'
import { ROWS } from './dimensions.ts'
import { CLUSTERS } from './stores.ts'
import { worldId } from './world.ts'

describe("a world's id", () => {
  const config = configSchema.parse({})
  const changed = {
    seed: { ...config, seed: 43 },
    stores: { ...config, world: { ...config.world, stores: 1001 } },
    products: { ...config, world: { ...config.world, products: 2001 } },
    lines: { ...config, world: { ...config.world, lines_per_store_day: 101 } },
    schema: { ...config, world: { ...config.world, schema: 'extended' as const } },
    from: { ...config, history: { ...config.history, from: '2024-01-02' } },
  }

  test('changes with everything that a row depends on', () => {
    const ids = [config, ...Object.values(changed)].map(worldId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids[0]).toMatch(/^[0-9a-f]{16}$/)
  })

  test('stays when history grows or moves to another target', () => {
    expect(worldId({ ...config, history: { ...config.history, to: '2025-12-31' } } as typeof config)).toBe(
      worldId(config),
    )
    const gcp = { project: 'p', bucket: 'bucket', location: 'US', region: 'us-central1', dataset: 'retail' }
    expect(worldId({ ...config, target: 'gcp', gcp } as typeof config)).toBe(worldId(config))
    expect(worldId({ ...config, local: { database: 'other.duckdb', lake: 'pond' } } as typeof config)).toBe(
      worldId(config),
    )
  })
})

test('a world says what it is without its products and stores, which take longest', () => {
  // More than there is memory for.
  const world = shopWorld({ stores: 1e12, products: 1e12 })
  expect(world.counts).toEqual({ product: 1e12, store: 1e12, customer: 0, price_history: 0 })
  expect(world.id).toBe(worldId(shopConfig({ stores: 1e12, products: 1e12 })))
  expect(() => world.products).toThrow(RangeError)
})

describe('blocks', () => {
  test('hold every store once, in order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 20_000 }), (stores, lines) => {
        const { blocks } = shopWorld({ stores, lines, products: 10 })
        expect(blocks.map(({ index }) => index)).toEqual(blocks.map((_, i) => i))
        expect(blocks[0].lo).toBe(0)
        expect(blocks[blocks.length - 1].hi).toBe(stores)
        blocks.forEach(({ lo, hi }, i) => {
          expect(hi).toBeGreaterThan(lo)
          if (i > 0) expect(lo).toBe(blocks[i - 1].hi)
        })
      }),
      { numRuns: 30 },
    )
  })

  // Numbers that a change of machine, or of the rule, would move: part names and their bytes hang on them.
  test.each([
    [1, 1, 1],
    [7, 100, 7],
    [1000, 100, 8],
    [2000, 500, 21],
    [3000, 20_000, 512],
  ])('of %i stores with %i lines a day number %i', (stores, lines, blocks) => {
    expect(shopWorld({ stores, lines, products: 10 }).blocks).toHaveLength(blocks)
  })
})

describe('stores', () => {
  test('sell as much as a mean store on average', () => {
    fc.assert(
      fc.property(anyShop, (shop) => {
        const { demand } = shopWorld(shop).stores
        expect(demand.reduce((a, b) => a + b, 0) / demand.length).toBeCloseTo(1, 12)
      }),
      { numRuns: 20 },
    )
  })

  test('have their own weekends, and days of a week that average 1', () => {
    const { weekend, weekday, count } = shopWorld({ stores: 200 }).stores
    const all = WEEKDAY.reduce<number>((sum, factor) => sum + factor, 0)
    for (let s = 0; s < count; s++) {
      const mean = WEEKDAY.reduce((sum, factor, day) => sum + factor * (day < 5 ? weekday[s] : weekend[s]), 0) / all
      expect(mean).toBeCloseTo(1, 12)
      expect(Math.min(weekday[s], weekend[s])).toBeGreaterThan(0.5)
    }
    expect(new Set(weekend).size).toBe(count)
  })

  test('keep their place and size when the chain grows', () => {
    const [small, large] = [shopWorld({ stores: 100 }), shopWorld({ stores: 1000 })]
    for (const column of ['city', 'squareFeet', 'zone', 'region', 'cluster'] as const)
      expect(large.stores[column].slice(0, 100)).toEqual(small.stores[column])
    expect(ROWS.store(large).slice(0, 100)).toEqual(ROWS.store(small))
  })

  test('are more in larger cities', () => {
    const { city } = shopWorld({ stores: 2000 }).stores
    const count = (name: string) => city.filter((c) => CITIES[c].name === name).length
    expect(count('New York')).toBeGreaterThan(count('Chicago'))
    expect(count('Chicago')).toBeGreaterThan(count('Tucson'))
  })
})

describe('a shop of any kind', () => {
  test('has rows that name themselves by number, with no cell empty', () => {
    fc.assert(
      fc.property(anyShop, (shop) => {
        const world = shopWorld(shop)
        const [products, stores] = [ROWS.product(world), ROWS.store(world)]
        expect(products.map(({ product_id }) => product_id)).toEqual(
          products.map((_, i) => `P${String(i + 1).padStart(5, '0')}`),
        )
        expect(stores.map(({ store_id }) => store_id)).toEqual(
          stores.map((_, i) => `S${String(i + 1).padStart(4, '0')}`),
        )
        for (const row of [...products, ...stores])
          expect(Object.values(row).every((cell) => cell !== '' && cell !== undefined)).toBe(true)
        expect(ROWS.product(shopWorld(shop))).toEqual(products)
      }),
      { numRuns: 10 },
    )
  })

  test('has demand of all its weather and luck above zero', () => {
    const world = shopWorld({ stores: 6 })
    let sum = 0
    for (let day = 0; day < 500; day++) {
      for (let store = 0; store < 6; store++) {
        const shock = world.shock(store, world.from + day)
        expect(shock).toBeGreaterThan(0)
        sum += shock / 3000
      }
    }
    expect(sum).toBeGreaterThan(0.9)
    expect(sum).toBeLessThan(1.1)
  })
})

test('the default chain carries every product somewhere', () => {
  const world = shopWorld({ stores: 1000, products: 2000, lines: 100 })
  const carried = new Set<number>()
  for (let cluster = 0; cluster < CLUSTERS; cluster++) for (const p of world.cluster(cluster).products) carried.add(p)
  expect(carried.size).toBe(2000)
  expect(new Set(world.stores.cluster).size).toBe(CLUSTERS)
})

test('the same config makes the same world', () => {
  expect(shopWorld().products).toEqual(shopWorld().products)
  expect(worldId(shopConfig())).toBe(shopWorld().id)
})
