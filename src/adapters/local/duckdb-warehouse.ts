import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import { clock } from '../../clock.ts'
import type { Config } from '../../config/schema.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import { broken, type DamagedFile, foreignTo } from '../../ports/damage.ts'
import {
  type Cut,
  holding,
  type Lake,
  type LiveByLake,
  type Published,
  type Upkeep,
  type Warehouse,
  type Workspace,
} from '../../ports/index.ts'
import { explainSystemError } from '../../system-errors.ts'
import { type Database, openDatabase } from './duckdb.ts'
import { openDuckdbBuild } from './duckdb-build.ts'
import { duckdbMarts, nothingPublished } from './duckdb-marts.ts'
import { folderFeed } from './folder-feed.ts'
import { keptBuild } from './kept-build.ts'
import { lakeContents } from './lake-content.ts'
import { isBehind, rawTrouble } from './lake-reader.ts'
import { logDamage } from './lake-tables.ts'
import { packDatabase } from './pack.ts'
import { privateDatabases, REMOVED } from './private-databases.ts'
import { isStrange, publishedFile, recall } from './published-file.ts'
import { publisherOf } from './publisher.ts'
import { rollBatches } from './roll.ts'
import { asideOf, moveAside, movedAside, setAside } from './set-aside.ts'
import { readAll, soundDatabase } from './sound-database.ts'
import { localTarget } from './target.ts'
import { rawViews } from './views.ts'

/** Looks at logs that do not agree with the database. */
const LOOKS = 6

/** Also merges the batches of its lake and maintains its own files. */
export type DuckdbWarehouse = Warehouse & Pick<LiveByLake, 'roll'> & Omit<Extract<Upkeep, { can: true }>, 'can'>

/**
 * `retail.duckdb`: every publish writes a new file and renames it into place, so no reader waits. The new file is made
 * from a private copy that only a successful transform replaces, so nothing that a reader does to the public file can
 * reach the next one.
 */
