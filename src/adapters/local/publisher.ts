import path from 'node:path'
import { fs } from '../../disk.ts'
import { unlessUnusable } from '../../errors.ts'
import type { Cut, Lake, OwnMade, Published } from '../../ports/index.ts'
import { explainSystemError } from '../../system-errors.ts'
import { makeFolder, namesIn, removeQuietly, syncFile, syncFolder, temporaryName } from './files.ts'
import type { LakeContents } from './lake-content.ts'
import { commitTables } from './lake-tables.ts'
import { isAlive } from './owners.ts'
import type { PrivateDatabases } from './private-databases.ts'
import { OWN, type PublishedFile, recall, remember } from './published-file.ts'
import { strangeKind } from './regular.ts'
import { sealFile } from './seal.ts'
import { setAside } from './set-aside.ts'
import { rawViews } from './views.ts'

/**
 * Makes a database from `base` (none: an empty one) with raw as the lake is now, and renames it into place. `keep`: it
 * also becomes the next private copy with marts. The caller holds the publish lock.
 */
export type Publisher = (base: string | undefined, martsCut: Cut | undefined, keep: boolean) => Promise<Published>

export function publisherOf({
  lake,
  location,
  marts,
  temporary,
  people,
  readAndKeep,
  edit,
}: {
  lake: Lake
  /** The public database. */
  location: string
  /** The private copy with marts. */
  marts: string
  temporary: string
  people: PublishedFile
} & Pick<LakeContents, 'readAndKeep'> &
  Pick<PrivateDatabases, 'edit'>): Publisher {
  return async (base, martsCut, keep) => {
    const view = await readAndKeep(true)
    // Published parts that no longer exist count as missing; they are not forgotten.
    const before = await unlessUnusable(people.about())
    const history = Math.max(view.cut.history, before?.world === view.world ? before.raw.history : 0)
    const published: Published = {
      world: view.world,
      lake: lake.location,
      generation: view.layout.generation,
      raw: { ...view.cut, history },
      marts: martsCut,
    }
    makeFolder(temporary)
    sweepCopies(temporary)
    makeFolder(path.dirname(location))
    // Beside the file that it will replace: a rename is atomic only within one file system.
    const beside = path.join(path.dirname(location), `.${path.basename(location)}.tmp`)
    for (const left of [beside, `${beside}.wal`]) makeRoom(left)
    try {
      if (base) fs.copyFileSync(base, beside, fs.constants.COPYFILE_FICLONE)
      await edit(beside, async (database) => {
        for (const statement of rawViews(view)) await database.run(statement)
        published.panels = (await recall<OwnMade>(database, OWN))?.panels
        await remember(database, published)
      })
      if (keep) {
        const copy = temporaryName(temporary)
        fs.copyFileSync(beside, copy, fs.constants.COPYFILE_FICLONE)
        syncFile(copy)
        fs.renameSync(copy, marts)
        syncFolder(path.dirname(marts))
        sealFile(marts)
      }
      // A leftover write-ahead log belongs to the file that is being replaced.
      makeRoom(`${location}.wal`)
      fs.renameSync(beside, location)
      syncFolder(path.dirname(location))
      people.note(published)
      await commitTables(view)
    } catch (error) {
      removeQuietly(beside)
      throw explainSystemError(error, `publishing ${location}`)
    }
    return published
  }
}

/** Removes a file that is in the way; anything else keeps its content elsewhere. */
function makeRoom(file: string): void {
  if (strangeKind(file) === undefined) fs.rmSync(file, { force: true })
  else setAside(path.dirname(file), file)
}

/** Copies whose process was killed; their names begin with its pid. */
function sweepCopies(folder: string): void {
  for (const name of namesIn(folder)) {
    const pid = /^(\d+)-/.exec(name)
    if (pid && !isAlive(Number(pid[1]))) fs.rmSync(path.join(folder, name), { recursive: true, force: true })
  }
}
