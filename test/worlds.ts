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

/** Rows that no simulator would make: any codes of the world, in runs of any length, in no order of stores or days. */
export function anyRuns(world: World): fc.Arbitrary<RunShape[]> {
  const run = fc.record({
    store: fc.nat(world.stores.count - 1),
    day: fc.nat(30_000),
    lines: fc.nat(40),
    movements: fc.nat(40),
    firstLine: fc.integer({ min: 1, max: 900_000 }),
    firstMovement: fc.integer({ min: 1, max: 900_000 }),
    salt: fc.nat(2 ** 31),
  })
  return fc.array(run, { maxLength: 12 })
}

export function batchOf(world: World, runs: readonly RunShape[]): Batch {
  const batch = new Batch(world.schema === 'extended', 1)
  for (const run of runs) fillRun(world, batch, run)
  return batch
}

interface RunShape {
  store: number
  day: number
  lines: number
  movements: number
  firstLine: number
  firstMovement: number
  salt: number
}

/** Appends a run whose cells are made from `salt`. */
export function fillRun(world: World, batch: Batch, run: RunShape): void {
  let state = run.salt
  const below = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  const [n0, m0] = [batch.lines.n, batch.movements.n]
  batch.reserve(run.lines, run.movements)
  const { lines, movements } = batch
  for (; lines.n < n0 + run.lines; lines.n++) {
    lines.product[lines.n] = below(world.products.count)
    lines.second[lines.n] = below(86_400)
    lines.quantity[lines.n] = 1 + below(8)
    lines.price[lines.n] = below(world.products.prices.length)
    if (batch.extended) lines.basket[lines.n] = 1 + below(999_999)
  }
  for (; movements.n < m0 + run.movements; movements.n++) {
    movements.product[movements.n] = below(world.products.count)
    movements.second[movements.n] = below(86_400)
    movements.change[movements.n] = below(900) - 300
    movements.type[movements.n] = below(5)
    if (batch.extended) movements.referenceDay[movements.n] = below(30_000)
    if (batch.extended) movements.referenceNumber[movements.n] = 1 + below(999_999)
  }
  batch.close(run.store, run.day, n0, run.firstLine, m0, run.firstMovement)
}
