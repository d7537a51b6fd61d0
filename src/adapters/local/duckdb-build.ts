import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { Build, Published, Workspace } from '../../ports/index.ts'
import { explainSystemError } from '../../system-errors.ts'
import type { WorldSchema } from '../../tables/index.ts'
import { formatSecond } from '../../time.ts'
import { cores, memoryLimitMb } from './duckdb.ts'
import { makeFolder } from './files.ts'
import type { LakeContents } from './lake-content.ts'
import type { PrivateDatabases } from './private-databases.ts'
import { remember } from './published-file.ts'
import type { Publisher } from './publisher.ts'
import { sealFile } from './seal.ts'
import { rawViews } from './views.ts'

/**
 * Opens dbt's own database, with raw as the lake is now; `publish` makes public what dbt built there. `part`: it holds
 * the published models instead, with raw as of their instant, because the others stay unchanged.
 */
export async function openDuckdbBuild({
  buildFile,
  temporary,
  schema,
  workspace,
  published,
  publish,
  privates: { edit, soundOrNothing, discard },
  readAndKeep,
  copyPublished,
  part,
}: {
  buildFile: string
  temporary: string
  schema: WorldSchema
  workspace: Workspace
  published(): Promise<Published | undefined>
  publish: Publisher
  privates: PrivateDatabases
  /** Copies the published models to a file; false if nothing sound is left of them. */
  copyPublished(file: string): Promise<boolean>
  part: boolean
} & Pick<LakeContents, 'readAndKeep'>): Promise<Build> {
  const lock = await workspace.lock('build', 'transform')
  let reading: AsyncDisposable | undefined
  const release = async () => {
    try {
      sealFile(buildFile)
    } catch {
      // Without a seal, every block is read once more.
    }
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
    const marts = part && before?.world === view.world ? before.marts : undefined
    makeFolder(temporary)
    if (marts) {
      discard(buildFile)
      if (!(await copyPublished(buildFile))) throw nothingToAddTo()
      // A cache of dbt's state. If it is broken or belongs to another world, a new one replaces it.
    } else if (!(await soundOrNothing(buildFile, view.world))) discard(buildFile)
    // A position may lie within a second. Marts end with a second: SQL can then say what is in them.
    const isWhole = Number.isInteger(view.cut.live)
    const cut = marts ?? { ...view.cut, live: Math.floor(view.cut.live) }
    await edit(buildFile, async (database) => {
      for (const statement of rawViews(isWhole && !marts ? view : { ...view, before: cut.live }))
        await database.run(statement)
      await remember(database, { world: view.world })
    })
    return {
      cut,
      profile: 'local',
      env: {
        RETAIL_DATABASE: buildFile,
        RETAIL_MEMORY_LIMIT: `${memoryLimitMb()}MB`,
        RETAIL_THREADS: String(cores()),
        RETAIL_TEMP: temporary,
        RETAIL_SCHEMA: schema,
      },
      async publish() {
        await using _publishing = await workspace.lock('publish', 'transform')
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

const nothingToAddTo = () =>
  new RetailError('damaged', 'the published marts cannot be read, so nothing can be added to them', {
    why: 'models that are not selected would be missing',
    hint: advise`${retail('transform')} builds all models`,
  })
