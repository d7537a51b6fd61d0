import { isDeepStrictEqual } from 'node:util'
import type { BigQuery } from '@google-cloud/bigquery'
import type { Storage } from '@google-cloud/storage'
import { advise, retail } from '../../advice.ts'
import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import type { DamagedFile } from '../../ports/damage.ts'
import {
  type Build,
  type Cover,
  coverOf,
  type Delivered,
  holding,
  type LakeLayout,
  type OwnMade,
  type OwnRelation,
  type Published,
  publishedTo,
  readStreamed,
  type Warehouse,
  type Workspace,
} from '../../ports/index.ts'
import { byFact, facts } from '../../tables/index.ts'
import { parseDay, SECONDS_PER_DAY, type Second } from '../../time.ts'
import { madeAfter, NOTHING_OWN } from '../own-made.ts'
import { batchFiles } from './batch-files.ts'
import { lakeLoader } from './bigquery-loads.ts'
import { bigqueryMarts } from './bigquery-marts.ts'
import { bigqueryReader } from './bigquery-reader.ts'
import { bigqueryTables } from './bigquery-tables.ts'
import type { BucketLake } from './bucket-lake.ts'
import { bucketTables } from './bucket-tables.ts'
import { buildLease, type Lease, type LeaseState, leaseHolder } from './build-lease.ts'
import { changedDays } from './changed-days.ts'
import type { Cloud } from './clients.ts'
import { dimensionVersion } from './dimension-version.ts'
import { martsPublisher } from './marts-publisher.ts'
import { positionsIn } from './positions.ts'
import { jobsOf } from './query-jobs.ts'
import { document } from './state.ts'
import { gcpTarget } from './target.ts'

/** Every table of raw carries this label, so one of them answers for all without a load. */
const ANY_TABLE = facts[0].name

export interface BigQueryWarehouse extends Warehouse {
  /** The logs of the lake's tables that do not name what raw names. */
  damage(): Promise<DamagedFile[]>
}

/**
 * The datasets of a workspace. Raw is loaded from the lake, one month of a table at a time, by jobs that cannot run
 * twice. Live events come from `retail load`, at least once; staging, built by dbt, has each id once.
 */
