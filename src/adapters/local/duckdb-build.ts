import { advise, retail } from '../../advice.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import type { Build, BuildScope, OwnMade, OwnRelation, Published, Workspace } from '../../ports/index.ts'
import { explainSystemError } from '../../system-errors.ts'
import { quote } from '../../tables/emit.ts'
import type { WorldSchema } from '../../tables/index.ts'
import { formatDay, formatSecond } from '../../time.ts'
import { madeAfter, NOTHING_OWN } from '../own-made.ts'
import { cores, type Database, openDatabase } from './duckdb.ts'
import { makeFolder } from './files.ts'
import type { LakeContents } from './lake-content.ts'
import { changesBetween, type LakeState, readsOf, stateOf } from './lake-state.ts'
import type { PrivateDatabases } from './private-databases.ts'
import { OWN, recall, remember } from './published-file.ts'
import type { Publisher } from './publisher.ts'
import { duckdbRelationDialect as dialect } from './relation-dialect.ts'
import { rawViews } from './views.ts'

/** With the 150 MB of dbt itself, two threads stay within 512 MB. Spilling to disk costs a tenth more CPU time. */
const MEMORY_PER_THREAD_MB = 128

/** The table of a database that says what its models were built from. */
const BUILT = 'built'

/** What the models in a database were built from. */
interface Built extends LakeState {
  /** Our dbt project. */
  project: string
  /** The user's; empty or absent: none. */
  own?: string
}

/** The private databases that a build needs, and what it may build. */
export interface DuckdbBuildOptions extends Pick<LakeContents, 'readAndKeep'>, BuildScope {
  buildFile: string
  temporary: string
  schema: WorldSchema
  workspace: Workspace
  published(): Promise<Published | undefined>
  publish: Publisher
  privates: PrivateDatabases
  /** Copies the published models to a file; false if nothing sound is left of them. */
  copyPublished(file: string): Promise<boolean>
}

/**
 * Opens dbt's own database, with raw as the lake is now; `publish` makes public what dbt built there. It starts as a copy of
 * the published models, which say what they were built from: so only what changed since is built, and a build that was given
 * up leaves nothing to the next one. `part`: raw is as of the instant of the published models, because the others stay
 * unchanged.
 */
