import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import type { PostgresPlace } from '../../config/where.ts'
import { RetailError } from '../../errors.ts'
import { whoseEvents } from '../../ports/damage.ts'
import type { Destination, EventBatch, EventSource } from '../../ports/index.ts'
import { postgresDdl } from '../../tables/emit.ts'
import { columnsOf, type FactName, facts, tables } from '../../tables/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import { codeOf, isUnknownHost, OPENING_MS, Patience, unknownHost } from './patience.ts'

const CONNECT_MS = 5_000
/** Who else holds the lock may be the dying session of a stream that was killed. */
const LOCK_MS = 2_000

/** Opens the tables of a database, and creates those that are missing. */
export async function openPostgres(
  place: PostgresPlace,
  source: EventSource,
  signal: AbortSignal | undefined,
): Promise<Destination> {
  const destination = new PostgresTables(place, source, signal)
  try {
    await destination.open()
    return destination
  } catch (error) {
    await destination[Symbol.asyncDispose]()
    throw error
  }
}

/**
 * Rows go into tables by COPY. The position is a row of `stream_position` that changes in the same transaction, so each
 * event is in the tables once, whichever side dies. A session lock keeps a second stream out; were it lost, the update
 * of the position would not find its row.
 */
class PostgresTables implements Destination {
  readonly location: string
  position: Second | undefined
  since: Second | undefined
  private readonly place: PostgresPlace
  private readonly source: EventSource
  private readonly patience: Patience
  private client: pg.Client | undefined
  private opened = false

  constructor(place: PostgresPlace, source: EventSource, signal: AbortSignal | undefined) {
    this.location = place.location
    this.place = place
    this.source = source
    this.patience = new Patience(place.location, signal, (error) => this.refusal(error))
  }

  get trouble(): string | undefined {
    return this.patience.trouble
  }

  async open(): Promise<void> {
    await this.patience.keepTrying(() => this.connected(), OPENING_MS)
    this.opened = true
  }

  async deliver(batch: EventBatch): Promise<void> {
    await this.patience.keepTrying(async () => {
      const client = await this.connected()
      try {
        await this.insert(client, batch)
      } catch (error) {
        // Whether a COMMIT that got no answer took effect is only known to the database: the next try asks it.
        await this.disconnect()
        throw error
      }
    })
  }

  async flush(): Promise<void> {}

  async [Symbol.asyncDispose](): Promise<void> {
    this.patience.end()
    await this.disconnect()
  }

  private async insert(client: pg.Client, { from, to, since, rows, pages }: EventBatch): Promise<void> {
    if (this.position !== undefined && this.position >= to) return
    if ((this.position ?? from) !== from) throw this.busy()
    await client.query("BEGIN; SET LOCAL TIME ZONE 'UTC'")
    if (!(await this.move(client, { from, to, since }))) {
      await client.query('ROLLBACK')
      await this.readPosition(client)
      if (this.position !== to) throw this.busy()
      return
    }
    for (const { name } of facts) {
      if (rows[name] === 0) continue
      // The socket keeps the bytes until the server takes them, and the next page overwrites them.
      const chunks = function* () {
        for (const { bytes } of pages('csv', name)) yield Buffer.from(bytes)
      }
      const into = client.query(copyFrom(`COPY ${this.nameOf(name)} (${this.columnsOf(name)}) FROM STDIN (FORMAT csv)`))
      await pipeline(Readable.from(chunks()), into)
    }
    await client.query('COMMIT')
    this.position = to
    this.since = since
  }