export function duckdbWarehouse(config: Config, lake: Lake, workspace: Workspace): DuckdbWarehouse {
  const location = path.resolve(config.workspace, config.local.database)
  const marts = path.join(workspace.folder, 'marts.duckdb')
  const buildFile = path.join(workspace.folder, 'build.duckdb')
  const temporary = path.join(workspace.folder, 'tmp')
  const people = publishedFile(location, workspace.folder, temporary)
  const privates = privateDatabases(workspace.folder, temporary)
  const { edit, soundOrNothing, discard } = privates
  const kept = keptBuild(path.join(workspace.folder, 'run.duckdb'), marts, temporary, privates)
  const { readAndKeep, readOnly } = lakeContents(config, lake)
  const publish = publisherOf({ lake, location, marts, temporary, people, readAndKeep, edit })

  /** The file with the published models, and their instant. */
  async function publishedModels(): Promise<{ file: string; cut: Cut | undefined } | undefined> {
    const identity = await lake.identity()
    const sound = identity && (await soundOrNothing<Published>(marts, identity.world))
    if (sound) return { file: marts, cut: sound.marts }
    // The public file has the same marts, unless somebody has written to it.
    const published = people.untouched()
    const same = published?.marts !== undefined && published.world === identity?.world
    return same ? { file: location, cut: published.marts } : undefined
  }

  const lakeOf = { location: lake.location, schema: config.world.schema }

  /** A publish beside us writes the database first, and then the logs: what differs in one look may be right in the next. */
  async function logsAgainst(database: Database): Promise<DamagedFile[]> {
    let found = await logDamage(database, lake.location)
    for (let tries = 1; found.length > 0 && tries < LOOKS; tries++) {
      await clock.sleep(200)
      await using newest = await people.openCopy()
      found = await logDamage(newest, lake.location)
    }
    return found
  }

  const warehouse: DuckdbWarehouse = {
    location,
    traits: localTarget.warehouse,

    async publish() {
      await using _lock = await workspace.lock('publish', 'publish')
      const base = await publishedModels()
      return await publish(base?.file, base?.cut, base?.file === location)
    },

    roll: (batches, from, to) => rollBatches(lake, batches, from, to, temporary),

    async published() {
      const published = await people.about()
      // The same folder under another name is the same lake.
      return published && isSameFolder(published.lake, lake.location)
        ? { ...published, lake: lake.location }
        : published
    },

    async damage(world) {
      const found: DamagedFile[] = []
      const { damage } = await soundDatabase(marts, world, openReadOnly)
      if (damage) found.push({ file: marts, ...damage })
      try {
        if (people.fingerprint() !== undefined) {
          await using database = await people.openCopy()
          await readAll(database)
          const owner = (await recall<Published>(database))?.world
          if (owner && owner !== world) found.push({ file: location, ...foreignTo(owner) })
          else found.push(...(await logsAgainst(database)))
        }
      } catch (error) {
        if (!(error instanceof RetailError) || !['damaged', 'foreign_world'].includes(error.code)) throw error
        found.push({ file: location, ...broken(error.why ?? error.message) })
      }
      return found
    },

    async changed() {
      return people.isChanged() ? 'it was changed after it was published' : undefined
    },

    async drop({ file, kind, follows }) {
      if (follows === 'raw') return 'rebuilt'
      const isPublic = file === location
      const keep = kind === 'foreign' || (isPublic && isStrange(location))
      // Every repair ends with a publish, which makes the public file, and the private one from its marts.
      const next = isPublic || people.untouched()?.marts ? 'rebuilt' : 'transform rebuilds it'
      if (keep) return `${movedAside(setAside(isPublic ? path.dirname(location) : workspace.folder, file))}; ${next}`
      const removed = discard(file)
      return removed === REMOVED && next === 'rebuilt' ? next : `${removed}; ${next}`
    },

    async setAside(key) {
      return movedAside(moveAside(asideOf(lake.location), path.join(lake.location, key)))
    },

    async sizeBytes() {
      return fs.statSync(location, { throwIfNoEntry: false })?.size
    },

    dbt: {
      can: true,
      requirements: 'requirements.lock',
      parsesAlike: true,
      runs: { can: true },
      parsing: { profile: 'local', env: { RETAIL_DATABASE: buildFile, RETAIL_TEMP: temporary } },
      openBuild: (_delivered, scope = {}) =>
        openDuckdbBuild({
          ...{ buildFile, temporary, workspace, readAndKeep, privates, publish, ...scope },
          schema: config.world.schema,
          keptBuild: kept,
          published: warehouse.published,
          async copyPublished(file) {
            const base = await publishedModels()
            if (base) fs.copyFileSync(base.file, file, fs.constants.COPYFILE_FICLONE)
            return base !== undefined
          },
        }),
    },

    marts: () => duckdbMarts(location, people),
    feed: () => folderFeed(lake.location, async () => (await lake.identity())?.world),

    async reader(of = 'published') {
      const published = await warehouse.published()
      if (!published) throw nothingPublished(location)
      if (of === 'published') return people.openCopy()
      const view = await readOnly(true)
      {
        await using asPublished = await people.openCopy()
        if (
          !isBehind(published, view.layout.generation, view.cut) &&
          !(await rawTrouble(asPublished, published, lakeOf))
        )
          return people.openCopy()
      }
      const copy = await people.openCopy(true)
      return await holding(copy, async () => {
        for (const statement of rawViews({ ...view, firstNames: true })) await copy.run(statement)
        return copy
      })
    },

    async ask(sql, signal) {
      const published = await warehouse.published()
      if (!published) throw nothingPublished(location)
      const { askDatabase } = await import('./ask.ts')
      const { blame } = people
      return askDatabase(await people.openCopy(), sql, { hasMarts: published.marts !== undefined, blame, signal })
    },

    batchLoading: {
      can: false,
      why: 'raw shows the lake, and holds no rows of its own',
      hint: advise`query the files in place, or compare them: ${retail('grade', '--transactions', 'out/transactions/**/*.parquet')}`,
    },

    packing: {
      can: true,
      async write(file, { about, ...options }) {
        const view = await readAndKeep(false)
        await using copy = await people.openCopy(true)
        try {
          for (const statement of rawViews(view)) await copy.run(statement)
          const tables = await packDatabase(copy, file, { ...about, raw: view.cut }, options)
          return { tables, cut: view.cut, sizeBytes: fs.statSync(file).size }
        } catch (error) {
          throw explainSystemError(error, `packing ${file}`, '--out')
        }
      },
    },

    async trouble() {
      const published = await warehouse.published()
      if (!published) return undefined
      await using copy = await people.openCopy()
      return await rawTrouble(copy, published, lakeOf)
    },

    async [Symbol.asyncDispose]() {},
  }

  return warehouse
}

const openReadOnly = (file: string): Promise<Database> => openDatabase(file, { readOnly: true })

function isSameFolder(one: string, other: string): boolean {
  if (one === other) return true
  const [a, b] = [one, other].map((folder) => fs.statSync(folder, { throwIfNoEntry: false, bigint: true }))
  return a !== undefined && b !== undefined && a.ino === b.ino && a.dev === b.dev
}
