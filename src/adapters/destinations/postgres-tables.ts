import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { PostgresPlace } from '../../config/where.ts'
import { RetailError } from '../../errors.ts'
import { whoseEvents } from '../../ports/damage.ts'
import type { EventSource } from '../../ports/index.ts'
import { shareTimeline } from '../../ports/source-name.ts'
import { postgresDdl } from '../../tables/emit.ts'
import { type FactName, facts, type TableName, tables } from '../../tables/index.ts'
import { firstDayOf, formatDay, formatMonth, type Month, monthOf, SECONDS_PER_DAY, type Second } from '../../time.ts'
import { columnsFrom, isFact, unfitColumns } from './postgres-columns.ts'

type BookName = 'stream_position' | 'backfill_parts'

/** What is written about the rows, in their transactions. */
const BOOKS: Record<BookName, string> = {
  stream_position: 'world text PRIMARY KEY, since timestamptz NOT NULL, position timestamptz NOT NULL',
  backfill_parts: `world text, month text, block integer, first_day date, last_day date,
    ${facts.map(({ name }) => `${name} bigint NOT NULL DEFAULT 0`).join(', ')}, PRIMARY KEY (world, month, block)`,
}

/** The tables of a schema: their names, how they are made, and how rows get into them. */
export class PostgresTables {
  readonly schema: string
  private readonly place: PostgresPlace
  private readonly source: EventSource

  constructor(place: PostgresPlace, source: EventSource) {
    this.schema = place.schema
    this.place = place
    this.source = source
  }

  /** In quotes: its name may be a reserved word. */
  private get namespace(): string {
    return `"${this.schema}"`
  }

  nameOf(table: TableName | BookName): string {
    return `${this.namespace}.${table}`
  }

  partitionOf(table: FactName, month: Month): string {
    return `${this.nameOf(table)}_${formatMonth(month).replace('-', '_')}`
  }

  columnsOf(table: TableName): string {
    return columnsFrom(this.source, table)
      .map(([name]) => `"${name}"`)
      .join(', ')
  }

  /**
   * Creates those that are missing, and needs no right to create anything if none is. Several sessions may do so at the
   * same time. Refuses existing ones that cannot hold the rows.
   */
  async create(
    client: pg.Client,
    names: readonly (TableName | BookName)[],
    { partitioned = false } = {},
  ): Promise<void> {
    await this.refuseOtherColumns(client, names)
    if ((await this.missing(client, names)).length === 0) return
    await client.query('BEGIN')
    await this.alone(client)
    const statements = (await this.missing(client, names)).map((name) => {
      if (name === undefined) return `CREATE SCHEMA ${this.namespace}`
      if (isBook(name)) return `CREATE TABLE ${this.nameOf(name)} (${BOOKS[name]})`
      const ddl = postgresDdl(
        tables[name],
        this.source.schema,
        this.namespace,
        partitioned && isFact(name) ? 'timestamp' : undefined,
      )
      return this.source.versions && isFact(name) ? `${ddl}; ${versionsDdl(this.nameOf(name))}` : ddl
    })
    await client.query(`${statements.join('; ')}; COMMIT`)
  }

  private async refuseOtherColumns(client: pg.Client, names: readonly (TableName | BookName)[]): Promise<void> {
    const own = names.filter((name) => !isBook(name))
    const why = await unfitColumns(client, this.schema, own, this.source)
    if (why === undefined) return
    throw new RetailError('foreign_world', `the tables of ${this.place.location} have other columns`, {
      why,
      hint: 'choose another schema: add ?schema=NAME to the address',
    })
  }