  /** False if the position is not what this stream knows. */
  private async move(client: pg.Client, at: Record<'from' | 'to' | 'since', Second>): Promise<boolean> {
    const table = this.nameOf('stream_position')
    const [from, to, since] = [at.from, at.to, at.since].map(formatSecond)
    const { rowCount } =
      this.position === undefined
        ? await client.query(
            `INSERT INTO ${table} (world, since, position) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
            [this.source.world, since, to],
          )
        : await client.query(`UPDATE ${table} SET position = $3, since = $4 WHERE world = $1 AND position = $2`, [
            ...[this.source.world, from, to, since],
          ])
    return rowCount === 1
  }

  /** The connection, which has the lock and knows the position; a new one if the last one failed. */
  private async connected(): Promise<pg.Client> {
    if (this.client) return this.client
    const client = new pg.Client({
      connectionString: this.place.url,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: 'retail-stream',
    })
    this.client = client
    // The query in progress rejects, too; a connection that fails while it is idle fails the next query.
    client.on('error', () => {})
    try {
      await client.connect()
      await this.lock(client)
      if (!this.opened) await this.create(client)
      await this.readPosition(client)
      return client
    } catch (error) {
      await this.disconnect()
      throw error
    }
  }

  private async disconnect(): Promise<void> {
    const { client } = this
    this.client = undefined
    // It may have ended already.
    await client?.end().catch(() => {})
  }

  private async lock(client: pg.Client): Promise<void> {
    const began = performance.now()
    for (;;) {
      const { rows } = await client.query('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS locked', [
        `retail ${this.place.schema}`,
      ])
      if (rows[0].locked) return
      if (performance.now() - began < LOCK_MS) await new Promise((resolve) => setTimeout(resolve, 50))
      else if (this.opened) throw new Error('the session that was lost still has the lock')
      else throw this.busy()
    }
  }

  /** Creates what is missing, and needs no right to create anything if nothing is. */
  private async create(client: pg.Client): Promise<void> {
    const { schema } = this.place
    const { rows } = await client.query<{ name: string }>(
      `SELECT nspname AS name FROM pg_namespace WHERE nspname = $1
       UNION ALL SELECT nspname || '.' || relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = $1`,
      [schema],
    )
    const names = new Set(rows.map(({ name }) => name))
    const lacks = (name: string) => !names.has(name)
    const statements = [
      lacks(schema) && `CREATE SCHEMA ${schema}`,
      ...facts.map(({ name }) => lacks(this.nameOf(name)) && postgresDdl(tables[name], this.source.schema, schema)),
      lacks(this.nameOf('stream_position')) &&
        `CREATE TABLE ${this.nameOf('stream_position')} (world text PRIMARY KEY, since timestamptz NOT NULL, position timestamptz NOT NULL)`,
    ].filter((statement) => statement !== false)
    if (statements.length > 0) await client.query(`BEGIN; ${statements.join('; ')}; COMMIT`)
  }

  private async readPosition(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ world: string; since: string; position: string }>(
      `SELECT world, extract(epoch FROM since)::float8 AS since, extract(epoch FROM position)::float8 AS position FROM ${this.nameOf('stream_position')}`,
    )
    const other = rows.find(({ world }) => world !== this.source.world)
    if (other)
      throw new RetailError('foreign_world', `${this.location} holds other events`, {
        why: whoseEvents(other.world, this.source.world),
        hint: 'choose another schema: add ?schema=NAME to the address',
      })
    this.since = rows[0] && Number(rows[0].since)
    this.position = rows[0] && Number(rows[0].position)
  }

  private nameOf(table: FactName | 'stream_position'): string {
    return `${this.place.schema}.${table}`
  }

  private columnsOf(table: FactName): string {
    return columnsOf(tables[table], this.source.schema)
      .map(([name]) => `"${name}"`)
      .join(', ')
  }

  private busy(): RetailError {
    return new RetailError('busy', `another stream is writing to ${this.location}`, {
      why: 'two of them would write every event twice',
      hint: 'stop it, or choose another schema: add ?schema=NAME to the address',
    })
  }

  /** Errors that a later try would meet again, in PostgreSQL's codes. */
  private refusal(error: unknown): RetailError | undefined {
    const code = codeOf(error) ?? ''
    const failed = (as: 'not_allowed' | 'missing' | 'failed', message: string, hint: string) =>
      new RetailError(as, message, { why: (error as Error).message, hint, cause: error })
    if (!this.opened && isUnknownHost(error)) return unknownHost(this.location, error)
    if (/^28|^42501$/.test(code) || /password must be a string|SASL/.test((error as Error).message))
      return failed(
        'not_allowed',
        `${this.location} refuses the credentials`,
        'name the user in the address, and put the password into PGPASSWORD or ~/.pgpass',
      )
    if (code === '3D000')
      return failed('missing', `the database of ${this.location} does not exist`, 'create it: createdb')
    // Connections, shutdowns, resources, locks, and the operator: these pass.
    if (!/^[0-9A-Z]{5}$/.test(code) || /^(08|53|55|57|58|40)/.test(code)) return undefined
    return failed(
      'failed',
      `${this.location} refuses the rows`,
      `compare its tables with src/tables, or choose another schema: add ?schema=NAME to the address`,
    )
  }
}
