import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { localShop, makeHistory } from '../../test/history.ts'
import { rowsOfDays, type Shop, shopConfig, shopWorld } from '../../test/worlds.ts'
import { configSchema } from '../config/schema.ts'
import { FactWriter } from '../encode/facts.ts'
import { TextWriter } from '../encode/text-writer.ts'
import { type FactName, facts } from '../tables/index.ts'
import { formatDay, parseDay } from '../time.ts'
import { backfill } from './backfill.ts'
import { estimate, estimateBytes, estimateRows, rowsOfDay, type Shape, shapeOf } from './estimate.ts'

function shapeOfShop(shop: Shop): Shape {
  const config = shopConfig(shop)
  return shapeOf(configSchema.parse({ ...config, history: { ...config.history, to: '2098-12-31' } }))
}

const within = (share: number, told: number, made: number, what: unknown) => {
  expect(told / made, JSON.stringify(what)).toBeGreaterThan(1 - share)
  expect(told / made, JSON.stringify(what)).toBeLessThan(1 + share)
}

describe('an estimate is within a tenth of what is made', () => {
  // Dozens of stores and two months: a handful has its own luck, and a week its weather.
  const anyHistory = fc.record({
    seed: fc.nat(4_294_967_295),
    stores: fc.integer({ min: 60, max: 100 }),
    products: fc.integer({ min: 200, max: 3000 }),
    lines: fc.constantFrom(1, 3, 10, 50),
    from: fc.integer({ min: parseDay('2001-01-01')!, max: parseDay('2090-10-01')! }).map(formatDay),
    days: fc.integer({ min: 60, max: 100 }),
  })

  test('in rows, of sparse and dense worlds, whatever the season', () => {
    fc.assert(
      fc.property(anyHistory, ({ days, ...shop }) => {
        const made = rowsOfDays(shopWorld(shop), days)
        const from = parseDay(shop.from)!
        const told = estimateRows(shapeOfShop(shop), { from, to: from + days - 1 })
        within(0.1, told.transactions, made.facts.transactions.rows.n, shop)
        within(0.1, told.inventories, made.facts.inventories.rows.n, shop)
      }),
      { numRuns: 12, unbiased: true, endOnFailure: true },
    )
  })

  // Seeds whose sales are near the mean: this is about bytes.
  test.each([
    { stores: 60, products: 200, lines: 40, to: '2024-02-15' },
    { stores: 60, products: 2000, lines: 3, schema: 'extended', to: '2024-02-29' },
    { seed: 3, stores: 8, products: 3000, lines: 900, to: '2024-01-31' },
    { seed: 3, stores: 60, products: 500, lines: 100, schema: 'extended', from: '2023-11-01', to: '2023-12-31' },
  ] as const)('in bytes of parts: %o', async ({ to, ...shop }) => {
    const place = localShop(shop)
    const parts = await makeHistory(place, to)
    const told = estimate(shapeOf(place.config), { from: place.world.from, to: parseDay(to)! })
    within(
      0.1,
      told.sizeBytes,
      parts.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      shop,
    )
  })

  test.each(['strict', 'extended'] as const)('in bytes of text of every fact, %s', (schema) => {
    const shop = { stores: 30, products: 2000, lines: 40, schema }
    const shape = shapeOfShop(shop)
    const batch = rowsOfDays(shopWorld(shop), 30)
    for (const { name } of facts) {
      for (const format of ['csv', 'ndjson'] as const) {
        let made = 0
        const writer = new TextWriter(
          { write: (chunks) => chunks.forEach((chunk) => void (made += chunk.length)) },
          shopWorld(shop),
          name,
          format,
        )
        writer.add(batch)
        writer.close()
        const told = estimateBytes(shape, name, format, { rows: writer.rows, files: 1, storeDays: 900 })
        within(0.05, told, made, { name, format })
      }
    }
  })

  test.each(['strict', 'extended'] as const)('in bytes of Parquet of every fact, %s', (schema) => {
    const shop = { stores: 30, products: 2000, lines: 40, schema }
    const [shape, world] = [shapeOfShop(shop), shopWorld(shop)]
    const batch = rowsOfDays(world, 30)
    for (const { name } of facts) {
      let made = 0
      const sink = { write: (chunks: readonly Uint8Array[]) => chunks.forEach((chunk) => void (made += chunk.length)) }
      const writer = new FactWriter(sink, world, name, false, { world: world.id, generator: '1', content: 'a test' })
      writer.add(batch)
      writer.close()
      const told = estimateBytes(shape, name, 'parquet', { rows: writer.rows, files: 1, storeDays: 900 })
      within(0.1, told, made, name)
    }
  })
})

describe('estimates', () => {
  const shape = shapeOfShop({ stores: 100, products: 2000, lines: 100 })
  const from = shape.begins

  test('of a period are the sum of those of its days, and of all stores those of each', () => {
    const sum = { transactions: 0, inventories: 0 }
    for (let day = from; day < from + 60; day++) {
      const each = estimateRows(shape, { from: day, to: day }, 25)
      for (const name of ['transactions', 'inventories'] as const) sum[name] += 4 * each[name]
    }
    const all: Record<FactName, number> = estimateRows(shape, { from, to: from + 59 })
    expect(sum.transactions).toBeCloseTo(all.transactions, 4)
    expect(sum.inventories).toBeCloseTo(all.inventories, 4)
  })

  test('of a mean day are those of a year, long after the opening', () => {
    const year = estimateRows(shape, { from: from + 366, to: from + 366 + 364 })
    within(0.02, rowsOfDay(shape).transactions * 365, year.transactions, 'lines')
    within(0.02, rowsOfDay(shape).inventories * 365, year.inventories, 'movements')
  })

  test('of a dry run are those of the whole world', async () => {
    const { ports, config } = localShop({ stores: 9, products: 60, lines: 30 })
    const told = estimate(shapeOf(config), { from, to: parseDay(config.history.to)! })
    const { rows, sizeBytes } = await backfill(ports, config, { dryRun: true })
    expect(rows).toEqual(told.rows)
    within(0.001, sizeBytes, told.sizeBytes, 'bytes')
  })
})