  /** Waits, to the end of the transaction, for others that change what tables there are. */
  async alone(client: pg.Client): Promise<void> {
    await client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`retail tables ${this.schema}`])
  }

  /** Undefined stands for the schema. */
  private async missing<Name extends string>(client: pg.Client, names: readonly Name[]): Promise<(Name | undefined)[]> {
    const { schema } = this
    const { rows } = await client.query<{ name: string | null }>(
      `SELECT NULL AS name FROM pg_namespace WHERE nspname = $1
       UNION ALL SELECT relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = $1`,
      [schema],
    )
    const there = new Set(rows.map(({ name }) => name ?? undefined))
    return [undefined, ...names].filter((name) => !there.has(name))
  }

  /** The facts whose months have partitions of their own. */
  async partitioned(client: pg.Client): Promise<FactName[]> {
    const { rows } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = $1 AND relkind = 'p'`,
      [this.schema],
    )
    return facts.map(({ name }) => name).filter((name) => rows.some((row) => row.name === name))
  }

  /** Creates the partition of a month, for the tables that are partitioned. */
  async createMonth(client: pg.Client, table: FactName, month: Month): Promise<void> {
    const at = (first: Month) => `'${formatDay(firstDayOf(first))} 00:00:00+00'`
    await client.query(
      `CREATE TABLE IF NOT EXISTS ${this.partitionOf(table, month)} PARTITION OF ${this.nameOf(table)} FOR VALUES FROM (${at(month)}) TO (${at(month + 1)})`,
    )
  }

  /**
   * Rows as CSV, by COPY. The socket keeps the bytes until the server takes them, so no page may be changed after it.
   * `before`: statements that are sent with it. Facts have neither quotes nor backslashes, so they can be read as the
   * text form, which takes the server a tenth less time.
   */
  async copy(
    client: pg.Client,
    into: string,
    table: TableName,
    pages: Iterable<Uint8Array>,
    before = '',
  ): Promise<void> {
    const form = isFact(table) ? "FORMAT text, DELIMITER ',', NULL ''" : 'FORMAT csv'
    const rows = client.query(copyFrom(`${before}COPY ${into} (${this.columnsOf(table)}) FROM STDIN (${form})`))
    await pipeline(Readable.from(pages), rows)
  }

  /** Refuses tables that have rows of another world. */
  refuseOthers(worlds: readonly string[]): void {
    const { world: own, origin } = this.source
    // Shards continue what backfill, or a stream of all stores, has delivered.
    const fits = (world: string) => world === own || (own !== origin && (world === origin || shareTimeline(world, own)))
    const other = worlds.find((world) => !fits(world))
    if (other === undefined) return
    throw new RetailError('foreign_world', `${this.place.location} holds other events`, {
      why: whoseEvents(other, this.source.world),
      hint: 'choose another schema: add ?schema=NAME to the address',
    })
  }

  /** The worlds of a book that may not exist. */
  async worldsOf(client: pg.Client, book: BookName): Promise<string[]> {
    if ((await this.missing(client, [book])).length > 0) return []
    return (await client.query<{ world: string }>(`SELECT DISTINCT world FROM ${this.nameOf(book)}`)).rows.map(
      ({ world }) => world,
    )
  }

  /**
   * Where the live events of this world begin and end. A shard without a position of its own (`own`) begins where the
   * events of all stores end.
   */
  async live(client: pg.Client): Promise<{ since: Second; position: Second; own: boolean } | undefined> {
    const { world, origin } = this.source
    const { rows } = await client.query<{ since: string; position: string; own: boolean }>(
      `SELECT extract(epoch FROM since)::float8 AS since, extract(epoch FROM position)::float8 AS position, world = $1 AS own
       FROM ${this.nameOf('stream_position')} WHERE world IN ($1, $2) ORDER BY own DESC LIMIT 1`,
      [world, origin],
    )
    return rows[0] && { since: Number(rows[0].since), position: Number(rows[0].position), own: rows[0].own }
  }
}

const versionsDdl = (table: string) =>
  [
    `ALTER TABLE ${table} ADD COLUMN op text NOT NULL, ADD COLUMN version integer NOT NULL`,
    `COMMENT ON COLUMN ${table}.op IS 'insert, update, or delete'`,
    `COMMENT ON COLUMN ${table}.version IS 'the row of an id with the highest version is right'`,
  ].join('; ')

const isBook = (name: TableName | BookName): name is BookName => Object.hasOwn(BOOKS, name)

/** The months of [from, to). */
export function monthsOf(from: Second, to: Second): Month[] {
  const [first, last] = [from, Math.max(from, Math.ceil(to) - 1)].map((at) => monthOf(Math.floor(at / SECONDS_PER_DAY)))
  return Array.from({ length: last - first + 1 }, (_, i) => first + i)
}
