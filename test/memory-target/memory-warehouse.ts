import fs from 'node:fs'
import path from 'node:path'
import { type Database, openDatabase } from '../../src/adapters/local/duckdb.ts'
import { duckdbDialect } from '../../src/adapters/local/duckdb-dialect.ts'
import { advise, retail } from '../../src/advice.ts'
import type { Config } from '../../src/config/schema.ts'
import { RetailError } from '../../src/errors.ts'
import {
  type Appender,
  type Broker,
  compileStatement,
  coverOf,
  type Dialect,
  type Lake,
  type Published,
  publishedTo,
  type Reader,
  readStreamed,
  type Warehouse,
  type WarehouseTraits,
} from '../../src/ports/index.ts'
import { dimensionKey, LAKE_NAMES } from '../../src/ports/layout.ts'
import { emptyRelation, quote } from '../../src/tables/emit.ts'
import { dimensionsOf, facts, tablesOf } from '../../src/tables/index.ts'
import { parseDay, SECONDS_PER_DAY } from '../../src/time.ts'
import { freshFolder } from '../front-door.ts'

/** DuckDB's, but for names: one flat namespace. Rows may come twice, as the broker delivers at least once. */
export const memoryDialect: Dialect = {
  ...duckdbDialect,
  relation: (layer, table) => `shop_${layer}_${table}`,
  once: (relation, where) => `(SELECT DISTINCT * FROM ${relation} WHERE ${where})`,
}

export type MemoryWarehouse = Warehouse & { openAppender(): Promise<Appender> }

/** Tables in a database without a file. Raw has rows of its own: history is loaded from the lake, live events are appended. */
export function memoryWarehouse(config: Config, traits: WarehouseTraits, lake: Lake, broker: Broker): MemoryWarehouse {
  const location = `memory:${config.workspace}`
  let published: Pick<Published, 'world' | 'raw'> | undefined
  let opened: Promise<Database> | undefined

  const database = () => (opened ??= open())
  async function open(): Promise<Database> {
    const made = await openDatabase(':memory:', { threads: 1 })
    for (const table of tablesOf(config.world.schema))
      for (const name of [memoryDialect.relation('raw', table.name), `live_${table.name}`, `history_${table.name}`])
        await made.run(`CREATE TABLE ${name} AS ${emptyRelation(table, config.world.schema)}`)
    for (const { name } of facts) {
      const relation = memoryDialect.relation('raw', name)
      await made.run(`DROP TABLE ${relation}`)
      await made.run(`CREATE VIEW ${relation} AS FROM history_${name} UNION ALL FROM live_${name}`)
    }
    return made
  }

  /** DuckDB reads Parquet from files only. */
  async function load(into: string, keys: readonly string[]): Promise<void> {
    const folder = freshFolder()
    const files = await Promise.all(
      keys.map(async (key, i) => {
        const file = path.join(folder, `${i}.parquet`)
        fs.writeFileSync(file, await lake.read(key))
        return quote(file)
      }),
    )
    const { run } = await database()
    await run(`DELETE FROM ${into}`)
    if (files.length > 0) await run(`INSERT INTO ${into} FROM read_parquet([${files.join(', ')}])`)
  }

  const readerOf = async (): Promise<Reader> => {
    const { query } = await database()
    return {
      dialect: memoryDialect,
      query,
      async keep(name, sql) {
        await (await database()).run(`CREATE OR REPLACE TEMP TABLE kept_${name} AS ${sql}`)
        return `kept_${name}`
      },
      billedBytes: () => undefined,
      async [Symbol.asyncDispose]() {},
    }
  }

  async function openAppender(): Promise<Appender> {
    const { run } = await database()
    return {
      async append(table, rows) {
        if (table === 'dead_letter') throw new Error(`a message is not a valid event: ${rows[0].reason}`)
        const columns = Object.keys(rows[0])
        const cell = (value: string | number | null, column: string) =>
          column === 'timestamp' ? `make_timestamp(${value})` : typeof value === 'string' ? quote(value) : `${value}`
        const tuples = rows.map((row) => `(${columns.map((column) => cell(row[column], column)).join(', ')})`)
        const names = columns.map(memoryDialect.column).join(', ')
        await run(`INSERT INTO live_${table} (${names}) VALUES ${tuples.join(', ')}`)
        return new Map()
      },
      async [Symbol.asyncDispose]() {},
    }
  }

  const warehouse: MemoryWarehouse = {
    location,
    traits,

    async publish() {
      const [layout, identity] = [await lake.layout(), await lake.identity()]
      const from = parseDay(identity?.historyFrom ?? config.history.from)!
      const { history, parts } = coverOf(layout, from, identity?.blocks ?? 1)
      for (const { name } of dimensionsOf(config.world.schema))
        if (layout.dimensions[name]) await load(memoryDialect.relation('raw', name), [dimensionKey(name, LAKE_NAMES)])
      for (const { name } of facts)
        await load(
          `history_${name}`,
          parts.filter(({ table }) => table === name).map(({ key }) => key),
        )
      const end = identity ? history : from * SECONDS_PER_DAY
      published = { world: identity?.world ?? '', raw: { history: end, live: end } }
      return (await warehouse.published())!
    },

    async published() {
      if (!published) return undefined
      const { live, shards } = publishedTo(await readStreamed(broker), published.world)
      const raw = { ...published.raw, live: Math.max(published.raw.history, live) }
      const { world } = published
      return { world, lake: lake.location, generation: 0, raw, marts: undefined, ...(shards && { shards }) }
    },

    async sizeBytes() {
      return undefined
    },

    async reader() {
      if (!published) throw nothing(location)
      return await readerOf()
    },

    async ask(sql) {
      if (!published) throw nothing(location)
      const rows = await (await readerOf()).query(sql)
      const names = Object.keys(rows[0] ?? {})
      async function* pages() {
        yield rows.map((row) => names.map((name) => (row[name] === null ? null : String(row[name]))))
      }
      const columns = names.map((name) => ({ name, kind: 'text' as const }))
      return { columns, pages: pages(), billedBytes: undefined, async [Symbol.asyncDispose]() {} }
    },
    trouble: async () => undefined,
    feed: () => undefined,
    openAppender,

    dbt: {
      can: false,
      why: 'dbt is a process of its own, and cannot see what is in the memory of this one',
      hint: advise`use a target that keeps its data: ${retail('init', '--target', 'local')}`,
    },
    batchLoading: { can: false, why: 'it reads no files', hint: advise`${retail('load')}` },
    packing: {
      can: false,
      why: 'its tables go with the process',
      hint: advise`${retail('backfill', '--out', 'export')}`,
    },

    marts: () => ({
      location,
      keepMs: undefined,
      version: async () => undefined,
      async published() {
        const found = await warehouse.published()
        if (found) return found
        throw nothing(location)
      },
      async query(statement) {
        const { text } = compileStatement(statement, memoryDialect)
        return { rows: await (await database()).query(text), bytesBilled: undefined }
      },
      async [Symbol.asyncDispose]() {},
    }),

    async [Symbol.asyncDispose]() {
      await (await opened)?.[Symbol.asyncDispose]()
      opened = undefined
    },
  }
  return warehouse
}

const nothing = (location: string) =>
  new RetailError('missing', `nothing was published into ${location} yet`, { hint: advise`${retail('backfill')}` })