export async function openDuckdbBuild(options: DuckdbBuildOptions): Promise<Build> {
  const { buildFile, temporary, schema, workspace, published, publish, readAndKeep, copyPublished } = options
  const { part = false, whole = false, project = '', own = '', command = 'transform' } = options
  const { edit, discard, discardPatiently } = options.privates
  const lock = await workspace.lock('build', command)
  let reading: AsyncDisposable | undefined
  const release = async () => {
    try {
      await reading?.[Symbol.asyncDispose]()
    } finally {
      await lock[Symbol.asyncDispose]()
    }
  }
  try {
    reading = await workspace.reading()
    const view = await readAndKeep(false)
    const before = await published()
    if (before && before.world === view.world && before.raw.history > view.cut.history)
      throw new RetailError('partial', 'parts of history are missing', {
        why: `history was complete to ${formatSecond(before.raw.history)}, but now only to ${formatSecond(view.cut.history)}`,
        hint: advise`run ${retail('backfill')} to regenerate them`,
      })
    const marts = before?.world === view.world ? before.marts : undefined
    const at = part ? marts : undefined
    makeFolder(temporary)
    await discardPatiently(buildFile)
    const copied = marts !== undefined && (await copyPublished(buildFile))
    if (at && !copied) throw nothingToAddTo()
    // A position may lie within a second. Marts end with a second: SQL can then say what is in them.
    const isWhole = Number.isInteger(view.cut.live)
    const cut = at ?? { ...view.cut, live: Math.floor(view.cut.live) }
    const now: Built = { project, own, ...stateOf(view, cut.live) }
    const { built, earlier } = copied ? await recallBuilt(buildFile, temporary) : NOTHING_BUILT
    const hasNewProject = (built?.own ?? '') !== own
    const changes = whole || !built || built.project !== project ? undefined : changesBetween(built, now)
    const snapshots = earlier.relations.filter(({ kind }) => kind === 'snapshot')
    // Models of something else: nothing of them may stay, unless they are not to be built.
    const old = !changes && !at && snapshots.length > 0 ? `${buildFile}.old` : undefined
    if (old) fs.renameSync(buildFile, old)
    else if (!changes && !at) discard(buildFile)
    await edit(buildFile, async (database) => {
      if (changes && !at && hasNewProject)
        await dropAll(
          database,
          earlier.relations.filter(({ kind }) => kind !== 'snapshot'),
        )
      if (old) await takeOver(database, old, snapshots)
      for (const statement of rawViews(isWhole && !at ? view : { ...view, before: cut.live }))
        await database.run(statement)
      await remember(database, { world: view.world })
      // A selection leaves other models unchanged, or leaves them out.
      if (!part) await remember(database, now, BUILT)
    })
    if (old) discard(old)
    return {
      cut,
      profile: 'local',
      whole: changes === undefined,
      unchanged: !at && changes?.days.length === 0 && !hasNewProject,
      // Stock is built from all movements if earlier ones may have changed.
      reads: built && changes?.since !== undefined ? readsOf(changes, built, now) : undefined,
      skip: changes && !at ? ['tag:dimension'] : [],
      env: {
        RETAIL_DATABASE: buildFile,
        RETAIL_MEMORY_LIMIT: `${cores() * MEMORY_PER_THREAD_MB}MB`,
        RETAIL_THREADS: String(cores()),
        RETAIL_TEMP: temporary,
        RETAIL_SCHEMA: schema,
        RETAIL_CUT: String(cut.live),
        RETAIL_DAYS: changes?.days.map(formatDay).join(' ') ?? 'all',
        RETAIL_SINCE: String(changes?.since ?? 0),
      },
      async publish(_models, { untested = false, own: makes } = {}) {
        await using _publishing = await workspace.lock('publish', 'transform')
        await edit(buildFile, async (database) => {
          const after = madeAfter(earlier, makes, { part: at !== undefined, whole })
          await dropAll(database, after.left)
          if (makes) await remember(database, after.made, OWN)
          // What is not proved is built and tested again.
          if (untested) await database.run(`DROP TABLE IF EXISTS meta.${BUILT}`)
        })
        return await publish(buildFile, cut, true)
      },
      [Symbol.asyncDispose]: release,
    }
  } catch (error) {
    // The first error is the one to report.
    await release().catch(() => {})
    throw explainSystemError(error, `opening ${buildFile}`)
  }
}

/** What a database was built from, and what the user's project had made in it. */
async function recallBuilt(file: string, temporary: string): Promise<{ built: Built | undefined; earlier: OwnMade }> {
  await using database = await openDatabase(file, { readOnly: true, temporary })
  const [built, earlier] = [await recall<Built>(database, BUILT), await recall<OwnMade>(database, OWN)]
  return { built, earlier: earlier ?? NOTHING_OWN }
}

const NOTHING_BUILT = { built: undefined, earlier: NOTHING_OWN }

/** Removes what an earlier version of the user's project made: some of it may have left, and nothing of it may be built upon. */
async function dropAll(database: Database, made: readonly OwnRelation[]): Promise<void> {
  for (const { schema, name } of made) {
    const found = await database.query<{ type: string }>(
      `SELECT table_type AS type FROM information_schema.tables WHERE table_schema = ${quote(schema)} AND table_name = ${quote(name)}`,
    )
    const type = found[0]?.type === 'VIEW' ? 'VIEW' : 'TABLE'
    if (found.length > 0) await database.run(`DROP ${type} ${nameOf(schema, name)} CASCADE`)
  }
}

/** Their rows exist nowhere else, so a build from nothing takes them over. */
async function takeOver(database: Database, from: string, snapshots: readonly OwnRelation[]): Promise<void> {
  await database.run(`ATTACH ${quote(from)} AS before (READ_ONLY)`)
  for (const { schema, name } of snapshots) {
    await database.run(`CREATE SCHEMA IF NOT EXISTS ${dialect.column(schema)}`)
    await database.run(`CREATE TABLE ${nameOf(schema, name)} AS FROM before.${nameOf(schema, name)}`)
  }
  await database.run('DETACH before')
}

const nameOf = (schema: string, name: string): string => `${dialect.column(schema)}.${dialect.column(name)}`

const nothingToAddTo = () =>
  new RetailError('damaged', 'the published marts cannot be read, so nothing can be added to them', {
    why: 'models that are not selected would be missing',
    hint: advise`${retail('transform')} builds all models`,
  })
