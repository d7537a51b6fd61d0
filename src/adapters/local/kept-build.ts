import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import type { Cut } from '../../ports/index.ts'
import { type Database, openDatabase } from './duckdb.ts'
import { syncFolder } from './files.ts'
import type { PrivateDatabases } from './private-databases.ts'
import { recall, remember } from './published-file.ts'
import { checksumOfFile, sealFile } from './seal.ts'

/** What a build is built from. */
export interface BuildAbout {
  cut: Cut
  /** From nothing. */
  whole: boolean
  /** Because somebody asked for it. */
  asked: boolean
  /** Those that changed, or `all`. */
  days: string
  since: number
  /** Only some models. */
  part: boolean
}

interface Kept {
  run: string
  /** The published marts that it started from. */
  base: string
  about: BuildAbout
  note: unknown
}

/** The table of a build, and of the marts that a run has published, which says whose they are. */
const RUN = 'run'

/**
 * The build of a run, between its commands. A command works in a copy of it, and replaces it in one rename: so a command that
 * was killed, or whose test failed, leaves it unchanged. Any other build leaves it alone, and makes it useless by a publish.
 */
export interface KeptBuild {
  /** Copies it to a file; undefined if it is not of this run or cannot be used. `isOld`: other marts were published since it began. */
  open(
    to: string,
    run: string,
    world: string,
  ): Promise<{ about: BuildAbout; note: unknown; isOld: boolean } | undefined>
  /** Replaces it by this file. */
  keep(from: string, run: string, about: BuildAbout, note: object): Promise<void>
  discard(): void
  notePublished(database: Database, run: string): Promise<void>
  forgetPublished(database: Database): Promise<void>
  /** Whether the marts in this file are those of the run. */
  isPublished(file: string, run: string): Promise<boolean>
}

export function keptBuild(
  file: string,
  marts: string,
  temporary: string,
  { edit, soundOrNothing, discard }: PrivateDatabases,
): KeptBuild {
  const baseNow = () => (fs.existsSync(marts) ? checksumOfFile(marts) : '')

  async function read(from: string): Promise<Kept | undefined> {
    await using database = await openDatabase(from, { readOnly: true, temporary })
    return await recall<Kept>(database, RUN)
  }

  return {
    async open(to, run, world) {
      if (!(await soundOrNothing(file, world))) return undefined
      const kept = await read(file)
      if (kept?.run !== run) return undefined
      fs.copyFileSync(file, to, fs.constants.COPYFILE_FICLONE)
      return { ...kept, isOld: kept.base !== baseNow() }
    },
    async keep(from, run, about, note) {
      // Whoever holds the lock of the build is the only one that could publish marts.
      const kept: Kept = { run, base: baseNow(), about, note }
      await edit(from, (database) => remember(database, kept, RUN))
      fs.renameSync(from, file)
      syncFolder(path.dirname(file))
      sealFile(file)
    },
    discard: () => void discard(file),
    notePublished: (database, run) => remember(database, { run }, RUN),
    forgetPublished: (database) => database.run(`DROP TABLE IF EXISTS meta.${RUN}`),
    isPublished: async (of, run) => (await read(of))?.run === run,
  }
}

export const notBegun = (run: string): RetailError =>
  new RetailError('refused', `there is no build of the run ${run}`, {
    why: 'it was not started, or another run has started since',
    hint: advise`begin it: ${retail('transform', '--run', run, '--begin')}`,
  })

export const outdated = (run: string, why: string): RetailError =>
  new RetailError('refused', `what the run ${run} has built is out of date`, {
    why,
    hint: advise`begin it again, then build its models: ${retail('transform', '--run', run, '--begin')}`,
  })
