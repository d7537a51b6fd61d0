import type { PostgresPlace } from '../../config/where.ts'
import {
  type DaySpan,
  type EventSource,
  type HistoryTables,
  holding,
  type LoadedPart,
  type RowChunk,
  type TablePart,
} from '../../ports/index.ts'
import {
  byFact,
  type DimensionName,
  type FactName,
  facts,
  keyOf,
  type TableName,
  tables,
  tablesOf,
} from '../../tables/index.ts'
import {
  type Day,
  formatDay,
  formatMonth,
  formatSecond,
  type Month,
  parseDay,
  parseMonth,
  type Second,
} from '../../time.ts'
import { PostgresSession } from './postgres-session.ts'
import { PostgresTables } from './postgres-tables.ts'

const FACT_NAMES = facts.map(({ name }) => name)
const TIME = 'timestamp'

/** Opens a session for history. It creates nothing before `create`. */
export async function openPostgresHistory(
  place: PostgresPlace,
  source: EventSource,
  signal: AbortSignal | undefined,
): Promise<HistoryTables> {
  const history = new PostgresHistory(place, source, signal)
  return await holding(history, async () => {
    await history.open()
    return history
  })
}

type PartRow = Record<'first_day' | 'last_day', string | null> & { block: number; month: string } & Record<
    FactName,
    string
  >

/**
 * Rows of a block and month go into its partition by COPY, with a row of `backfill_parts` that says which days are there,
 * in one transaction. That row is locked while its days are added, so sessions that meet at a part take turns.
 */
class PostgresHistory implements HistoryTables {
  readonly location: string
  private readonly source: EventSource
  private readonly session: PostgresSession
  private readonly names: readonly TableName[]
  private readonly tables: PostgresTables
  /** Whether months have partitions; a stream that came first made tables without. */
  private partitioned: readonly FactName[] | undefined

  constructor(place: PostgresPlace, source: EventSource, signal: AbortSignal | undefined) {
    this.location = place.location
    this.source = source
    this.names = tablesOf(source.schema).map(({ name }) => name)
    this.tables = new PostgresTables(place, source)
    this.session = new PostgresSession(place, {
      name: 'retail-backfill',
      lock: { group: `backfill ${source.world}` },
      signal,
      prepare: async (client) => {
        for (const book of ['stream_position', 'backfill_parts'] as const)
          this.tables.refuseOthers(await this.tables.worldsOf(client, book))
      },
    })
  }

  get trouble(): string | undefined {
    return this.session.trouble
  }

