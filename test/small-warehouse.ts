import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { folderWorkspace } from '../src/adapters/local/folder-workspace.ts'
import { writeBatch } from '../src/pipeline/live/batches.ts'
import { seedDims } from '../src/pipeline/seed-dims.ts'
import { transform } from '../src/pipeline/transform.ts'
import type { Build, Ports, Published, Row } from '../src/ports/index.ts'
import type { WorldSchema } from '../src/tables/index.ts'
import { parseSecond } from '../src/time.ts'
import { localShop, makeHistory } from './history.ts'

export const FIRST_DAY = '2024-01-20'
const STORES = 20
const PRODUCTS = 50
const LINES_A_DAY = 200

/**
 * A warehouse of a few thousand rows that a journey can bend: its raw tables stand in the build file itself. The lake beside it is real
 * and small, since transform looks into that before it builds.
 */
export async function smallWarehouse(schema: WorldSchema = 'strict') {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'retail-transform-'))
  const workspace = folderWorkspace(path.join(folder, '.retail'))
  const buildFile = path.join(folder, '.retail', 'build.duckdb')
  const database = path.join(folder, 'retail.duckdb')
  const cut = { history: parseSecond('2024-03-01T00:00:00Z')!, live: parseSecond('2024-03-01T00:01:00Z')! }
  const shop = localShop({ stores: 1, products: 20, lines: 20, schema, from: FIRST_DAY }, path.join(folder, 'shop'))
  await seedDims(shop.ports, shop.config, {})
  await makeHistory(shop, '2024-02-29')
  await writeBatch(shop.ports.lake, shop.world, 1, cut.history, cut.live, undefined)
  fs.mkdirSync(path.dirname(buildFile), { recursive: true })

  const build: Build = {
    profile: 'local',
    cut,
    env: {
      RETAIL_DATABASE: buildFile,
      RETAIL_MEMORY_LIMIT: '500MB',
      RETAIL_THREADS: '2',
      RETAIL_CUT: String(cut.live),
    },
    async publish() {
      fs.copyFileSync(buildFile, `${database}.new`)
      fs.renameSync(`${database}.new`, database)
      return { world: 'small', raw: cut, marts: cut } as Published
    },
    async [Symbol.asyncDispose]() {},
  }
  const portsOf = (openBuild: () => Promise<Build>): Ports => ({
    ...shop.ports,
    warehouse: {
      ...shop.ports.warehouse,
      published: async () => undefined,
      dbt: {
        can: true,
        requirements: 'requirements.lock',
        parsesAlike: true,
        runs: { can: true },
        parsing: { profile: 'local', env: build.env },
        openBuild,
      },
    },
    workspace,
  })

  return {
    folder,
    database,
    workspace,
    /** The days that the next transforms take for changed, and the second before which nothing was; undefined: everything. */
    changed(days: readonly string[] | undefined, since = 0) {
      build.env.RETAIL_DAYS = days?.join(' ') ?? 'all'
      build.env.RETAIL_SINCE = String(since)
    },
    /** Runs statements in the build file, as if more had been delivered; the last one's rows come back. */
    change: (...statements: string[]) => inFile(buildFile, false, statements),
    query: (sql: string, file = database) => inFile(file, true, [sql]),
    transform: (options: Parameters<typeof transform>[2] = {}) =>
      transform(
        portsOf(async () => build),
        shop.config,
        options,
      ),
    portsOf,
    config: shop.config,
    remove: () => fs.rmSync(folder, { recursive: true, force: true }),
  }
}

export async function inFile(file: string, readOnly: boolean, statements: readonly string[]): Promise<Row[]> {
  const instance = await DuckDBInstance.create(file, readOnly ? { access_mode: 'READ_ONLY' } : {})
  const connection = await instance.connect()
  try {
    let rows: Row[] = []
    for (const sql of statements) rows = (await (await connection.runAndReadAll(sql)).getRowObjectsJson()) as Row[]
    return rows
  } finally {
    // An open connection would keep the file open, and dbt would not see what is not checkpointed.
    connection.closeSync()
    instance.closeSync()
  }
}

