import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Config } from './config/schema.ts'
import { type FactName, tables as mutable, facts as mutableFacts, type Table } from './tables/index.ts'
import { defineFact } from './tables/table.ts'

/**
 * A column of a fact, a dimension that it refers to, and another fact, added as their records alone. The modules that follow them are
 * loaded after that, so each of them meets the new column as it meets the old ones.
 */
const register = {
  kind: 'whole',
  type: 'int',
  ...{ least: 0, most: 99, usual: [0, 9] },
  cells: [{ name: 'register', array: 'u8' }],
  about: 'the register it was rung up at',
}
const promotionId = {
  kind: 'member',
  type: 'string',
  references: 'promotion',
  cells: [{ name: 'promotion', array: 'u16' }],
  about: 'the promotion it was sold in',
}
const promotion = {
  name: 'promotion',
  about: 'What was advertised, one row per promotion',
  letter: 'M',
  digits: 3,
  columns: {
    promotion_id: { type: 'string', key: true, about: 'M and the promotion number: M017' },
    slogan: { type: 'string', about: 'what it says' },
    cut: { type: 'money', about: 'off the price of a unit, USD' },
  },
}
const PROMOTIONS = 12
const promotions = Array.from({ length: PROMOTIONS }, (_, i) => ({
  promotion_id: `M${String(i + 1).padStart(3, '0')}`,
  slogan: `"${i + 1} for the price of 2", today`,
  cut: 25 * i,
}))

const footfall = defineFact({
  name: 'footfall',
  about: 'People who came in, one row per store and hour with a sale or a movement',
  columns: {
    footfall_id: { kind: 'rowId', letter: 'F', key: true, cells: [], about: 'F, UTC day, store number, number' },
    timestamp: { kind: 'instant', partition: 'day', cells: [{ name: 'second', array: 'i32' }], about: 'when counted' },
    store_id: { kind: 'spanMember', references: 'store', cells: [], about: 'the store' },
    people: {
      kind: 'whole',
      ...{ least: 0, most: 65_535, usual: [0, 99] as const },
      cells: [{ name: 'people', array: 'u16' }],
      about: 'people who came in',
    },
  },
})
const FOOTFALL = footfall.name as FactName

// Unit test files share modules. The others must not see these tables, so modules are reloaded before the imports above run and
// after the last test.
vi.hoisted(() => vi.resetModules())
afterAll(() => void vi.resetModules())
beforeAll(async () => {
  Object.assign(mutable.transactions.columns, { register, promotion_id: promotionId })
  Object.assign(mutable, { promotion, footfall })
  ;(mutableFacts as unknown as unknown[]).push(footfall)
  const { dimensions } = await import('./tables/dimensions.ts')
  ;(dimensions as unknown as Table[]).push(promotion as unknown as Table)
  const { COUNTS } = await import('./world/counts.ts')
  Object.assign(COUNTS, { promotion: () => PROMOTIONS })
  const { ROWS } = await import('./world/dimensions.ts')
  Object.assign(ROWS, { promotion: () => promotions })
  // The line of the simulator that fills the new cells.
  const { rowCode } = await import('./simulator/row-code.ts')
  const { put } = rowCode.strict.transactions
  const filled = <Values extends { second: number; product: number }>(values: Values) => ({
    ...values,
    register: values.second % 7,
    promotion: values.product % PROMOTIONS,
  })
  rowCode.strict.transactions.put = (rows, n, values) => put(rows, n, filled(values))
  // The lines of the simulator that make the new rows: one where a store's hour has rows.
  const { ColumnBatch } = await import('./simulator/column-batch.ts')
  const { close } = ColumnBatch.prototype
  ColumnBatch.prototype.close = function (store, day, next, at) {
    const movements = this.facts.inventories
    const { spans } = this
    const open = movements.rows.n > movements.length.subarray(0, spans.n).reduce((sum, rows) => sum + rows, 0)
    if (open) {
      const footfalls = this.facts[FOOTFALL]
      footfalls.reserve(1)
      const { rows } = footfalls
      const second = movements.rows.second[movements.rows.n - 1]
      ;(this.put[FOOTFALL] as (...args: unknown[]) => void)(rows, rows.n++, { second, people: second % 50 })
    }
    close.call(this, store, day, next, at)
  }
})