export function bigqueryWarehouse(
  config: Config,
  cloud: Cloud,
  open: { lake: BucketLake; workspace: Workspace; storage: Storage; bigquery: BigQuery },
): BigQueryWarehouse {
  const { gcp, names } = cloud
  const { lake, workspace, storage, bigquery } = open
  const location = `${gcp.project}.${names.datasets.raw}`
  const notes = document<Pick<Published, 'world' | 'raw'>>(storage, gcp.bucket, 'lake/published.json')
  const positions = positionsIn(storage, gcp.bucket)
  const made = document<OwnNote>(storage, gcp.bucket, 'state/own-models.json')
  const building = document<LeaseState>(storage, gcp.bucket, 'locks/build.json')
  const tables = bigqueryTables(bigquery, cloud)
  const loadLake = lakeLoader(bigquery, cloud, lake, tables, config.world.schema)
  const deltaTables = bucketTables(storage, gcp.bucket, lake, config.world.schema)
  const marts = martsPublisher(bigquery, cloud, tables, jobsOf(bigquery, cloud))

  async function readState(): Promise<{
    world: string
    layout: LakeLayout
    cover: Cover
    blocks: number
    history: Second
  }> {
    const layout = await lake.layout()
    const identity = await lake.identity()
    const from = parseDay(identity?.historyFrom ?? config.history.from) as number
    const blocks = identity?.blocks ?? 1
    const cover = coverOf(layout, from, blocks)
    const history = identity ? cover.history : from * SECONDS_PER_DAY
    return { world: identity?.world ?? '', layout, cover, blocks, history }
  }

  /** One transform of this workspace at a time, and one of all machines of the project. */
  async function rightToBuild(command: string): Promise<Lease> {
    const lock = await workspace.lock('build', command)
    const lease = await holding(lock, () => buildLease(building, { holder: leaseHolder(workspace.folder) }))
    return {
      ...lease,
      async [Symbol.asyncDispose]() {
        await lease[Symbol.asyncDispose]()
        await lock[Symbol.asyncDispose]()
      },
    }
  }

  const profile = cloud.emulators ? 'gcp_emulator' : 'gcp'

  const warehouse: BigQueryWarehouse = {
    location,
    traits: gcpTarget.warehouse,

    async publish() {
      for (;;) {
        // Before the note, which says that all is done.
        const { world, history, before, known } = await deltaTables.commit(async () => {
          const found = await readState()
          await loadLake(found)
          const before = await notes.read()
          // Published parts that no longer exist count as missing; they are not forgotten.
          const known = before?.value.world === found.world ? before.value.raw.history : 0
          return { ...found, before, known, short: found.history < known }
        })
        const raw = { history: Math.max(history, known), live: Math.max(history, known) }
        if (before && before.value.world === world && known >= history) break
        if (await notes.write({ world, raw }, before?.generation ?? 0)) break
      }
      return (await warehouse.published()) as Published
    },

    async damage() {
      const note = await notes.read()
      const found = await readState()
      return await deltaTables.damage(found, note?.value.raw.history === found.history)
    },

    async published() {
      const [note, at, instant] = await Promise.all([notes.read(), readStreamed(positions), marts.read()])
      if (!note) return undefined
      const { world, raw } = note.value
      const { live, shards } = publishedTo(at, world)
      return {
        world,
        lake: lake.location,
        generation: 0,
        raw: { history: raw.history, live: Math.max(raw.history, live) },
        marts: instant,
        ...(shards && { shards }),
      }
    },

    async sizeBytes() {
      return undefined
    },

    dbt: {
      can: true,
      requirements: 'requirements-bigquery.lock',
      // The names of the project and its datasets are part of it.
      parsesAlike: false,
      runs: {
        can: false,
        why: 'all machines of a project build in one dataset, which is free between two commands',
        hint: advise`${retail('transform')} builds all models in one step`,
      },
      parsing: {
        profile,
        env: dbtEnvironment(config, cloud, { cut: { history: 0, live: 0 }, where: byFact(() => 'true') }),
      },
      async openBuild(delivered, scope = {}): Promise<Build> {
        const { part = false, whole = false, own = '', command = 'transform' } = scope
        if (!delivered) throw new Error('nobody says what of raw has arrived')
        const right = await rightToBuild(command)
        return await holding(right, async () => {
          const published = await warehouse.published()
          if (!published)
            throw new RetailError('missing', 'there is nothing to transform yet', {
              hint: advise`run ${retail('seed-dims')} and ${retail('backfill')}`,
            })
          await tables.claim(ANY_TABLE, published.world)
          await marts.check()
          const arrived = await delivered()
          // A part of the models is built at the instant of the others, and from them.
          const at = part ? published.marts : undefined
          if (at) await marts.restore()
          const cut = at ?? arrived.cut
          const since = whole ? undefined : published.marts
          const days = changedDays(since, Math.max(cut.live, published.raw.live))
          const version = await dimensionVersion(tables)
          const mine = await made.read()
          const before: OwnNote = mine?.value ?? { own: '', ...NOTHING_OWN }
          if (own === '' && before.relations.length > 0 && !part && !whole) throw projectElsewhere()
          // An incremental model of an earlier project must not be built upon.
          if (!part && before.own !== own) await marts.drop(before.relations.filter(isModel), 'build')
          const unchanged = version.unchanged && !whole && !part
          return {
            cut,
            profile,
            skip: unchanged ? ['dimensions_are_sound'] : [],
            env: {
              ...dbtEnvironment(config, cloud, { ...arrived, cut }),
              RETAIL_DAYS: days?.join(' ') ?? 'all',
              RETAIL_SINCE: String(since?.live ?? 0),
              ...(unchanged && { RETAIL_DIMENSIONS: 'unchanged' }),
              ...(at && { RETAIL_STAGED: 'beyond the cut' }),
            },
            lost: right.lost,
            service: 'BigQuery',
            async publish(models, { own: makes } = {}) {
              const changed = unchanged ? models.filter(({ name }) => !name.startsWith('dim_')) : models
              await marts.publish(changed, cut, days, await right.renew())
              const after = madeAfter(before, makes, { part, whole })
              await marts.drop(after.left, 'all')
              const note: OwnNote = { own: part ? before.own : own, ...after.made }
              if (!isDeepStrictEqual(note, before)) await made.write(note, mine?.generation ?? 0)
              if (!part) await version.record()
              return (await warehouse.published()) as Published
            },
            [Symbol.asyncDispose]: () => right[Symbol.asyncDispose](),
          }
        })
      },
    },

    marts: () => {
      const withPanels = async () => {
        const [published, note] = await Promise.all([warehouse.published(), made.read()])
        return published && { ...published, panels: note?.value.panels }
      }
      const reader = bigqueryReader(bigquery, cloud)
      return bigqueryMarts(`${gcp.project}.${names.datasets.marts}`, { published: withPanels }, reader)
    },

    feed: () => undefined,

    // Raw has rows of its own, which nothing in this workspace can hide.
    trouble: async () => undefined,

    batchLoading: batchFiles({ storage, bigquery }, cloud, tables),

    packing: {
      can: false,
      why: 'its tables are in BigQuery, which any client of the project can read',
      hint: advise`export the history as files instead: ${retail('backfill', '--out', 'export', '--format', 'parquet')}`,
    },

    async reader() {
      const { world } = await readState()
      await tables.claim(ANY_TABLE, world)
      return bigqueryReader(bigquery, cloud)
    },

    async ask(sql, signal) {
      if (!(await warehouse.published())) throw nothingLoaded(location)
      return (await import('./bigquery-ask.ts')).askBigQuery(bigquery, cloud, sql, signal)
    },

    async [Symbol.asyncDispose]() {},
  }

  return warehouse
}