  open(): Promise<void> {
    return this.session.open()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]()
  }

  async parts(): Promise<LoadedPart[]> {
    return await this.session.run(async (client) => {
      if ((await this.tables.worldsOf(client, 'backfill_parts')).length === 0) return []
      const { rows } = await client.query<PartRow>(
        `SELECT ${PART_COLUMNS} FROM ${this.tables.nameOf('backfill_parts')}`,
      )
      return rows.flatMap((row) => partOf(row) ?? [])
    })
  }

  async live(): Promise<{ since: Second; position: Second } | undefined> {
    return await this.session.run(async (client) =>
      (await this.tables.worldsOf(client, 'stream_position')).length === 0 ? undefined : await this.tables.live(client),
    )
  }

  async create(months: readonly Month[]): Promise<void> {
    await this.session.run(async (client) => {
      await this.tables.create(client, [...this.names, 'stream_position', 'backfill_parts'], { partitioned: true })
      const partitioned = await this.tables.partitioned(client)
      await client.query('BEGIN')
      await this.tables.alone(client)
      for (const name of partitioned) for (const month of months) await this.tables.createMonth(client, name, month)
      await client.query('COMMIT')
    })
  }

  async putDimension(name: DimensionName, csv: Uint8Array): Promise<void> {
    await this.session.run(async (client) => {
      const table = this.tables.nameOf(name)
      await client.query('BEGIN')
      await this.tables.alone(client)
      const { rows } = await client.query<{ there: boolean }>(`SELECT EXISTS (SELECT 1 FROM ${table}) AS there`)
      if (!rows[0].there) {
        await this.tables.copy(client, table, name, [csv])
        await client.query(`ALTER TABLE ${table} ADD PRIMARY KEY ("${keyOf(tables[name])}")`)
      }
      await client.query('COMMIT')
    })
  }

  async add(
    part: TablePart,
    rowsOf: (span: DaySpan) => AsyncIterable<RowChunk>,
  ): Promise<{ part: LoadedPart; added: Readonly<Record<FactName, number>> }> {
    const book = this.tables.nameOf('backfill_parts')
    const key = [this.source.world, formatMonth(part.month), part.block]
    return await this.session.run(async (client) => {
      this.partitioned ??= await this.tables.partitioned(client)
      await client.query("BEGIN; SET LOCAL TIME ZONE 'UTC'")
      await client.query(`INSERT INTO ${book} (world, month, block) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, key)
      const { rows } = await client.query<PartRow>(
        `SELECT ${PART_COLUMNS} FROM ${book} WHERE world = $1 AND month = $2 AND block = $3 FOR UPDATE`,
        key,
      )
      const before = partOf(rows[0])
      const added = byFact(() => 0)
      for (const span of missingOf(part, before)) {
        for await (const chunk of rowsOf(span)) {
          for (const name of FACT_NAMES) {
            if (chunk.rows[name] === 0) continue
            const into = this.partitioned.includes(name)
              ? this.tables.partitionOf(name, part.month)
              : this.tables.nameOf(name)
            await this.tables.copy(client, into, name, chunk.pages(name))
            added[name] += chunk.rows[name]
          }
        }
      }
      const after: LoadedPart = {
        ...part,
        from: Math.min(part.from, before?.from ?? part.from),
        through: Math.max(part.through, before?.through ?? part.through),
        rows: byFact((name) => (before?.rows[name] ?? 0) + added[name]),
      }
      await client.query(
        `UPDATE ${book} SET first_day = $4, last_day = $5, ${FACT_NAMES.map((name, i) => `${name} = $${6 + i}`).join(', ')}
         WHERE world = $1 AND month = $2 AND block = $3`,
        [...key, formatDay(after.from), formatDay(after.through), ...FACT_NAMES.map((name) => after.rows[name])],
      )
      await client.query('COMMIT')
      return { part: after, added }
    })
  }

  async finish(end: Second): Promise<void> {
    await this.session.run(async (client) => {
      await client.query('BEGIN')
      await this.tables.alone(client)
      const partitioned = await this.tables.partitioned(client)
      for (const name of FACT_NAMES) {
        const table = this.tables.nameOf(name)
        const { rows } = await client.query<{ there: boolean }>(
          `SELECT EXISTS (SELECT 1 FROM pg_constraint WHERE conrelid = $1::regclass AND contype = 'p') AS there`,
          [table],
        )
        // A key of a partitioned table has to include what it is partitioned by.
        const columns = [keyOf(tables[name]), ...(partitioned.includes(name) ? [TIME] : [])]
        if (!rows[0].there)
          await client.query(`ALTER TABLE ${table} ADD PRIMARY KEY (${columns.map((c) => `"${c}"`).join(', ')})`)
      }
      // A stream that came before keeps its own beginning.
      await client.query(
        `INSERT INTO ${this.tables.nameOf('stream_position')} AS it (world, since, position) VALUES ($1, $2, $2)
         ON CONFLICT (world) DO UPDATE SET since = $2, position = $2 WHERE it.since = it.position AND it.position < $2`,
        [this.source.world, formatSecond(end)],
      )
      await client.query('COMMIT')
      await client.query(`ANALYZE ${this.names.map((name) => this.tables.nameOf(name)).join(', ')}`)
    })
  }

  async sizeBytes(): Promise<number> {
    return await this.session.run(async (client) => {
      const { rows } = await client.query<{ bytes: string }>(
        `SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) AS bytes FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
         WHERE n.nspname = $1 AND c.relkind = 'r' AND c.relname ~ $2`,
        [this.tables.schema, `^(${this.names.join('|')})(_\\d{4}_\\d{2})?$`],
      )
      return Number(rows[0].bytes)
    })
  }
}

const PART_COLUMNS = `month, block, first_day::text, last_day::text, ${FACT_NAMES.join(', ')}`

/** Undefined for a part that has just been claimed. */
function partOf(row: PartRow): LoadedPart | undefined {
  if (row.first_day === null || row.last_day === null) return undefined
  return {
    block: row.block,
    month: parseMonth(row.month)!,
    from: parseDay(row.first_day)!,
    through: parseDay(row.last_day)!,
    rows: byFact((name) => Number(row[name])),
  }
}

/** The days before and after the existing ones, without a gap. */
function missingOf({ from, through }: DaySpan, there: DaySpan | undefined): DaySpan[] {
  if (!there) return [{ from, through }]
  const span = (first: Day, last: Day): DaySpan[] => (first <= last ? [{ from: first, through: last }] : [])
  return [...span(from, there.from - 1), ...span(there.through + 1, through)]
}