const DAYS = 3
/** A world with both, its rows of some days, and its lake as folders of one format. */
async function madeLake(format: 'parquet' | 'csv' | 'ndjson') {
  const { freshFolder } = await import('../test/front-door.ts')
  const { rowsOfDays, shopConfig, shopWorld } = await import('../test/worlds.ts')
  const { FactWriter } = await import('./encode/facts.ts')
  const { TextWriter } = await import('./encode/text-writer.ts')
  const { putDimension } = await import('./pipeline/dimensions.ts')
  const { dimensions, facts } = await import('./tables/index.ts')
  const { configSchema } = await import('./config/schema.ts')
  const shop = { stores: 3, products: 40, lines: 20 }
  const world = shopWorld(shop)
  const shopsConfig = shopConfig(shop)
  const config = configSchema.parse({
    ...shopsConfig,
    history: { ...shopsConfig.history, to: '2024-12-31' },
  }) as unknown as Config
  const folder = freshFolder()
  const sinkOf = (name: string) => {
    const file = fs.openSync(path.join(folder, name), 'w')
    return { write: (chunks: readonly Uint8Array[]) => chunks.forEach((chunk) => void fs.writeSync(file, chunk)) }
  }
  const batch = rowsOfDays(world, DAYS)
  for (const { name } of facts) {
    const sink = sinkOf(`${name}.${format}`)
    const identity = { world: world.id, generator: '1', content: 'a test' }
    const writer =
      format === 'parquet'
        ? new FactWriter(sink, world, name, false, identity)
        : new TextWriter(sink, world, name, format)
    writer.add(batch)
    writer.close()
  }
  const put = async (name: string, write: (sink: ReturnType<typeof sinkOf>) => void) => {
    write(sinkOf(name))
    return 0
  }
  for (const { name } of dimensions)
    await putDimension({ format, put, traits: { timestamps: 'plain' } } as never, world, name)
  return { world, batch, folder, config }
}

