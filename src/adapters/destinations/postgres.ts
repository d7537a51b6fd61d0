import pg from 'pg'
import type { PostgresPlace } from '../../config/where.ts'
import { RetailError } from '../../errors.ts'
import { type Destination, type EventBatch, type EventSource, holding, type Progress } from '../../ports/index.ts'
import { partsOf } from '../../ports/source-name.ts'
import { byFact, type FactName, facts, sumOfFacts } from '../../tables/index.ts'
import { formatSecond, type Month, type Second } from '../../time.ts'
import { BackgroundWriter } from './background-writer.ts'
import { PostgresSession, type SessionOptions } from './postgres-session.ts'
import { monthsOf, PostgresTables } from './postgres-tables.ts'

/** Opens the tables of a database, and creates those that are missing. */
export async function openPostgres(
  place: PostgresPlace,
  source: EventSource,
  signal: AbortSignal | undefined,
): Promise<Destination> {
  const destination = new PostgresEvents(place, source, signal)
  return await holding(destination, async () => {
    await destination.open()
    return destination
  })
}

const CONNECT_MS = 5_000

/** What `stream_position` says; nothing is created, and no lock is taken. */
export async function readPostgresProgress(place: PostgresPlace, source: EventSource): Promise<Progress> {
  const tables = new PostgresTables(place, source)
  const client = new pg.Client({
    ...{ connectionString: place.url, connectionTimeoutMillis: CONNECT_MS, application_name: 'retail-grade' },
  })
  // The query in progress rejects, too.
  client.on('error', () => {})
  try {
    await client.connect()
    const worlds = await tables.worldsOf(client, 'stream_position')
    tables.refuseOthers(worlds)
    const live = worlds.length > 0 ? await tables.live(client) : undefined
    return { since: live?.since, position: live?.position }
  } catch (error) {
    if (error instanceof RetailError) throw error
    throw new RetailError('missing', `the position of ${place.location} cannot be read`, {
      why: (error as Error).message,
      hint: 'check the address, and the rights of its user: SELECT on stream_position',
      cause: error,
    })
  } finally {
    // It may never have been connected.
    await client.end().catch(() => {})
  }
}

/**
 * Rows go into tables by COPY. The position is a row of `stream_position` that changes in the same transaction, so each
 * event is in the tables once, whichever side dies. A session lock keeps a second stream out, of a shard if it is one;
 * were it lost, the update of the position would not find its row.
 */
class PostgresEvents implements Destination {
  readonly location: string
  position: Second | undefined
  since: Second | undefined
  /** The position has a row of its own. */
  private begun = false
  private readonly source: EventSource
  private readonly session: PostgresSession
  private readonly tables: PostgresTables
  /** Tables whose months need partitions, and the months that have them. */
  private partitioned: readonly FactName[] = []
  private readonly months = new Set<Month>()
  private readonly writer = new BackgroundWriter<Rows>({
    write: (group) => this.session.run((client) => this.insert(client, group)),
    sizeOf: ({ events }) => events,
  })

  constructor(place: PostgresPlace, source: EventSource, signal: AbortSignal | undefined) {
    this.location = place.location
    this.source = source
    this.tables = new PostgresTables(place, source)
    this.session = new PostgresSession(place, {
      name: 'retail-stream',
      lock: lockOf(source),
      signal,
      prepare: async (client, first) => {
        if (first) await this.prepare(client)
        await this.readPosition(client)
      },
    })
  }

  get trouble(): string | undefined {
    return this.session.trouble
  }

  open(): Promise<void> {
    return this.session.open()
  }

  async deliver(batch: EventBatch): Promise<void> {
    await this.writer.add(rowsOf(batch))
  }

  async flush(): Promise<void> {
    await this.writer.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.session[Symbol.asyncDispose]()
  }

  private async prepare(client: pg.Client): Promise<void> {
    await this.tables.create(client, [...facts.map(({ name }) => name), 'stream_position'])
    this.tables.refuseOthers(await this.tables.worldsOf(client, 'backfill_parts'))
    this.partitioned = await this.tables.partitioned(client)
  }

  private async insert(client: pg.Client, group: readonly Rows[]): Promise<void> {
    const { from } = group[0]
    const { to, since } = group[group.length - 1]
    if (this.position !== undefined && this.position >= to) return
    if ((this.position ?? from) !== from) throw this.session.busy()
    await this.createMonths(client, from, to)
    // One message for several statements: each answer arrives late, by what the stream computes in the meantime.
    let begin = "BEGIN; SET LOCAL TIME ZONE 'UTC'; "
    for (const { name } of facts) {
      const pages = group.flatMap(({ text }) => text[name])
      if (pages.length === 0) continue
      await this.tables.copy(client, this.tables.nameOf(name), name, pages, begin)
      begin = ''
    }
    if (begin !== '') await client.query(begin)
    if (!(await this.move(client, { from, to, since }))) {
      await client.query('ROLLBACK')
      await this.readPosition(client)
      if (this.position !== to) throw this.session.busy()
      return
    }
    await client.query('COMMIT')
    this.begun = true
    this.position = to
    this.since = since
  }

  /** A backfill has made partitions for the months of history. */
  private async createMonths(client: pg.Client, from: Second, to: Second): Promise<void> {
    if (this.partitioned.length === 0) return
    for (const month of monthsOf(from, to).filter((each) => !this.months.has(each))) {
      // Other shards reach the month, too.
      await client.query('BEGIN')
      await this.tables.alone(client)
      for (const name of this.partitioned) await this.tables.createMonth(client, name, month)
      await client.query('COMMIT')
      this.months.add(month)
    }
  }

  /** False if the position is not what this stream knows. */
  private async move(client: pg.Client, at: Record<'from' | 'to' | 'since', Second>): Promise<boolean> {
    const table = this.tables.nameOf('stream_position')
    const [from, to, since] = [at.from, at.to, at.since].map(formatSecond)
    const { rowCount } = !this.begun
      ? await client.query(`INSERT INTO ${table} (world, since, position) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, [
          this.source.world,
          since,
          to,
        ])
      : await client.query(`UPDATE ${table} SET position = $3, since = $4 WHERE world = $1 AND position = $2`, [
          ...[this.source.world, from, to, since],
        ])
    return rowCount === 1
  }

  private async readPosition(client: pg.Client): Promise<void> {
    this.tables.refuseOthers(await this.tables.worldsOf(client, 'stream_position'))
    const live = await this.tables.live(client)
    this.since = live?.since
    this.position = live?.position
    this.begun = live?.own ?? false
  }
}

/** The shards of a timeline write side by side, if they share its stores in the same way. */
function lockOf({ world, origin }: EventSource): SessionOptions['lock'] {
  const [member, count] = partsOf(world).shard?.split('/') ?? []
  return member === undefined ? 'alone' : { group: `${count} shards of ${origin}`, member }
}

/** A batch as text, which outlives the batch. */
interface Rows extends Pick<EventBatch, 'from' | 'to' | 'since'> {
  events: number
  text: Readonly<Record<FactName, readonly Buffer[]>>
}

function rowsOf({ from, to, since, rows, pages }: EventBatch): Rows {
  // The next page overwrites the bytes.
  const textOf = (name: FactName) => Array.from(pages('csv', name), ({ bytes }) => Buffer.from(bytes))
  return { from, to, since, events: sumOfFacts(rows), text: byFact((name) => (rows[name] > 0 ? textOf(name) : [])) }
}
