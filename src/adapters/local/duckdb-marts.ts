import type { DuckDBConnection } from '@duckdb/node-api'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import { compileStatement, type Marts, type Published } from '../../ports/index.ts'
import { type Database, rowsOf } from './duckdb.ts'
import { duckdbDialect } from './duckdb-dialect.ts'
import { foreign, type PublishedFile, recall } from './published-file.ts'

/** A private copy of one published file, closed when it is outdated and no query uses it. */
interface Copy {
  fingerprint: string
  database: Database
  published: Published
  idle: DuckDBConnection[]
  asking: number
  old: boolean
}

/**
 * The marts of the current `retail.duckdb`. Each published file is copied once (a few milliseconds) and queried any
 * number of times, so a request opens no file, and our connection never locks out another program.
 */
export function duckdbMarts(location: string, people: PublishedFile): Marts {
  let current: Promise<Copy> | undefined
  let fingerprint: string | undefined

  async function open(of: string): Promise<Copy> {
    const database = await people.openCopy()
    try {
      const published = await recall<Published>(database)
      if (!published) throw foreign(location, 'it has no record of a publish')
      return { fingerprint: of, database, published, idle: [], asking: 0, old: false }
    } catch (error) {
      await database[Symbol.asyncDispose]()
      throw error
    }
  }

  async function latest(): Promise<Copy> {
    const now = people.fingerprint()
    if (!now) throw nothingPublished(location)
    if (current === undefined || now !== fingerprint) {
      const before = current
      const opening = open(now)
      fingerprint = now
      current = opening
      // Whoever asked gets the error; the next question opens it again.
      opening.catch(() => {
        if (current === opening) current = undefined
      })
      void before?.then(retire, () => {})
    }
    return await current
  }

  return {
    location,
    keepMs: undefined,
    version: async () => people.fingerprint(),
    published: async () => (await latest()).published,

    async query(statement, signal) {
      let copy = await latest()
      // It may have been closed between lookup and query.
      while (copy.old) copy = await latest()
      copy.asking++
      const connection = copy.idle.pop() ?? (await copy.database.connect())
      const interrupt = () => connection.interrupt()
      signal?.addEventListener('abort', interrupt, { once: true })
      try {
        signal?.throwIfAborted()
        const { text, values } = compileStatement(statement, duckdbDialect)
        const reader = await connection.runAndReadAll(text, values)
        return { rows: rowsOf(reader), bytesBilled: undefined }
      } catch (error) {
        throw explainError(people.blame(error))
      } finally {
        signal?.removeEventListener('abort', interrupt)
        copy.idle.push(connection)
        copy.asking--
        if (copy.old) await retire(copy)
      }
    },

    async [Symbol.asyncDispose]() {
      const last = current
      current = undefined
      await last?.then(retire, () => {})
    },
  }
}

async function retire(copy: Copy): Promise<void> {
  copy.old = true
  if (copy.asking === 0) await copy.database[Symbol.asyncDispose]()
}

export const nothingPublished = (location: string): RetailError =>
  new RetailError('missing', `the database ${location} does not exist yet`, {
    hint: advise`run ${retail('seed-dims')} and ${retail('backfill')}`,
  })

function explainError(error: unknown): unknown {
  if (!/^Catalog Error: Table with name \S+ does not exist/.test(String((error as Error)?.message))) return error
  return new RetailError('missing', 'the marts do not exist yet, or are from an older version', {
    hint: advise`run ${retail('transform')}`,
    cause: error,
  })
}
