import { clock } from '../../clock.ts'
import { fs } from '../../disk.ts'
import { errnoFrom } from '../../system-errors.ts'
import { type Database, openDatabase } from './duckdb.ts'
import { syncFile } from './files.ts'
import { strangeKind } from './regular.ts'
import { movedAside, setAside } from './set-aside.ts'
import { soundDatabase } from './sound-database.ts'

const PATIENCE_MS = 5_000
const isLocked = (error: unknown): boolean => /conflicting lock/i.test(String(error))
export const REMOVED = 'removed'

/** The databases that only we write; the public file is a copy of one of them. */
export interface PrivateDatabases {
  /** Opens one to change it; it is synced when the work is done. */
  edit(file: string, work: (database: Database) => Promise<void>): Promise<void>
  /**
   * What a database records about itself. An unusable one is dropped: marts are published only from a sound database.
   */
  soundOrNothing<T extends { world: string }>(file: string, world: string): Promise<T | undefined>
  /** Removes one as soon as no process of a killed command writes into it or beside it. */
  discardPatiently(file: string): Promise<void>
  /** Removes one and reports what was done. Anything that is not a file keeps its content. */
  discard(file: string): string
}

export function privateDatabases(folder: string, temporary: string): PrivateDatabases {
  async function edit(file: string, work: (database: Database) => Promise<void>): Promise<void> {
    {
      await using database = await openPatiently(file)
      await work(database)
      await database.run('CHECKPOINT')
    }
    syncFile(file)
  }

  /** After `retail transform` is killed, its dbt ends by itself a moment later; until then it holds the file. */
  async function openPatiently(file: string): Promise<Database> {
    for (const start = clock.elapsed(); ; await clock.sleep(50)) {
      try {
        return await openDatabase(file, { temporary })
      } catch (error) {
        if (!isLocked(error) || clock.elapsed() - start > PATIENCE_MS) throw error
      }
    }
  }

  async function soundOrNothing<T extends { world: string }>(file: string, world: string): Promise<T | undefined> {
    const { about, damage } = await soundDatabase<T>(file, world, openPatiently)
    if (damage?.kind === 'foreign') setAside(folder, file)
    else if (damage) discard(file)
    return about
  }

  async function discardPatiently(file: string): Promise<void> {
    if (strangeKind(file) === undefined && fs.existsSync(file)) {
      try {
        await (await openPatiently(file))[Symbol.asyncDispose]()
      } catch (error) {
        // Whatever else is wrong with it goes with it.
        if (errnoFrom(error) !== undefined || isLocked(error)) throw error
      }
    }
    discard(file)
  }

  function discard(file: string): string {
    if (strangeKind(file) !== undefined) return movedAside(setAside(folder, file))
    for (const each of [file, `${file}.wal`]) fs.rmSync(each, { force: true })
    return REMOVED
  }

  return { edit, soundOrNothing, discardPatiently, discard }
}
