import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config/schema.ts'
import { explainSystemError, RetailError } from '../../errors.ts'
import {
  type Build,
  type Cut,
  coverOf,
  type Lake,
  type Published,
  type Warehouse,
  type Workspace,
} from '../../ports/index.ts'
import { formatSecond, parseDay, SECONDS_PER_DAY } from '../../time.ts'
import { cores, type Database, memoryLimitMb, openDatabase } from './duckdb.ts'
import { duckdbMarts, nothingPublished } from './duckdb-marts.ts'
import { makeFolder, namesIn, syncFile, syncFolder, temporaryName } from './files.ts'
import { folderFeed } from './folder-feed.ts'
import { isAlive } from './lock.ts'
import { publishedFile, recall, remember } from './published-file.ts'
import { rollBatches } from './roll.ts'
import { type LakeView, rawViews } from './views.ts'

const PATIENCE_MS = 5_000

/**
 * `retail.duckdb`: made anew and renamed into place at every publish, so nobody ever waits for it. It is made from a private copy
 * that only a successful transform replaces; whatever a reader does to the file people open cannot reach the next one.
 */
export function duckdbWarehouse(config: Config, lake: Lake, workspace: Workspace): Warehouse {
  const location = path.resolve(config.workspace, config.local.database)
  const marts = path.join(workspace.folder, 'marts.duckdb')
  const buildFile = path.join(workspace.folder, 'build.duckdb')
  const temporary = path.join(workspace.folder, 'tmp')
  const people = publishedFile(location, workspace.folder, temporary)

  async function look(follow: boolean): Promise<LakeView & { world: string; cut: Cut }> {
    const layout = await lake.layout()
    const identity = await lake.identity()
    const from = parseDay(identity?.historyFrom ?? config.history.from)!
    const cover = coverOf(layout, from, identity?.blocks ?? 1)
    if (!identity) cover.history = cover.live = from * SECONDS_PER_DAY
    const cut = { history: cover.history, live: cover.live }
    return {
      root: lake.location,
      schema: config.world.schema,
      layout,
      cover,
      follow,
      world: identity?.world ?? '',
      cut,
    }
  }

  /** A database made of `base` (none: an empty one) with raw as the lake is now, renamed into place. Holds the publish lock. */
  async function replace(base: string | undefined, martsCut: Cut | undefined, keep: boolean): Promise<Published> {
    const view = await look(true)
    // Parts that were published and are gone are missed, not forgotten.
    const before = await people.about().catch(() => undefined)
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
    // Beside the file it will replace: a rename is atomic on one file system only.
    const beside = path.join(path.dirname(location), `.${path.basename(location)}.tmp`)
    for (const left of [beside, `${beside}.wal`]) fs.rmSync(left, { force: true })
    try {
      if (base) fs.copyFileSync(base, beside, fs.constants.COPYFILE_FICLONE)
      await edit(beside, async (database) => {
        for (const statement of rawViews(view)) await database.run(statement)
        await remember(database, published)
      })
      if (keep) {
        const copy = temporaryName(temporary)
        fs.copyFileSync(beside, copy, fs.constants.COPYFILE_FICLONE)
        fs.renameSync(copy, marts)
      }
      // A write-ahead log that somebody left behind belongs to the file that goes.
      fs.rmSync(`${location}.wal`, { force: true })
      fs.renameSync(beside, location)
      syncFolder(path.dirname(location))
      people.note(published)
    } catch (error) {
      fs.rmSync(beside, { force: true })
      throw explainSystemError(error, `publishing ${location}`)
    }
    return published
  }

  async function edit(file: string, work: (database: Database) => Promise<void>): Promise<void> {
    {
      await using database = await openPatiently(file)
      await work(database)
      await database.run('CHECKPOINT')
    }
    syncFile(file)
  }

  /** A dbt whose `retail transform` was killed ends by itself, a moment later; until then it has the file. */
  async function openPatiently(file: string): Promise<Database> {
    for (const start = performance.now(); ; await sleep(50)) {
      try {
        return await openDatabase(file, { temporary })
      } catch (error) {
        if (!/conflicting lock/i.test(String(error)) || performance.now() - start > PATIENCE_MS) throw error
      }
    }
  }

  /** A build file is a cache of dbt's state: of another world, or broken, it is begun anew. */
  async function usableBuild(world: string): Promise<boolean> {
    if (!fs.existsSync(buildFile)) return false
    try {
      await using database = await openPatiently(buildFile)
      return (await recall<{ world: string }>(database))?.world === world
    } catch {
      return false
    }
  }

  const warehouse: Warehouse = {
    location,

    async publish() {
      await using _lock = await workspace.lock('publish', 'publish')
      const base = fs.existsSync(marts) ? marts : undefined
      let martsCut: Cut | undefined
      if (base) {
        await using database = await openDatabase(base, { readOnly: true })
        martsCut = (await recall<Published>(database))?.marts
      }
      return await replace(base, martsCut, false)
    },

    roll: (batches, from, to) => rollBatches(lake.location, batches, from, to, temporary),

    published: () => people.about(),

    async sizeBytes() {
      return fs.statSync(location, { throwIfNoEntry: false })?.size
    },

    async openBuild(): Promise<Build> {
      const lock = await workspace.lock('build', 'transform')
      const reading = await workspace.reading()
      const release = async () => {
        await reading[Symbol.asyncDispose]()
        await lock[Symbol.asyncDispose]()
      }
      try {
        const view = await look(false)
        const before = await warehouse.published()
        if (before && before.world === view.world && before.raw.history > view.cut.history)
          throw new RetailError('partial', 'parts of history that were there are missing', {
            why: `history was complete to ${formatSecond(before.raw.history)}, now it is to ${formatSecond(view.cut.history)}`,
            hint: 'run `retail backfill`: it makes them again',
          })
        if (!(await usableBuild(view.world)))
          for (const file of [buildFile, `${buildFile}.wal`]) fs.rmSync(file, { force: true })
        makeFolder(temporary)
        await edit(buildFile, async (database) => {
          for (const statement of rawViews(view)) await database.run(statement)
          await remember(database, { world: view.world })
        })
        return {
          cut: view.cut,
          profile: 'local',
          env: {
            RETAIL_DATABASE: buildFile,
            RETAIL_MEMORY_LIMIT: `${memoryLimitMb()}MB`,
            RETAIL_THREADS: String(cores()),
            RETAIL_TEMP: temporary,
            RETAIL_SCHEMA: config.world.schema,
          },
          async publish() {
            await using _publishing = await workspace.lock('publish', 'transform')
            return await replace(buildFile, view.cut, true)
          },
          [Symbol.asyncDispose]: release,
        }
      } catch (error) {
        await release()
        throw explainSystemError(error, `opening ${buildFile}`)
      }
    },

    marts: () => duckdbMarts(location, people),
    feed: () => folderFeed(lake.location),

    async reader() {
      if (!fs.existsSync(location)) throw nothingPublished(location)
      return people.openCopy()
    },

    async [Symbol.asyncDispose]() {},
  }

  return warehouse
}

/** Copies whose process was killed; their names begin with its pid. */
function sweepCopies(folder: string): void {
  for (const name of namesIn(folder)) {
    const pid = /^(\d+)-/.exec(name)
    if (pid && !isAlive(Number(pid[1]))) fs.rmSync(path.join(folder, name), { recursive: true, force: true })
  }
}
