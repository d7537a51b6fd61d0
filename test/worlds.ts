import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { beginBlock, simulateDays } from '../src/simulator/block.ts'
import { ColumnBatch } from '../src/simulator/column-batch.ts'
import {
  type ByKind,
  byFact,
  compile,
  type FactName,
  factColumns,
  facts,
  tables,
  type WorldSchema,
} from '../src/tables/index.ts'
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

/** All blocks from the world's first day, for this many days, in the order of parts. */
export function rowsOfDays(world: World, days: number, blocks = world.blocks): ColumnBatch {
  const out = new ColumnBatch(world.schema === 'extended')
  for (const block of blocks) simulateDays(world, beginBlock(world, block), world.from + days, out)
  return out
}

export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A span of rows that no simulator would make. */
interface SpanShape {
  store: number
  day: number
  rows: Record<FactName, number>
  /** numbers of the first of them */
  first: Record<FactName, number>
  salt: number
}

/** Rows that no simulator would make: any codes of the world, in spans of any length, in no order of stores or days. */
export function anySpans(world: World): fc.Arbitrary<SpanShape[]> {
  const span = fc.record({
    store: fc.nat(world.stores.count - 1),
    day: fc.nat(30_000),
    rows: fc.record(byFact(() => fc.nat(40))),
    first: fc.record(byFact(() => fc.integer({ min: 1, max: 900_000 }))),
    salt: fc.nat(2 ** 31),
  })
  return fc.array(span, { maxLength: 12 })
}

export function batchOf(world: World, spans: readonly SpanShape[]): ColumnBatch {
  const batch = new ColumnBatch(world.schema === 'extended', 1)
  for (const span of spans) fillSpan(world, batch, span)
  return batch
}

type Below = (n: number) => number

/** Any codes that the cells of a column may have. */
const CODES: ByKind<[world: World, below: Below], number[]> = {
  rowId: () => [],
  siblingId: (_, _world, below) => [1 + below(999_999)],
  member: ({ references }, world, below) => [below(world.counts[references])],
  optionalMember: ({ references }, world, below) => [below(world.counts[references] + 1)],
  spanMember: () => [],
  instant: (_, _world, below) => [below(86_400)],
  whole: ({ least, most }, _, below) => [Math.max(least, -300) + below(Math.min(most, 900) - Math.max(least, -300))],
  money: ({ list }, { products }, below) => [below(products[list].length)],
  choice: ({ names }, _, below) => [below(names.length)],
  cause: (_, _world, below) => [below(30_000), 1 + below(999_999)],
}

/** Appends a span whose cells are made from `salt`. */
export function fillSpan(world: World, batch: ColumnBatch, span: SpanShape): void {
  let state = span.salt
  const below = (n: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * n)
  }
  for (const { name } of facts) {
    batch.facts[name].reserve(span.rows[name])
    const { rows } = batch.facts[name]
    const cells = rows as unknown as Record<string, Int32Array>
    for (const end = rows.n + span.rows[name]; rows.n < end; rows.n++) {
      for (const [, column] of factColumns(tables[name], world.schema)) {
        const codes = compile(CODES, column, world, below)
        for (const [i, cell] of column.cells.entries()) cells[cell.name][rows.n] = codes[i]
      }
    }
  }
  const next = facts.map(({ name }) => Int32Array.of(span.first[name]))
  batch.close(span.store, span.day, next, 0)
}
