import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileOf, openParquetReader, type ParquetReader } from '../../test/parquet.ts'
import { encoded, naive } from '../../test/text.ts'
import { anyShop, anySpans, batchOf, rowsOfDays, shopWorld } from '../../test/worlds.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { columnsOf, facts, tables } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { headOf, type TextFormat } from './row-layout.ts'

const formats = ['csv', 'ndjson'] as const satisfies TextFormat[]
const schemas = ['strict', 'extended'] as const
const ROOM = 1 << 16

/** Every table in every format. */
const cases = facts.flatMap(({ name }) => formats.map((format) => [name, format] as const))

/** A world like another, with ids of other widths and other prices. */
const reshaped = (world: World, store: number, product: number, number: number, prices: readonly number[]): World => ({
  ...world,
  ids: { store, product, customer: product, price_history: 7, number, most: 10 ** number },
  products: { ...world.products, prices: Int32Array.from(prices) },
})

const anyWorld = fc
  .record({
    schema: fc.constantFrom(...schemas),
    store: fc.integer({ min: 4, max: 7 }),
    product: fc.integer({ min: 5, max: 8 }),
    number: fc.integer({ min: 6, max: 7 }),
    prices: fc.array(fc.integer({ min: 0, max: 99_999_999 }), { minLength: 1, maxLength: 20 }),
  })
  .map(({ schema, store, product, number, prices }) =>
    reshaped(shopWorld({ stores: 70, products: 150, schema }), store, product, number, prices),
  )

describe.each(cases)('%s as %s', (table, format) => {
  test('say what a template string would, whatever the rows, the widths and the room', () => {
    const anyRows = anyWorld.chain((world) => fc.tuple(fc.constant(world), fc.array(anySpans(world), { maxLength: 3 })))
    fc.assert(
      fc.property(anyRows, fc.integer({ min: 512, max: 4096 }), ([world, groups], size) => {
        const batches = groups.map((spans) => batchOf(world, spans))
        const head = headOf(world.schema, table, format)
        expect(encoded(world, table, format, batches, size)).toBe(head + naive(world, table, format, batches))
      }),
      { numRuns: 60 },
    )
  })

  test('say so of any small shop', () => {
    fc.assert(
      fc.property(anyShop, (shop) => {
        const world = shopWorld(shop)
        const batch = rowsOfDays(world, 2)
        const head = headOf(world.schema, table, format)
        expect(encoded(world, table, format, [batch], ROOM)).toBe(head + naive(world, table, format, [batch]))
      }),
      { numRuns: 15 },
    )
  })

  test('take any quantity and any change of stock', () => {
    const world = shopWorld({ schema: 'extended' })
    const values = [1, -1, 9, 10, -99, -100, 255, 256, 999, 1000, 12_345, -65_536, 2 ** 31 - 1, -(2 ** 31)]
    const batch = batchOf(world, [
      {
        store: 1,
        day: 19_800,
        rows: { transactions: 256, inventories: values.length },
        first: { transactions: 1, inventories: 999_980 },
        salt: 1,
      },
    ])
    for (let i = 0; i < 256; i++) batch.facts.transactions.rows.quantity[i] = i
    batch.facts.inventories.rows.change.set(values)
    expect(encoded(world, table, format, [batch], ROOM)).toBe(
      headOf('extended', table, format) + naive(world, table, format, [batch]),
    )
  })

  test('are nothing but the first line when there are none', () => {
    const head = format === 'csv' ? `${columnsOf(tables[table], 'strict').map(([name]) => name)}\n` : ''
    expect(encoded(shopWorld(), table, format, [], ROOM)).toBe(head)
    expect(encoded(shopWorld(), table, format, [new ColumnBatch(false)], ROOM)).toBe(head)
  })

  test('end every line, the last one too', () => {
    expect(encoded(shopWorld(), table, format, [rowsOfDays(shopWorld(), 1)], ROOM)).toMatch(/[^\n]\n$/)
  })
})

describe.each(schemas)('DuckDB reads in a %s world', (schema) => {
  let reader: ParquetReader
  beforeAll(async () => {
    reader = await openParquetReader()
  })
  afterAll(() => reader[Symbol.asyncDispose]())

  test.each(cases)('%s of %s as it reads them of Parquet', async (table, format) => {
    const world = shopWorld({ stores: 12, lines: 60, schema })
    const batch = rowsOfDays(world, 5)
    const columns = columnsOf(tables[table], schema)
    const types = columns.map(([name, { type }]) => `'${name}': '${DUCKDB[type]}'`).join(', ')
    const values = columns.map(([name]) => `CAST("${name}" AS VARCHAR)`).join(', ')
    const question = (from: string) => `SELECT ${values} FROM ${from}`
    const read =
      format === 'csv'
        ? `read_csv(FILE, header = true, auto_detect = false, columns = {${types}})`
        : `read_json(FILE, format = 'newline_delimited', columns = {${types}})`
    const text = Buffer.from(encoded(world, table, format, [batch], ROOM))
    const rows = await reader.ask(text, question(read))
    expect(rows.length).toBeGreaterThan(1000)
    expect(rows).toEqual(await reader.ask(fileOf(world, table, [batch]), question('read_parquet(FILE)')))
  })

  test.each(cases)('%s of %s without being told a type', async (table, format) => {
    const world = shopWorld({ stores: 12, lines: 60, schema })
    const text = Buffer.from(encoded(world, table, format, [rowsOfDays(world, 5)], ROOM))
    const read = format === 'csv' ? 'read_csv(FILE)' : "read_json(FILE, format = 'newline_delimited')"
    const described = await reader.ask<{ column_name: string; column_type: string }>(text, `DESCRIBE FROM ${read}`)
    expect(
      Object.fromEntries(described.map((row) => [row.column_name, row.column_type.replace('HUGEINT', 'BIGINT')])),
    ).toEqual(Object.fromEntries(columnsOf(tables[table], schema).map(([name, { type }]) => [name, GUESSED[type]])))
  })
})

const DUCKDB = { string: 'VARCHAR', int: 'INTEGER', money: 'DECIMAL(10,2)', timestamp: 'TIMESTAMP' }
/** What DuckDB takes such text for by itself; a negative number in JSON is a huge one to it, too. */
const GUESSED = { string: 'VARCHAR', int: 'BIGINT', money: 'DOUBLE', timestamp: 'TIMESTAMP' }
