import pg from 'pg'
import type { PostgresPlace } from '../../config/where.ts'
import { RetailError } from '../../errors.ts'
import { codeOf, isUnknownHost, OPENING_MS, Patience, unknownHost } from './patience.ts'

const CONNECT_MS = 5_000
/** Who else holds the lock may be the dying session of a command that was killed. */
const LOCK_MS = 2_000

export interface SessionOptions {
  /** As `pg_stat_activity` shows it. */
  name: string
  /**
   * A stream of all stores writes alone. The sessions of a group share the tables with each other and with nobody else,
   * such as the workers of a backfill. Of a member, such as a shard of a stream, there is one session.
   */
  lock: 'alone' | { group: string; member?: string }
  signal: AbortSignal | undefined
  /** After each connection, before any work. `first`: the session has not been opened yet. */
  prepare: (client: pg.Client, first: boolean) => Promise<void>
}

/** A connection that has the lock of a schema, and is made again when it fails. */
export class PostgresSession implements AsyncDisposable {
  private readonly place: PostgresPlace
  private readonly options: SessionOptions
  private readonly patience: Patience
  private client: pg.Client | undefined
  private opened = false

  constructor(place: PostgresPlace, options: SessionOptions) {
    this.place = place
    this.options = options
    this.patience = new Patience(place.location, options.signal, (error) => this.refusal(error))
  }

  get trouble(): string | undefined {
    return this.patience.trouble
  }

  async open(): Promise<void> {
    await this.patience.keepTrying(() => this.connected(), OPENING_MS)
    this.opened = true
  }

  /**
   * Does some work, and repeats it on a new connection after a failure that may pass. Whether a COMMIT that got no answer
   * took effect is only known to the database: the work must begin by asking it.
   */
  async run<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    return await this.patience.keepTrying(async () => {
      const client = await this.connected()
      try {
        return await work(client)
      } catch (error) {
        await this.disconnect()
        throw error
      }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.patience.end()
    await this.disconnect()
  }

  busy(): RetailError {
    return new RetailError('busy', `another command is writing to ${this.place.location}`, {
      why: 'two of them would write rows twice',
      hint: 'stop it, or choose another schema: add ?schema=NAME to the address',
    })
  }

  /** The connection, which has the lock; a new one if the last one failed. */
  private async connected(): Promise<pg.Client> {
    if (this.client) return this.client
    const client = new pg.Client({
      connectionString: this.place.url,
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      application_name: this.options.name,
    })
    this.client = client
    // The query in progress rejects, too; a connection that fails while it is idle fails the next query.
    client.on('error', () => {})
    try {
      await client.connect()
      await this.lock(client)
      await this.options.prepare(client, !this.opened)
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
    const { lock } = this.options
    const own = `retail ${this.place.schema}`
    const take = async (key: string, shared: boolean) =>
      await isTrue(client, `pg_try_advisory_lock${shared ? '_shared' : ''}(${KEY})`, [key])
    const all = async () => {
      if (lock === 'alone') return await take(own, false)
      const { group, member } = lock
      // Whoever takes the second lock later sees the other group.
      const ours = `${own} ${group}`
      if (!((await take(ours, true)) && (await take(own, true)))) return false
      if (member !== undefined && !(await take(`${ours} ${member}`, false))) return false
      return !(await isTrue(client, OTHERS, [ours, own]))
    }
    while (!(await all())) {
      // Locks add up: those that this session has, it would take a second time.
      await client.query('SELECT pg_advisory_unlock_all()')
      if (performance.now() - began < LOCK_MS) await new Promise((resolve) => setTimeout(resolve, 50))
      else if (this.opened) throw new Error('the session that was lost still has the lock')
      else throw this.busy()
    }
  }

  /** Errors that a later try would meet again, in PostgreSQL's codes. */
  private refusal(error: unknown): RetailError | undefined {
    const code = codeOf(error) ?? ''
    const { location } = this.place
    const failed = (as: 'not_allowed' | 'missing' | 'refused', message: string, hint: string) =>
      new RetailError(as, message, { why: (error as Error).message, hint, cause: error })
    if (!this.opened && isUnknownHost(error)) return unknownHost(location, error)
    if (code === '42501')
      return failed(
        'not_allowed',
        `${location} does not allow its user to write`,
        `ask the owner of the database for rights: USAGE on the schema ${this.place.schema}, and SELECT, INSERT, and UPDATE on its tables; or CREATE on the database, if the schema does not exist`,
      )
    if (/does not support SSL/.test((error as Error).message))
      return failed('missing', `${location} does not encrypt connections`, 'omit sslmode, or turn on ssl in the server')
    if (/CERT|SELF_SIGNED|UNABLE_TO/.test(String(Object(error).code)))
      return failed(
        'not_allowed',
        `the certificate of ${location} is not trusted`,
        'name the certificate of its authority: add sslrootcert=FILE to the address',
      )
    if (/^28/.test(code) || /password must be a string|SASL/.test((error as Error).message))
      return failed(
        'not_allowed',
        `${location} refuses the credentials`,
        'name the user in the address, and put the password into PGPASSWORD or ~/.pgpass',
      )
    if (code === '3D000')
      return failed(
        'missing',
        `the database of ${location} does not exist`,
        `create it: createdb --maintenance-db='${maintenanceOf(this.place.url)}' ${databaseOf(this.place.url)}`,
      )
    // Connections, shutdowns, resources, locks, and the operator: these pass.
    if (!/^[0-9A-Z]{5}$/.test(code) || /^(08|53|55|57|58|40)/.test(code)) return undefined
    return failed(
      'refused',
      `${location} refuses the rows`,
      'compare its tables with src/tables, or choose another schema: add ?schema=NAME to the address',
    )
  }
}

const KEY = 'hashtextextended($1, 0)'
/** Whether a session has the second lock without the first one. */
const OTHERS = `EXISTS (
  WITH taken AS (
    SELECT pid, (classid::bigint << 32) | objid::bigint AS key FROM pg_locks
    WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
  SELECT FROM taken WHERE key = hashtextextended($2, 0) AND pid NOT IN (SELECT pid FROM taken WHERE key = ${KEY}))`

const isTrue = async (client: pg.Client, condition: string, values: string[]): Promise<boolean> =>
  (await client.query<{ it: boolean }>(`SELECT ${condition} AS it`, values)).rows[0].it

const databaseOf = (url: string): string => decodeURIComponent(new URL(url).pathname.slice(1))

/** The address of the database that every server has. */
function maintenanceOf(url: string): string {
  const { protocol, username, host } = new URL(url)
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}/postgres`
}
