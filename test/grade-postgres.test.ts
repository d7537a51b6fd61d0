import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRelation } from '../src/adapters/open.ts'
import { gradeAggregate } from '../src/pipeline/grade-aggregate.ts'
import { Rng } from '../src/random/rng.ts'
import { facts, type WorldSchema } from '../src/tables/index.ts'
import { freshFolder, retail } from './front-door.ts'
import { type CorruptRow, corrupt } from './grade/corrupt.ts'
import { writeForeign } from './grade/foreign.ts'
import { failuresOf, gradedShop, lineOf } from './grade/graded.ts'
import { type PostgresServer, startPostgres } from './peers/postgres.ts'

const SEED = Number(process.env.RETAIL_TEST_SEED ?? 20240131)
const shops = { strict: gradedShop('strict'), extended: gradedShop('extended') }

let server: PostgresServer
let database: string
beforeAll(async () => {
  server = await startPostgres()
  database = await server.newDatabase()
  await server.query(database, 'CREATE SCHEMA shop')
})
afterAll(() => server.stop())

/** DuckDB's types in PostgreSQL. */
const TYPES: Record<string, string> = {
  ...{ TINYINT: 'smallint', SMALLINT: 'smallint', INTEGER: 'integer', BIGINT: 'bigint', HUGEINT: 'numeric' },
  ...{ DOUBLE: 'double precision', FLOAT: 'real', TIMESTAMP: 'timestamp', TIMESTAMP_NS: 'timestamp' },
  'TIMESTAMP WITH TIME ZONE': 'timestamptz',
}
const typeOf = (type: string) =>
  TYPES[type] ?? (type.startsWith('DECIMAL') ? type.replace('DECIMAL', 'numeric') : 'text')

let tables = 0
/** A table with the rows of the table at a place, in types of PostgreSQL. */
async function copied(place: string): Promise<string> {
  await using theirs = await openRelation(place, '/')
  const name = `sales${++tables}`
  const columns = theirs.columns.map((column) => ({ ...column, pg: typeOf(column.type) }))
  const client = new pg.Client({ connectionString: database })
  await client.connect()
  try {
    await client.query("SET TIME ZONE 'UTC'")
    const quoted = columns.map((column) => `"${column.name}"`)
    await client.query(
      `CREATE TABLE shop.${name} (${columns.map((column, i) => `${quoted[i]} ${column.pg}`).join(', ')})`,
    )
    const texts = columns.map((column) => `CAST("${column.name}" AS VARCHAR)`)
    for await (const chunk of theirs.query(`SELECT ${texts.join(', ')} FROM ${theirs.from}`))
      await client.query(
        `INSERT INTO shop.${name} SELECT ${columns.map((column, i) => `c${i}::${column.pg}`).join(', ')} FROM unnest(${columns.map((_, i) => `$${i + 1}::text[]`).join(', ')}) AS t(${columns.map((_, i) => `c${i}`).join(', ')})`,
        chunk as unknown[][],
      )
  } finally {
    await client.end()
  }
  return `${database}.shop.${name}`
}

const trials = (n: number) =>
  Array.from(
    { length: n },
    (_, i) => [SEED + i, (['strict', 'extended'] as const)[i % 2], facts[(i >> 1) % 2].name] as const,
  )

async function placeOf(
  rows: readonly CorruptRow[],
  table: (typeof facts)[number]['name'],
  schema: WorldSchema,
  rng: Rng,
) {
  const { place, about } = await writeForeign(rows, table, schema, freshFolder(), rng)
  return { place: await copied(place), about }
}

