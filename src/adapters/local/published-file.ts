import os from 'node:os'
import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import type { Published } from '../../ports/index.ts'
import { sealed, unsealed } from '../../ports/sealed.ts'
import { errnoFrom, explainSystemError, firstLine, isDamage } from '../../system-errors.ts'
import { quote } from '../../tables/emit.ts'
import { type Database, openDatabase } from './duckdb.ts'
import { makeFolder, readIfThere, removeQuietly, replaceFile, temporaryName } from './files.ts'
import { mustBeFile, strangeKind } from './regular.ts'
import { checksumOfFile } from './seal.ts'

/**
 * The public database. We never open it directly: DuckDB's lock would keep other programs out, or theirs would keep us
 * out.
 */
export interface PublishedFile {
  /** Identifies this exact file; undefined if it does not exist. */
  fingerprint(): string | undefined
  /** What it records about itself; undefined if it does not exist. */
  about(): Promise<Published | undefined>
  /** Caches what was just published, and for which file, so that the next look needs no copy. */
  note(published: Published): void
  /** What was published, if every byte of the file is unchanged. */
  untouched(): Published | undefined
  /** Whether this very file, which was published, has other bytes now; false if nobody can tell. */
  isChanged(): boolean
  /** Names the file in an error about damage. */
  blame(error: unknown): unknown
  /** A private copy of the current file, removed when disposed; read-only unless the caller will change it. */
  openCopy(change?: boolean): Promise<Database>
}

/** Reading requires neither write permission nor free space here. */
const UNWRITABLE = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']

interface Note {
  file: string
  /** A checksum of its bytes, to see whether somebody has changed it. */
  sum?: string
  published: Published
}

export function publishedFile(location: string, folder: string, temporary: string): PublishedFile {
  const noteFile = path.join(folder, 'published.json')

  /** Also distinguishes the file from itself after somebody has written to it. */
  function fingerprint(): string | undefined {
    const stat = fs.statSync(location, { throwIfNoEntry: false, bigint: true })
    return stat && `${stat.ino}/${stat.size}/${stat.mtimeNs}`
  }

  async function openCopy(change = false): Promise<Database> {
    const { folder: scratch, file: copy } = copyAside()
    const remove = () => {
      for (const place of scratch ? [scratch] : [copy, `${copy}.wal`]) removeQuietly(place)
    }
    try {
      const database = await openDatabase(copy, { readOnly: !change, temporary: path.dirname(copy) })
      return {
        ...database,
        query: (sql) => database.query(sql).catch((error) => Promise.reject(blame(error, copy))) as never,
        keep: (name, sql) => database.keep(name, sql).catch((error) => Promise.reject(blame(error, copy))),
        async [Symbol.asyncDispose]() {
          await database[Symbol.asyncDispose]()
          remove()
        },
      }
    } catch (error) {
      remove()
      if (error instanceof RetailError || errnoFrom(error) !== undefined)
        throw explainSystemError(error, `opening a copy of ${location}`)
      const why = firstLine(error).replaceAll(copy, location)
      throw isStrange(location) ? foreign(location, why) : damagedDatabase(location, why)
    }
  }

  /** In the workspace, where a copy may be free; if that is read-only or full, in the system's temporary folder. */
  function copyAside(): { folder: string | undefined; file: string } {
    const copyTo = (file: string) => fs.copyFileSync(location, file, fs.constants.COPYFILE_FICLONE)
    const file = temporaryName(temporary)
    mustBeFile(location)
    try {
      makeFolder(temporary)
      copyTo(file)
      return { folder: undefined, file }
    } catch (error) {
      removeQuietly(file)
      if (!UNWRITABLE.includes(errnoFrom(error) ?? '')) throw explainSystemError(error, `reading ${location}`)
    }
    const folder = path.join(os.tmpdir(), `retail-copy-${path.basename(file)}`)
    try {
      fs.mkdirSync(folder, { mode: 0o700 })
      copyTo(path.join(folder, 'retail.duckdb'))
      return { folder, file: path.join(folder, 'retail.duckdb') }
    } catch (error) {
      removeQuietly(folder)
      throw explainSystemError(error, `reading ${location}`)
    }
  }

  /** The content of a part is checked elsewhere, and that message names the part. */
  function blame(error: unknown, copy = location): unknown {
    if (!isDamage(error) || /\.parquet/.test(String(error))) return error
    return damagedDatabase(location, firstLine(error).replaceAll(copy, location))
  }

  /** A cache: without it, the file itself is read. */
  function noted(): Note | undefined {
    try {
      return unsealed<Note>(readIfThere(noteFile))
    } catch {
      // The file itself is read.
      return undefined
    }
  }

  return {
    fingerprint,
    openCopy,
    blame,

    untouched() {
      const note = noted()
      if (note?.sum === undefined || strangeKind(location) !== undefined || fingerprint() === undefined)
        return undefined
      return checksumOfFile(location) === note.sum ? note.published : undefined
    },

    isChanged() {
      const note = noted()
      if (note?.sum === undefined || strangeKind(location) !== undefined) return false
      // Another file by the same name is another publish, or a copy.
      return note.file.split('/')[0] === fingerprint()?.split('/')[0] && checksumOfFile(location) !== note.sum
    },

    async about() {
      const file = fingerprint()
      if (!file) return undefined
      const note = noted()
      if (note?.file === file) return note.published
      await using database = await openCopy()
      const published = await recall<Published>(database)
      if (!published) throw foreign(location, 'it has no record of a publish')
      return published
    },

    note(published) {
      const file = fingerprint()
      if (file) replaceFile(noteFile, sealed({ file, sum: checksumOfFile(location), published } satisfies Note))
    },
  }
}

/**
 * DuckDB writes this magic into each of its files. A file without it, and with content, may be valuable to somebody.
 */
export function isStrange(file: string): boolean {
  if (strangeKind(file) !== undefined) return true
  const size = fs.statSync(file, { throwIfNoEntry: false })?.size ?? 0
  if (size === 0) return false
  const fd = fs.openSync(file, 'r')
  try {
    const head = Buffer.alloc(12)
    fs.readSync(fd, head, 0, head.length, 0)
    return head.toString('latin1', 8) !== 'DUCK'
  } finally {
    fs.closeSync(fd)
  }
}

export const foreign = (file: string, why: string): RetailError =>
  new RetailError('foreign_world', `${file} is not a retail database`, {
    why,
    hint: advise`${retail('repair')} moves it aside and rebuilds the database from the lake; or choose another name with local.database in retail.yaml`,
  })

export const damagedDatabase = (file: string, why: string): RetailError =>
  new RetailError('damaged', `${file} is damaged`, {
    why,
    hint: advise`${retail('repair')} rebuilds it from the lake`,
  })

/** The table that lists what the user's project made. */
export const OWN = 'own'

/** Stores in a database what it is: one row of JSON. */
export async function remember(database: Database, what: object, table = 'published'): Promise<void> {
  await database.run('CREATE SCHEMA IF NOT EXISTS meta')
  await database.run(`CREATE OR REPLACE TABLE meta.${table} AS SELECT ${quote(JSON.stringify(what))} AS about`)
}

export async function recall<T>(database: Database, table = 'published'): Promise<T | undefined> {
  const tables = await database.query(
    `SELECT 1 AS found FROM duckdb_tables() WHERE schema_name = 'meta' AND table_name = '${table}'`,
  )
  if (tables.length === 0) return undefined
  const [row] = await database.query<{ about: string }>(`SELECT about FROM meta.${table}`)
  return row && (JSON.parse(row.about) as T)
}
