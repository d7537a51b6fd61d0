import fs from 'node:fs'
import path from 'node:path'
import { RetailError } from '../../errors.ts'
import type { Published } from '../../ports/index.ts'
import { quote } from '../../tables/emit.ts'
import { type Database, openDatabase } from './duckdb.ts'
import { makeFolder, readIfThere, replaceFile, temporaryName } from './files.ts'

/** The database that people open. We never open it ourselves: DuckDB's lock would keep them out, or theirs us. */
export interface PublishedFile {
  /** Tells this very file from any other; undefined when it is not there. */
  fingerprint(): string | undefined
  /** What it says of itself; undefined when it is not there. */
  about(): Promise<Published | undefined>
  /** Keeps what was just published, and of which file, so that the next look needs no copy. */
  note(published: Published): void
  /** A private copy as it is now, removed when disposed. */
  openCopy(): Promise<Database>
}

interface Note {
  file: string
  published: Published
}

export function publishedFile(location: string, folder: string, temporary: string): PublishedFile {
  const noteFile = path.join(folder, 'published.json')

  /** Also tells it from itself after somebody wrote into it. */
  function fingerprint(): string | undefined {
    const stat = fs.statSync(location, { throwIfNoEntry: false, bigint: true })
    return stat && `${stat.ino}/${stat.size}/${stat.mtimeNs}`
  }

  async function openCopy(): Promise<Database> {
    makeFolder(temporary)
    const copy = temporaryName(temporary)
    try {
      fs.copyFileSync(location, copy, fs.constants.COPYFILE_FICLONE)
      const database = await openDatabase(copy, { readOnly: true, temporary })
      return {
        ...database,
        async [Symbol.asyncDispose]() {
          await database[Symbol.asyncDispose]()
          fs.rmSync(copy, { force: true })
        },
      }
    } catch (error) {
      fs.rmSync(copy, { force: true })
      throw foreign(location, String(error).split('\n')[0].replaceAll(copy, location))
    }
  }

  return {
    fingerprint,
    openCopy,

    async about() {
      const file = fingerprint()
      if (!file) return undefined
      const note = parse<Note>(readIfThere(noteFile))
      if (note?.file === file) return note.published
      await using database = await openCopy()
      const published = await recall<Published>(database)
      if (!published) throw foreign(location, 'it holds no record of a publish')
      return published
    },

    note(published) {
      const file = fingerprint()
      if (file) replaceFile(noteFile, JSON.stringify({ file, published } satisfies Note))
    },
  }
}

function parse<T>(bytes: Buffer | undefined): T | undefined {
  try {
    return bytes && (JSON.parse(bytes.toString()) as T)
  } catch {
    return undefined
  }
}

export const foreign = (file: string, why: string): RetailError =>
  new RetailError('foreign_world', `${file} is not a database of ours, or is damaged`, {
    why,
    hint: 'move it away and run `retail backfill`: it is made anew from the lake',
  })

/** Keeps in a database what it is: one row of JSON. */
export async function remember(database: Database, what: object): Promise<void> {
  await database.run('CREATE SCHEMA IF NOT EXISTS meta')
  await database.run(`CREATE OR REPLACE TABLE meta.published AS SELECT ${quote(JSON.stringify(what))} AS about`)
}

export async function recall<T>(database: Database): Promise<T | undefined> {
  const tables = await database.query(
    "SELECT 1 AS found FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = 'published'",
  )
  if (tables.length === 0) return undefined
  const [row] = await database.query<{ about: string }>('SELECT about FROM meta.published')
  return row && (JSON.parse(row.about) as T)
}
