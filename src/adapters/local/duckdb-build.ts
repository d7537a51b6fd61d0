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
import { type BuildAbout, type KeptBuild, notBegun, outdated } from './kept-build.ts'
import type { LakeContent, LakeContents } from './lake-content.ts'
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
  /** The build of a run, between its commands. */
  keptBuild: KeptBuild
}

/** What a build is about, once it is open. */
interface Opened {
  about: BuildAbout
  /** What the user's project had made in the published marts. */
  earlier: OwnMade
  unchanged?: boolean
  reads?: ((key: string) => boolean) | undefined
  kept?: unknown
  over?: boolean
}

/**
 * Opens dbt's own database, with raw as the lake is now; `publish` makes public what dbt built there. It starts as a copy of
 * the published models, which say what they were built from: so only what changed since is built, and a build that was given
 * up leaves nothing to the next one. `part`: raw is as of the instant of the published models, because the others stay
 * unchanged.
 */
export async function openDuckdbBuild(options: DuckdbBuildOptions): Promise<Build> {
  const { buildFile, temporary, schema, workspace, published, publish, readAndKeep, keptBuild } = options
  const { command = 'transform', run } = options
  const { edit, discardPatiently } = options.privates
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
    makeFolder(temporary)
    await discardPatiently(buildFile)
    const opened = run && !run.begins ? await resume(run.id, view, options) : await begin(view, before, options)
    const { about, earlier, kept, over = false, ...others } = opened
    const { cut, whole, asked, days, since, part } = about
    return {
      ...others,
      cut,
      profile: 'local',
      whole,
      skip: days !== ALL_DAYS && !part ? ['tag:dimension'] : [],
      env: {
        RETAIL_DATABASE: buildFile,
        RETAIL_MEMORY_LIMIT: `${cores() * MEMORY_PER_THREAD_MB}MB`,
        RETAIL_THREADS: String(cores()),
        RETAIL_TEMP: temporary,
        RETAIL_SCHEMA: schema,
        RETAIL_CUT: String(cut.live),
        RETAIL_DAYS: days,
        RETAIL_SINCE: String(since),
      },
      async publish(_models, { untested = false, own: makes } = {}) {
        await using _publishing = await workspace.lock('publish', 'transform')
        await edit(buildFile, async (database) => {
          const after = madeAfter(earlier, makes, { part, whole: asked })
          await dropAll(database, after.left)
          if (makes) await remember(database, after.made, OWN)
          // What is not proved is built and tested again.
          if (untested) await database.run(`DROP TABLE IF EXISTS meta.${BUILT}`)
          if (run) await keptBuild.notePublished(database, run.id)
        })
        const published = await publish(buildFile, cut, true)
        if (run) keptBuild.discard()
        return published
      },
      ...(run && { run: { kept, over, keep: (note: object) => keptBuild.keep(buildFile, run.id, about, note) } }),
      [Symbol.asyncDispose]: release,
    }
  } catch (error) {
    // The first error is the one to report.
    await release().catch(() => {})
    throw explainSystemError(error, `opening ${buildFile}`)
  }
}

const ALL_DAYS = 'all'

/** Fills the build file for a build of its own, or for the first command of a run. */
async function begin(view: LakeContent, before: Published | undefined, options: DuckdbBuildOptions): Promise<Opened> {
  const { buildFile, temporary, copyPublished, keptBuild } = options
  const { part = false, whole = false, project = '', own = '' } = options
  const { edit, discard } = options.privates
  const marts = before?.world === view.world ? before.marts : undefined
  const at = part ? marts : undefined
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
    await keptBuild.forgetPublished(database)
  })
  if (old) discard(old)
  const days = changes?.days.map(formatDay).join(' ') ?? ALL_DAYS
  return {
    about: {
      cut,
      whole: changes === undefined,
      asked: whole,
      days,
      since: changes?.since ?? 0,
      part: at !== undefined,
    },
    earlier,
    unchanged: !at && changes?.days.length === 0 && !hasNewProject,
    // Stock is built from all movements if earlier ones may have changed.
    reads: built && changes?.since !== undefined ? readsOf(changes, built, now) : undefined,
  }
}

/** Fills the build file with what the earlier commands of a run have built, if it is still what they would build now. */
async function resume(id: string, view: LakeContent, options: DuckdbBuildOptions): Promise<Opened> {
  const { buildFile, temporary, copyPublished, keptBuild, project = '', own = '' } = options
  const found = await keptBuild.open(buildFile, id, view.world)
  if (!found || found.isOld) {
    const isOver = (await copyPublished(buildFile)) && (await keptBuild.isPublished(buildFile, id))
    if (!isOver) throw found ? outdated(id, 'another transform has published since it began') : notBegun(id)
    const { earlier } = await recallBuilt(buildFile, temporary)
    return {
      about: { cut: view.cut, whole: false, asked: false, days: '', since: 0, part: false },
      earlier,
      over: true,
    }
  }
  const { about, note } = found
  const { built, earlier } = await recallBuilt(buildFile, temporary)
  if (built?.project !== project || (built.own ?? '') !== own) throw outdated(id, 'the dbt project has changed')
  const changes = changesBetween(built, stateOf(view, about.cut.live))
  if (!changes || changes.days.length > 0) throw outdated(id, 'files of the lake that it builds from have changed')
  await options.privates.edit(buildFile, async (database) => {
    // The lake may have merged or replaced files since, and goes on.
    for (const statement of rawViews({ ...view, before: about.cut.live })) await database.run(statement)
  })
  return { about, earlier, kept: note }
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
