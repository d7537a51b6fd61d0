import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { Batch } from '../src/simulator/batch.ts'
import { beginBlock, simulateDays } from '../src/simulator/block.ts'
import type { WorldSchema } from '../src/tables/index.ts'
import { formatDay, parseDay } from '../src/time.ts'
import { buildWorld, type World, type WorldConfig } from '../src/world/world.ts'

export interface Shop {
  seed?: number
  stores?: number
  products?: number
  lines?: number
  schema?: WorldSchema
  from?: string
}

export const shopConfig = (shop: Shop = {}): WorldConfig => ({
  seed: shop.seed ?? 42,
  world: {
    stores: shop.stores ?? 3,
    products: shop.products ?? 40,
    lines_per_store_day: shop.lines ?? 30,
    schema: shop.schema ?? 'strict',
  },
  history: { from: shop.from ?? '2024-01-01' },
})

export const shopWorld = (shop: Shop = {}): World => buildWorld(shopConfig(shop))

/** Small shops of every kind: few or many products, quiet or busy, through holidays and clock changes. */
export const anyShop: fc.Arbitrary<Required<Shop>> = fc.record({
  seed: fc.nat(4_294_967_295),
  stores: fc.integer({ min: 1, max: 6 }),
  products: fc.integer({ min: 10, max: 300 }),
  lines: fc.integer({ min: 1, max: 400 }),
  schema: fc.constantFrom('strict' as const, 'extended' as const),
  from: fc.integer({ min: parseDay('2001-01-01')!, max: parseDay('2098-10-01')! }).map(formatDay),
})

/** All blocks from the world's first day, so many days, in the order of parts. */
export function rowsOfDays(world: World, days: number, blocks = world.blocks): Batch {
  const out = new Batch(world.schema === 'extended')
  for (const block of blocks) simulateDays(world, beginBlock(world, block), world.from + days, out)
  return out
}

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
