import pg from 'pg'
import { withoutSecrets } from '../../config/without-secrets.ts'
import { errnoOf, RetailError } from '../../errors.ts'
import type { Relation } from '../../ports/index.ts'
import { postgresDialect as dialect, FAMILIES } from './postgres-dialect.ts'

const CONNECT_MS = 10_000
const ROWS_AT_ONCE = 10_000

/**
 * A table of PostgreSQL: `postgres://USER@HOST:PORT/DATABASE.SCHEMA.TABLE`. All queries see one snapshot of it, in one
 * transaction that can only read.
 */
export async function openPostgresTable(address: string): Promise<Relation> {
  const { url, table } = placeOf(address)
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_MS,
    application_name: 'retail-grade',
  })
  // The query in progress rejects, too.
  client.on('error', () => {})
  const explained = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      throw explain(error, address)
    }
  }
  try {
    return await explained(async () => {
      await client.connect()
      await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL TIME ZONE 'UTC'")
      const from = table.map(dialect.column).join('.')
      const { fields } = await client.query(`SELECT * FROM ${from} LIMIT 0`)
      const { rows: types } = await client.query<{ oid: number; name: string }>(
        'SELECT oid::int AS oid, format_type(oid, NULL) AS name FROM pg_type WHERE oid = ANY ($1)',
        [fields.map(({ dataTypeID }) => dataTypeID)],
      )
      return {
        name: address,
        from,
        columns: fields.map(({ name, dataTypeID }) => ({
          name,
          type: types.find(({ oid }) => oid === dataTypeID)?.name ?? 'unknown',
          family: FAMILIES[dataTypeID] ?? 'other',
        })),
        dialect,
        query: (sql) => rowsOf(client, sql, (error) => explain(error, address)),
        keep: async (name, sql) => `(${sql}) AS ${name}`,
        // The query in progress rejects; it ends itself when the connection is gone.
        stop: () => void client.end().catch(() => {}),
        unreadable: async () => 0,
        without: async () => [],
        [Symbol.asyncDispose]: async () => await client.end(),
      }
    })
  } catch (error) {
    // It may never have been connected.
    await client.end().catch(() => {})
    throw error
  }
}

async function* rowsOf(
  client: pg.Client,
  sql: string,
  explained: (error: unknown) => unknown,
): AsyncGenerator<unknown[][]> {
  try {
    await client.query(`DECLARE graded NO SCROLL CURSOR FOR ${sql}`)
    for (;;) {
      const { rows, fields } = await client.query<unknown[]>({
        text: `FETCH ${ROWS_AT_ONCE} FROM graded`,
        rowMode: 'array',
      })
      if (rows.length > 0) yield fields.map((_, column) => rows.map((row) => row[column]))
      if (rows.length < ROWS_AT_ONCE) break
    }
    await client.query('CLOSE graded')
  } catch (error) {
    throw explained(error)
  }
}

/** The last part of the path names the table after the database. */
function placeOf(address: string): { url: string; table: string[] } {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const [database, ...table] = decodeURIComponent(url?.pathname.slice(1) ?? '').split('.')
  const shown = withoutSecrets(address)
  const refused = (message: string, why: string, hint: string) => new RetailError('bad_flag', message, { why, hint })
  if (!url || !database || table.length < 1 || table.length > 2)
    throw refused(
      `${shown} names no table of PostgreSQL`,
      'the form is postgres://USER@HOST:PORT/DATABASE.SCHEMA.TABLE',
      'add the schema and the table: postgres://localhost/shop.public.sales',
    )
  if (url.password !== '' || url.searchParams.has('password'))
    throw refused(
      `${shown} contains a password`,
      'a command line is visible to every user of the machine',
      'put the password into PGPASSWORD, or into ~/.pgpass',
    )
  // The client checks the certificate in these modes, too, and warns unless the mode says so.
  if (['prefer', 'require', 'verify-ca'].includes(url.searchParams.get('sslmode') ?? ''))
    url.searchParams.set('sslmode', 'verify-full')
  url.pathname = `/${database}`
  return { url: url.href, table }
}

function explain(error: unknown, address: string): unknown {
  if (error instanceof RetailError) return error
  const code = errnoOf(error) ?? ''
  const why = error instanceof Error ? error.message || code : String(error)
  if (code === '42501')
    return new RetailError('not_allowed', `${address} does not allow its user to read it`, {
      why,
      hint: 'ask its owner for rights: USAGE on the schema, and SELECT on the table',
      cause: error,
    })
  if (/^28/.test(code) || /SASL|password/.test(why))
    return new RetailError('not_allowed', `${address} refuses the credentials`, {
      why,
      hint: 'name the user in the address, and put the password into PGPASSWORD or ~/.pgpass',
      cause: error,
    })
  return new RetailError('missing', `${address} cannot be read`, {
    why,
    hint: 'check the host, the database, the schema, and the table',
    cause: error,
  })
}