describe('a column, a dimension, and a fact that are added as records alone', () => {
  test.each([
    ['parquet', 'read_parquet'],
    ['csv', 'read_csv'],
    ['ndjson', 'read_json'],
  ] as const)('are in %s', async (format, read) => {
    const { world, batch, folder } = await madeLake(format)
    const { openDatabase } = await import('./adapters/local/duckdb.ts')
    const { textsOf } = await import('./encode/cells.ts')
    const { eventsOf } = await import('./encode/events.ts')
    await using database = await openDatabase(':memory:', { threads: 1 })
    const from = (name: string) => `${read}('${path.join(folder, `${name}.${format}`)}')`
    const sold = await database.query<{ register: number; promotion_id: string }>(
      `SELECT CAST(register AS INTEGER) AS register, promotion_id FROM ${from('transactions')}`,
    )
    const made = Array.from(textsOf(world, 'transactions', batch), ({ texts }) => texts.slice(-2))
    expect(sold.map(({ register, promotion_id }) => [String(register), promotion_id])).toEqual(made)
    expect(new Set(sold.map(({ register }) => register)).size).toBe(7)
    expect(new Set(sold.map(({ promotion_id }) => promotion_id)).size).toBe(PROMOTIONS)
    expect(
      await database.query(`SELECT promotion_id, slogan, CAST(cut * 100 AS INTEGER) AS cut FROM ${from('promotion')}`),
    ).toEqual(promotions)
    const [event] = eventsOf(world, 'transactions', batch)
    expect(JSON.parse(event.data)).toMatchObject({ register: Number(made[0][0]), promotion_id: made[0][1] })
    const counted = await database.query<{ id: string; people: number }>(
      `SELECT footfall_id AS id, CAST(people AS INTEGER) AS people FROM ${from('footfall')}`,
    )
    const counts = Array.from(textsOf(world, FOOTFALL, batch), ({ texts }) => [texts[0], texts[3]])
    expect(counted.map(({ id, people }) => [id, String(people)])).toEqual(counts)
    expect(counted.length).toBeGreaterThan(DAYS * 3)
    const [count] = eventsOf(world, FOOTFALL, batch)
    expect(JSON.parse(count.data)).toMatchObject({ footfall_id: counted[0].id, people: counted[0].people })
  })

  test('are in what is told before a run', async () => {
    const { textRowBytes, parquetBytes } = await import('./pipeline/widths.ts')
    const { idWidthsOf } = await import('./world/counts.ts')
    const world = { stores: 3, products: 40, lines_per_store_day: 20, schema: 'strict' } as const
    const breadth = {
      ids: idWidthsOf(world),
      reach: { product: 40, store: 3, customer: 9, price_history: 400, promotion: PROMOTIONS },
    }
    const part = { rows: 1000, files: 1, storeDays: 50 }
    const told = () => [
      textRowBytes('transactions', 'strict', 'csv', breadth),
      parquetBytes('transactions', 'strict', 'snappy', breadth, part),
    ]
    const [text, bytes] = told()
    const { register: one, promotion_id: other, ...before } = mutable.transactions.columns as Record<string, unknown>
    Object.assign(mutable.transactions, { columns: before })
    const [textBefore, bytesBefore] = told()
    Object.assign(mutable.transactions, { columns: { ...before, register: one, promotion_id: other } })
    expect(text - textBefore).toBeCloseTo(',7,M017'.length, 0)
    expect(bytes).toBeGreaterThan(bytesBefore)
  })

  test('are in the statements that make tables, the schemas of BigQuery and the sources of dbt', async () => {
    const { bigquerySchema, dbtSources, duckdbDdl } = await import('./tables/emit.ts')
    const { tables } = await import('./tables/index.ts')
    expect(duckdbDdl(tables.transactions, 'strict')).toContain(
      '  "register" INTEGER NOT NULL,\n  "promotion_id" VARCHAR NOT NULL\n',
    )
    expect(duckdbDdl(promotion as unknown as Table, 'strict')).toContain('"cut" DECIMAL(10,2) NOT NULL')
    expect(bigquerySchema(tables.transactions, 'strict')).toContain('"the register it was rung up at"')
    expect(dbtSources()).toContain('name: promotion\n')
    expect(dbtSources()).toContain('name: register\n')
    expect(dbtSources()).toContain('name: footfall\n')
    expect(duckdbDdl(footfall as unknown as Table, 'strict')).toContain('"people" INTEGER NOT NULL')
  })

  describe('verify', () => {
    test.each([
      ['finds nothing where nothing changed', '', []],
      [
        'finds a changed cell of the column',
        'UPDATE raw.transactions SET register = 99 WHERE transaction_id = (SELECT min(transaction_id) FROM raw.transactions)',
        [{ check: 'transactions', kind: 'changed', column: 'register', found: '99' }],
      ],
      [
        'finds a member that does not exist',
        `UPDATE raw.transactions SET promotion_id = 'M999' WHERE transaction_id = (SELECT min(transaction_id) FROM raw.transactions)`,
        [
          { check: 'transactions', kind: 'changed', column: 'promotion_id', found: 'M999' },
          { check: 'keys', kind: 'unexpected', column: 'promotion_id', id: 'M999' },
        ],
      ],
      [
        'finds a changed cell of the fact',
        `UPDATE raw.footfall SET people = 99 WHERE footfall_id = (SELECT min(footfall_id) FROM raw.footfall)`,
        [{ check: 'footfall', kind: 'changed', column: 'people', found: '99' }],
      ],
      [
        'finds a changed cell of the dimension',
        `UPDATE raw.promotion SET slogan = 'nothing' WHERE promotion_id = 'M003'`,
        [{ check: 'dimensions', kind: 'changed', table: 'promotion', id: 'M003', column: 'slogan', found: 'nothing' }],
      ],
    ])('%s', async (_, change, differences) => {
      const { world, folder, config } = await madeLake('parquet')
      const { openDatabase } = await import('./adapters/local/duckdb.ts')
      const { checkFact } = await import('./pipeline/verify/raw.ts')
      const { checkDimensions, dimensionRows } = await import('./pipeline/verify/dimensions.ts')
      const { checkKeys } = await import('./pipeline/verify/keys.ts')
      const { accountBlock } = await import('./truth/account.ts')
      const { totalTruth } = await import('./truth/total.ts')
      const { tables, facts } = await import('./tables/index.ts')
      await using database = await openDatabase(':memory:', { threads: 1 })
      await database.run('CREATE SCHEMA raw')
      for (const name of Object.keys(tables))
        await database.run(`CREATE TABLE raw.${name} AS FROM '${path.join(folder, `${name}.parquet`)}'`)
      if (change) await database.run(change)
      const cut = { raw: (world.from + DAYS) * 86_400, marts: undefined }
      const truth = totalTruth(world.blocks.map((block) => accountBlock(world, block, cut)!))
      const raw = Object.fromEntries(facts.map(({ name }) => [name, database.dialect.relation('raw', name)]))
      const about = { world, config, truth, cut, quick: false, workers: 0, dimensions: dimensionRows(world) }
      const context = { reader: database, raw, ...about } as never
      const found = [
        checkDimensions,
        ...facts.map(
          ({ name }) =>
            (c: never) =>
              checkFact(c, name),
        ),
        checkKeys,
      ]
      const all = []
      for (const check of found) all.push(...(await check(context)).differences)
      expect(all).toMatchObject(differences)
    })
  })
})