/** The four raw tables: an opening of 1,000 units of everything, then every line takes its units off the shelf. */
export function rawTables(days: number, schema: WorldSchema): string[] {
  const [basket, movement] =
    schema === 'extended'
      ? [
          ", id AS basket_id, 'C00000' || 1 + hash(id) % 3 AS customer_id",
          ", 'opening' AS movement_type, id AS reference_id",
        ]
      : ['', '']
  return [
    'CREATE SCHEMA raw',
    `CREATE TABLE raw.product AS SELECT format('P{:05d}', i) AS product_id, 'Thing ' || i AS name,
       ['Electronics', 'Clothing', 'Home', 'Books', 'Sports'][1 + i % 5] AS category,
       CAST(4.99 + i AS DECIMAL(10,2)) AS base_price, 'SUP' || i % 7 AS supplier_id FROM range(1, ${PRODUCTS + 1}) t(i)`,
    `CREATE TABLE raw.store AS SELECT format('S{:04d}', i) AS store_id, 'Town ' || i % 9 || ', AZ' AS location,
       CAST(9000 + i AS INTEGER) AS size, 'Manager ' || i AS manager FROM range(1, ${STORES + 1}) t(i)`,
    ...(schema === 'extended'
      ? [
          `CREATE TABLE raw.customer AS SELECT 'C00000' || i AS customer_id, 'Person ' || i AS name, i || '@example.com' AS email,
             'Town 1, AZ' AS city, 'Family' AS segment, TIMESTAMP '${FIRST_DAY}' AS joined, 'S0001' AS home_store_id FROM range(1, 4) t(i)`,
          `CREATE TABLE raw.price_history AS SELECT 'R00' || substr(product_id, 2) AS price_id, product_id, TIMESTAMP '${FIRST_DAY}' AS valid_from,
             TIMESTAMP '2100-01-01' AS valid_to, base_price AS price FROM raw.product`,
        ]
      : []),
    `CREATE TABLE raw.transactions AS SELECT *${basket.replaceAll(/\bid\b/g, 'transaction_id')} FROM (${lines(0, days)})`,
    `CREATE TABLE raw.inventories AS SELECT *${movement.replace('id AS ref', 'inventory_id AS ref')} FROM (
       SELECT 'I-open-' || p || '-' || s AS inventory_id, format('P{:05d}', p) AS product_id,
         TIMESTAMP '${FIRST_DAY}' AS "timestamp", CAST(1000 AS INTEGER) AS quantity_change, format('S{:04d}', s) AS store_id
       FROM range(1, ${PRODUCTS + 1}) a(p), range(1, ${STORES + 1}) b(s)
       UNION ALL ${movesOf(lines(0, days))})`,
  ]
}

/** What a day more, or a late line, puts into both tables. */
export const deliver = (relation: string): string[] => [
  `INSERT INTO raw.transactions ${relation}`,
  `INSERT INTO raw.inventories ${movesOf(relation)}`,
]

/** The lines of days [from, to), counted from the first day. */
export const lines = (from: number, to: number): string =>
  `SELECT 'T-' || i AS transaction_id, format('P{:05d}', 1 + i * 7 % ${PRODUCTS}) AS product_id,
     TIMESTAMP '${FIRST_DAY}' + to_days(CAST(i // ${LINES_A_DAY} AS INTEGER)) + to_seconds(i * 37 % 86400) AS "timestamp",
     CAST(1 + i % 3 AS INTEGER) AS quantity, CAST(4.99 + i % 11 AS DECIMAL(10,2)) AS unit_price,
     format('S{:04d}', 1 + i * 13 % ${STORES}) AS store_id
   FROM range(${from * LINES_A_DAY}, ${to * LINES_A_DAY}) t(i)`

const movesOf = (relation: string) =>
  `SELECT 'I' || transaction_id AS inventory_id, product_id, "timestamp", -quantity AS quantity_change, store_id FROM (${relation})`
