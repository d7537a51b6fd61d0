import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileOf, openParquetReader, type ParquetReader } from '../../test/parquet.ts'
import { anySpans, batchOf, fillSpan, rowsOfDays, sha256, shopWorld } from '../../test/worlds.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { byFact, columnsOf, facts, tables, type WorldSchema } from '../tables/index.ts'
import { plainRows } from '../truth/rows.ts'
import type { World } from '../world/world.ts'
import { PAGE_ROWS } from './parquet.ts'

let reader: ParquetReader
beforeAll(async () => {
  reader = await openParquetReader()
})
afterAll(() => reader[Symbol.asyncDispose]())

const schemas = ['strict', 'extended'] as const
const worlds = Object.fromEntries(
  schemas.map((schema) => [schema, shopWorld({ stores: 70, products: 150, schema })]),
) as Record<WorldSchema, World>

/** Every row as it was written, beside every row as DuckDB reads it, both as text. */
async function bothSides(world: World, table: 'transactions' | 'inventories', batches: ColumnBatch[]) {
  const columns = columnsOf(tables[table], world.schema).map(([name]) => `CAST("${name}" AS VARCHAR)`)
  const sql = `SELECT concat_ws(' ', ${columns.join(', ')}) AS line FROM read_parquet(FILE)`
  const read = await reader.ask<{ line: string }>(fileOf(world, table, batches), sql)
  const written = batches.flatMap((batch) =>
    Array.from(plainRows(world, table, batch), ({ row }) => Object.values(row).join(' ')),
  )
  return { read: read.map(({ line }) => line), written }
}

describe.each(schemas)('a %s file', (schema) => {
  const world = worlds[schema]

  test.each(facts)('of $name says what the rows say, whatever they are', async ({ name }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anySpans(world), { maxLength: 3 }), async (groups) => {
        const batches = groups.map((spans) => batchOf(world, spans))
        const { read, written } = await bothSides(world, name, batches)
        expect(read).toEqual(written)
      }),
      { numRuns: 40 },
    )
  })

  test.each(facts)('of $name without rows can be read', async ({ name }) => {
    expect(await bothSides(world, name, [])).toEqual({ read: [], written: [] })
    expect(await bothSides(world, name, [new ColumnBatch(schema === 'extended')])).toEqual({ read: [], written: [] })
    const described = await reader.ask<{ column_name: string }>(
      fileOf(world, name, []),
      'DESCRIBE SELECT * FROM read_parquet(FILE)',
    )
    expect(described.map(({ column_name }) => column_name)).toEqual(
      columnsOf(tables[name], schema).map(([column]) => column),
    )
  })
})

describe('a file', () => {
  const world = worlds.extended

  test('of more rows than a page holds, in spans that end on, before and behind its end', async () => {
    const span = { store: 3, first: byFact(() => 1), salt: 5 }
    const batches = [
      [PAGE_ROWS - 1, 1, 3],
      [PAGE_ROWS - 1, 4],
    ].map((lengths) =>
      batchOf(
        worlds.strict,
        lengths.map((transactions, i) => ({ ...span, day: 19_800 + i, rows: { transactions, inventories: 0 } })),
      ),
    )
    const columns = columnsOf(tables.transactions, 'strict').map(([name]) => `CAST("${name}" AS VARCHAR)`)
    const line = `concat_ws(' ', ${columns.join(', ')})`
    const sql = `SELECT md5(string_agg(${line}, chr(10) ORDER BY file_row_number)) AS hash FROM read_parquet(FILE, file_row_number = true)`
    const [{ hash }] = await reader.ask(fileOf(worlds.strict, 'transactions', batches), sql)
    const written = batches.flatMap((batch) =>
      Array.from(plainRows(worlds.strict, 'transactions', batch), ({ row }) => Object.values(row).join(' ')),
    )
    expect(hash).toBe(createHash('md5').update(written.join('\n')).digest('hex'))
  })

  test('of thousands of spans of a row or none', async () => {
    const batch = new ColumnBatch(true)
    for (let i = 0; i < 5000; i++)
      fillSpan(world, batch, {
        store: i % 70,
        day: 19_800 + (i % 3),
        rows: { transactions: i % 2, inventories: i % 3 },
        first: { transactions: 99_990 + i, inventories: 1 + i * 7 },
        salt: i,
      })
    for (const { name } of facts) {
      const { read, written } = await bothSides(world, name, [batch])
      expect(read).toEqual(written)
    }
  })

  test('has the same bytes when it is written again, whatever was written in between', () => {
    const [small, large] = [rowsOfDays(shopWorld(), 3), rowsOfDays(worlds.strict, 2)]
    for (const { name } of facts) {
      const before = sha256(fileOf(shopWorld(), name, [small]))
      fileOf(worlds.strict, name, [large])
      fileOf(shopWorld(), name === 'inventories' ? 'transactions' : 'inventories', [small])
      expect(sha256(fileOf(shopWorld(), name, [small]))).toBe(before)
    }
  })

  test('for BigQuery keeps time in UTC, for DuckDB as a plain timestamp', async () => {
    const batch = rowsOfDays(shopWorld(), 1)
    const type = async (utc: boolean) =>
      (
        await reader.ask(
          fileOf(shopWorld(), 'transactions', [batch], utc),
          `SELECT DISTINCT typeof("timestamp") AS type FROM read_parquet(FILE)`,
        )
      )[0].type
    expect(await type(false)).toBe('TIMESTAMP')
    expect(await type(true)).toBe('TIMESTAMP WITH TIME ZONE')
  })
})
