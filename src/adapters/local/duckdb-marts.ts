import type { DuckDBConnection } from '@duckdb/node-api'
import { RetailError } from '../../errors.ts'
import type { Marts, Published } from '../../ports/index.ts'
import { type Database, rowsOf } from './duckdb.ts'
import { foreign, type PublishedFile, recall } from './published-file.ts'

/** A private copy of one published file, closed when it is out of date and nobody asks it any more. */
interface Copy {
  fingerprint: string
  database: Database
  published: Published
  idle: DuckDBConnection[]
  asking: number
  old: boolean
}

/**
 * The marts of `retail.duckdb`, whichever file has that name. Each published file is copied once (a few milliseconds) and asked
 * as often as need be, so a request costs no opening, and nobody who opens the file himself is kept out by us.
 */
export function duckdbMarts(location: string, people: PublishedFile): Marts {
  let current: Promise<Copy> | undefined
  let fingerprint: string | undefined

  async function open(of: string): Promise<Copy> {
    const database = await people.openCopy()
    try {
      const published = await recall<Published>(database)
      if (!published) throw foreign(location, 'it holds no record of a publish')
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

    async query({ sql, parameters }, signal) {
      let copy = await latest()
      // It may have been closed between being found and being asked.
      while (copy.old) copy = await latest()
      copy.asking++
      const connection = copy.idle.pop() ?? (await copy.database.connect())
      const interrupt = () => connection.interrupt()
      signal?.addEventListener('abort', interrupt, { once: true })
      try {
        signal?.throwIfAborted()
        const names = new Set([...sql.matchAll(/@(\w+)/g)].map(([, name]) => name))
        const bound = Object.fromEntries(Object.entries(parameters).filter(([name]) => names.has(name)))
        const reader = await connection.runAndReadAll(sql.replaceAll(/@(\w+)/g, '$$$1'), bound)
        return { rows: rowsOf(reader), bytesBilled: undefined }
      } catch (error) {
        throw explain(error)
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
  new RetailError('missing', `there is no database ${location} yet`, {
    hint: 'run `retail seed-dims` and `retail backfill`',
  })

function explain(error: unknown): unknown {
  if (!/^Catalog Error: Table with name \S+ does not exist/.test(String((error as Error)?.message))) return error
  return new RetailError('missing', 'the marts are not there yet, or are of an older version', {
    hint: 'run `retail transform`',
    cause: error,
  })
}