/** What the user's project made, and which version of it. */
interface OwnNote extends OwnMade {
  own: string
}

/** Another machine, or a job, would otherwise drop them. */
const projectElsewhere = () =>
  new RetailError('missing', 'the marts have models of a dbt project that is not in this workspace', {
    why: 'a transform without it would remove them',
    hint: advise`run ${retail('transform')} where the project is; or remove its models with ${retail('transform', '--full-refresh')}`,
  })

const isModel = ({ kind }: OwnRelation) => kind === 'model'

const nothingLoaded = (location: string) =>
  new RetailError('missing', `nothing was loaded into ${location} yet`, {
    hint: advise`run ${retail('seed-dims')} and ${retail('backfill')}`,
  })

/** Environment variables for the dbt profile of target gcp. */
function dbtEnvironment(
  config: Config,
  { gcp, names, emulators, credentials }: Cloud,
  { cut, where }: Delivered,
): Record<string, string> {
  return {
    RETAIL_PROJECT: gcp.project,
    RETAIL_LOCATION: gcp.location,
    RETAIL_RAW: names.datasets.raw,
    RETAIL_STAGING: names.datasets.staging,
    RETAIL_BUILD: names.datasets.build,
    RETAIL_MARTS: names.datasets.marts,
    RETAIL_MAX_BYTES_BILLED: String(gcp.max_bytes_billed),
    RETAIL_SCHEMA: config.world.schema,
    RETAIL_CUT: String(cut.live),
    ...Object.fromEntries(facts.map(({ name }) => [`RETAIL_OWN_${name.toUpperCase()}`, where[name]])),
    ...(emulators ? { RETAIL_BIGQUERY_ENDPOINT: emulators.bigquery } : {}),
    ...(credentials.file === undefined ? {} : { GOOGLE_APPLICATION_CREDENTIALS: credentials.file }),
    ...(credentials.impersonate === undefined ? {} : { RETAIL_IMPERSONATE: credentials.impersonate }),
  }
}
