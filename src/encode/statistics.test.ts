import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fileOf, openParquetReader, type ParquetReader } from '../../test/parquet.ts'
import { anySpans, batchOf, fillSpan, shopWorld } from '../../test/worlds.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import {
  byFact,
  type ColumnType,
  columnsOf,
  dimensions,
  facts,
  type Table,
  tables,
  type WorldSchema,
} from '../tables/index.ts'
import { plainSecond } from '../truth/rows.ts'
import { rowsOf } from '../world/dimensions.ts'
import { writeRows } from './rows.ts'

let reader: ParquetReader
beforeAll(async () => {
  reader = await openParquetReader()
})
afterAll(() => reader[Symbol.asyncDispose]())

const worlds = { strict: shopWorld({ stores: 40 }), extended: shopWorld({ stores: 40, schema: 'extended' }) }

/** What the footer claims of each column, beside what DuckDB finds in the rows. */
async function claims(bytes: Buffer, table: Table, schema: WorldSchema) {
  const columns = columnsOf(table, schema).map(([name]) => name)
  const claimed = await reader.ask(
    bytes,
    `SELECT path_in_schema AS name, any_value(stats_min_value) AS low, any_value(stats_max_value) AS high,
       any_value(stats_null_count) AS nulls, sum(num_values) AS n FROM parquet_metadata(FILE) GROUP BY ALL`,
  )
  const found = columns.map(
    (
      name,
    ) => `SELECT '${name}' AS name, CAST(min("${name}") AS VARCHAR) AS low, CAST(max("${name}") AS VARCHAR) AS high,
      0::BIGINT AS nulls, count(*) AS n FROM read_parquet(FILE)`,
  )
  const sorted = (rows: object[]) =>
    rows.map((row) => JSON.stringify(row, (_, value) => (typeof value === 'bigint' ? Number(value) : value))).sort()
  return { claimed: sorted(claimed), found: sorted(await reader.ask(bytes, found.join(' UNION ALL '))) }
}

describe.each(['strict', 'extended'] as const)('the footer of a %s file', (schema) => {
  const world = worlds[schema]

  test.each(facts)('of $name tells the truth about every column', async ({ name }) => {
    const some = anySpans(world).filter((spans) => spans.some((span) => span.rows[name] > 0))
    await fc.assert(
      fc.asyncProperty(some, async (spans) => {
        const batch = batchOf(world, spans)
        const { claimed, found } = await claims(fileOf(world, name, [batch]), tables[name], schema)
        expect(claimed).toEqual(found)
      }),
      { numRuns: 15 },
    )
  })

  test('does not speak of stores that have movements only', async () => {
    const batch = new ColumnBatch(schema === 'extended')
    const span = { day: 19_800, first: byFact(() => 1), salt: 3 }
    for (const store of [2, 7, 30]) {
      const rows = { transactions: store === 7 ? 5 : 0, inventories: 5 }
      fillSpan(world, batch, { ...span, store, rows })
    }
    const { claimed, found } = await claims(fileOf(world, 'transactions', [batch]), tables.transactions, schema)
    expect(claimed).toEqual(found)
  })
})

test('a dimension is read as it was written, and its footer tells the truth', async () => {
  const world = worlds.extended
  for (const table of dimensions) {
    const rows = rowsOf(world, table.name)
    const chunks: Buffer[] = []
    const sink = {
      write: (written: readonly Uint8Array[]) => void chunks.push(...written.map((chunk) => Buffer.from(chunk))),
    }
    writeRows(sink, table, 'extended', rows, false, {
      world: world.id,
      generator: '1',
      content: table.name,
    })
    const bytes = Buffer.concat(chunks)
    const { claimed, found } = await claims(bytes, table, 'extended')
    expect(claimed).toEqual(found)
    const money = (cents: number): string => `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}`
    const text: Record<ColumnType, (value: string | number) => string> = {
      string: String,
      int: String,
      money: (cents) => money(Number(cents)),
      timestamp: (second) => plainSecond(Number(second)),
    }
    const columns = columnsOf(table, 'extended')
    expect(await reader.ask(bytes, 'SELECT COLUMNS(*)::VARCHAR FROM read_parquet(FILE)')).toEqual(
      rows.map((row) =>
        Object.fromEntries(columns.map(([name, { type }]) => [name, text[type](row[name as keyof typeof row])])),
      ),
    )
  }
})
