import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openRelation } from '../../src/adapters/open.ts'
import { Rng } from '../../src/random/rng.ts'
import { type FactName, keyOf, tables, type WorldSchema } from '../../src/tables/index.ts'
import { freshFolder } from '../front-door.ts'
import { type CorruptRow, corrupt } from '../grade/corrupt.ts'
import { writeForeign } from '../grade/foreign.ts'
import { failuresOf, gradedShop, lineOf } from '../grade/graded.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Cloud, makeCloud } from './cloud.ts'

const SEED = Number(process.env.RETAIL_TEST_SEED ?? 20240131)
const shops = { strict: gradedShop('strict'), extended: gradedShop('extended') }

let peers: Peers
let cloud: Cloud
beforeAll(async () => {
  peers = await startPeers()
  cloud = await makeCloud(peers, {}, true)
  Object.assign(process.env, peers.env)
})
afterAll(() => peers?.stop())

/** Types of DuckDB in BigQuery. */
const TYPES: Record<string, string> = {
  ...{ TINYINT: 'INT64', SMALLINT: 'INT64', INTEGER: 'INT64', BIGINT: 'INT64', HUGEINT: 'BIGNUMERIC' },
  ...{ DOUBLE: 'FLOAT64', FLOAT: 'FLOAT64', TIMESTAMP: 'DATETIME', TIMESTAMP_NS: 'DATETIME' },
  'TIMESTAMP WITH TIME ZONE': 'TIMESTAMP',
}
const typeOf = (type: string) => TYPES[type] ?? (type.startsWith('DECIMAL') ? 'BIGNUMERIC' : 'STRING')

let copies = 0
/** A table with the rows of the table at a place, in types of BigQuery. */
async function copied(place: string): Promise<string> {
  await using theirs = await openRelation(place, '/')
  const name = `theirs${++copies}`
  const raw = cloud.bigquery.dataset(cloud.names.datasets.raw)
  const columns = theirs.columns.map((column) => ({ ...column, to: typeOf(column.type) }))
  await raw.createTable(name, { schema: columns.map((column) => ({ name: safe(column.name), type: column.to })) })
  const cells = columns.map(({ name, to }) => {
    const text = `CAST("${name}" AS VARCHAR)`
    // What both write alike: the emulator takes no offset of a zone in a row.
    return to === 'TIMESTAMP' ? `strftime("${name}" AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%fZ')` : text
  })
  for await (const chunk of theirs.query(`SELECT ${cells.join(', ')} FROM ${theirs.from}`)) {
    const rows = (chunk[0] as unknown[]).map((_, row) =>
      Object.fromEntries(columns.map((column, i) => [safe(column.name), chunk[i][row]])),
    )
    await raw.table(name).insert(rows)
  }
  return `bigquery:${peers.project}.${cloud.names.datasets.raw}.${name}`
}
const safe = (name: string) => name.replaceAll(/[^A-Za-z0-9_]/g, '_')

async function placeOf(rows: readonly CorruptRow[], table: FactName, schema: WorldSchema, rng: Rng) {
  const { place, about } = await writeForeign(rows, table, schema, freshFolder(), rng)
  return { place: await copied(place), about }
}

describe('a table of BigQuery', () => {
  test.each([
    [SEED, 'strict', 'transactions'],
    [SEED + 1, 'extended', 'inventories'],
  ] as const)('seed %i, %s: finds every damaged row of %s, and no other', async (seed, schema, table) => {
    const rng = new Rng(seed, 1, 0, 0)
    const { rows, expected } = corrupt(shops[schema].rows(table), table, schema, 20, rng)
    // An id can be any text, also one that a query has to escape.
    const odd = `it's "odd" \\ \n {`
    const { place, about } = await placeOf([...rows, { ...rows[0], [keyOf(tables[table])]: odd }], table, schema, rng)
    const result = await shops[schema].gradeAt({ [table]: place })
    expect(result.tables[0].differences.map(lineOf).sort(), about).toEqual([...expected, `unexpected ${odd}`].sort())
  })

  test('that is clean passes', async () => {
    const rng = new Rng(SEED, 2, 0, 0)
    const { place, about } = await placeOf(shops.extended.rows('transactions'), 'transactions', 'extended', rng)
    expect(failuresOf(await shops.extended.gradeAt({ transactions: place })), about).toEqual([])
  })

  test('returns all rows of a query, page by page', async () => {
    const { place } = await placeOf(shops.strict.rows('transactions'), 'transactions', 'strict', new Rng(SEED, 3, 0, 0))
    await using relation = await openRelation(place, '/')
    const found = new Set<unknown>()
    for await (const [numbers] of relation.query('SELECT n FROM UNNEST(GENERATE_ARRAY(1, 45000)) AS n'))
      for (const number of numbers) found.add(number)
    expect(found.size).toBe(45_000)
  })

  test.each([
    ['bad_flag', 'bigquery:shop.sales'],
    ['missing', 'bigquery:test-project.nowhere.sales'],
  ] as const)('that cannot be read: %s', async (code, place) => {
    await expect(openRelation(place, '/')).rejects.toMatchObject({ code })
  })
})