describe('a table of PostgreSQL', () => {
  test.each(trials(10))('seed %i, %s: finds every damaged row of %s, and no other', async (seed, schema, table) => {
    const rng = new Rng(seed, 1, 0, 0)
    const { rows, expected } = corrupt(shops[schema].rows(table), table, schema, 20, rng)
    const { place, about } = await placeOf(rows, table, schema, rng)
    const result = await shops[schema].gradeAt({ [table]: place })
    expect(result.tables[0].differences.map(lineOf).sort(), about).toEqual(expected.toSorted())
  })

  test.each(trials(6))('seed %i, %s: a clean table of %s passes', async (seed, schema, table) => {
    const rng = new Rng(seed, 2, 0, 0)
    const { place, about } = await placeOf(shops[schema].rows(table), table, schema, rng)
    expect(failuresOf(await shops[schema].gradeAt({ [table]: place })), about).toEqual([])
  })

  test('can hold sums, too', async () => {
    const { config, until } = shops.strict
    const rows = `json_to_recordset('${JSON.stringify(shops.strict.rows('transactions'))}') AS r(store_id text, "timestamp" timestamp, quantity integer, unit_price numeric)`
    await server.query(
      database,
      `CREATE TABLE shop.daily AS SELECT date_trunc('day', "timestamp") AS day, store_id, count(*) AS n, count(DISTINCT "timestamp") AS visits, sum(quantity) AS units, sum(quantity * unit_price)::real AS revenue, sum(quantity * unit_price) AS exact FROM ${rows} GROUP BY 1, 2`,
    )
    const graded = async (measured: 'exact' | 'revenue') => {
      await using relation = await openRelation(`${database}.shop.daily`, '/')
      const left = measured === 'exact' ? 'revenue' : 'exact'
      const columns = [
        { name: left, is: '-' },
        { name: measured, is: 'revenue' },
      ]
      return await gradeAggregate(config, { relation, until, columns, workers: 0 })
    }
    const exactly = await graded('exact')
    expect(failuresOf(exactly)).toEqual([])
    expect(exactly.tables[0].columns.map(({ column }) => column).sort()).toEqual(
      ['day', 'store_id', 'lines', 'units', 'revenue', 'visits'].sort(),
    )
    // A real has seven digits.
    expect((await graded('revenue')).tables[0].counts).toMatchObject({ missing: 0, unexpected: 0 })
    await server.query(
      database,
      "UPDATE shop.daily SET visits = visits + 1 WHERE store_id = 'S0002' AND day = '2024-01-02'",
    )
    await server.query(database, "DELETE FROM shop.daily WHERE store_id = 'S0001' AND day = '2024-01-03'")
    const { differences } = (await graded('exact')).tables[0]
    expect(differences.map(({ kind, id, cells }) => [kind, id, cells?.map(({ column }) => column)])).toEqual([
      ['changed', '2024-01-02 · S0002', ['visits']],
      ['missing', '2024-01-03 · S0001', undefined],
    ])
  })

  test('takes corrections and deletions, and the newest version of each id is right', async () => {
    const own = await server.newDatabase()
    const world = '--stores 3 --products 20 --lines-per-store-day 40 --seed 7'
    const stream = `stream --to ${own} --speed max --from 2024-01-01 --faults changelog ${world}`
    for (const until of ['2024-01-02T12:00:00Z', '2024-01-04'])
      expect(await retail(`${stream} --until ${until}`)).toMatchObject({ code: 0 })
    const newest =
      'SELECT DISTINCT ON (transaction_id) * FROM retail.transactions ORDER BY transaction_id, version DESC'
    await server.query(own, `CREATE VIEW retail.sales AS SELECT * FROM (${newest}) AS newest WHERE op <> 'delete'`)
    const grade = (table: string) =>
      retail(`grade --transactions ${own}.retail.${table} ${world} --until 2024-01-04 --faults changelog --workers 1`)
    const right = await grade('sales')
    expect([right.code, right.stdout]).toEqual([0, expect.stringMatching(/✔ changes applied: \d+ corrections/)])
    const raw = await grade('transactions')
    expect([raw.code, raw.stdout]).toEqual([
      6,
      expect.stringMatching(/✘ changes applied: \d+ corrections? kept beside/),
    ])
  })

  test('can hold anything, and no cell fails the query', async () => {
    const cells = [
      'NaN',
      '1e300',
      `1${'0'.repeat(400)}`,
      '-Infinity',
      '',
      ' ',
      '.',
      '0000-01-01',
      '2024-02-31',
      '2024-01-01 25:00:00',
    ]
    const wrong = shops.strict.rows('transactions').map((row, i): CorruptRow => {
      const cell = cells[i % cells.length]
      return { ...row, quantity: cell, unit_price: cell, timestamp: cell, product_id: cell, store_id: cell }
    })
    const { place } = await placeOf(wrong, 'transactions', 'strict', {
      below: () => 0,
      unit: () => 0,
    } as unknown as Rng)
    await server.query(database, `ALTER TABLE shop.${place.split('.').at(-1)} ADD COLUMN big numeric DEFAULT 1e400`)
    const result = await shops.strict.gradeAt({ transactions: place })
    expect(result.tables[0].counts).toEqual({ missing: 0, doubled: 0, changed: wrong.length, unexpected: 0, dirty: 0 })
  })

  test.each([
    ['bad_flag', (): string => database],
    ['bad_flag', (): string => 'postgres://me:secret@localhost/shop.public.sales'],
    ['missing', (): string => `${database}.shop.nothing`],
    ['missing', (): string => `${database}x.shop.sales`],
    ['missing', (): string => 'postgres://127.0.0.1:1/shop.public.sales'],
  ] as const)('that cannot be read: %s', async (code, address) => {
    await expect(openRelation(address(), '/')).rejects.toMatchObject({ code })
  })
})
