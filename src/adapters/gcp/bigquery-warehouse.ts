import type { BigQuery, TableMetadata } from '@google-cloud/bigquery'
import type { Storage } from '@google-cloud/storage'
import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import {
  type Build,
  type Cut,
  coverOf,
  type LakeLayout,
  type Part,
  type Position,
  type Published,
  type Warehouse,
  type Workspace,
} from '../../ports/index.ts'
import { dimensions, type FactName, facts, type TableName } from '../../tables/index.ts'
import { formatMonth, parseDay, SECONDS_PER_DAY, type Second } from '../../time.ts'
import { bigqueryMarts } from './bigquery-marts.ts'
import { bigqueryReader } from './bigquery-reader.ts'
import type { BucketLake, StoredObject } from './bucket-lake.ts'
import type { Cloud } from './clients.ts'
import { deliveredCut } from './delivered.ts'
import { digestOf, type Load, runLoad } from './load-jobs.ts'

import { explainCloudError, isNotFound, isTransient, retrySite, within } from './retry.ts'
import { document } from './state.ts'

const CALL_MS = 60_000
const PATIENCE_MS = 5 * 60_000
/** Load jobs of one process that run at the same time. */
const LOADS = 8
/** What was loaded is noted here, so that it is not asked of BigQuery again; job ids are forgotten after half a year. */
const LOADED = 'loaded/'
const WORLD_LABEL = 'retail-world'
/** Of the marts, on the one model that is never made anew. */
const MARTS_TABLE = 'daily_sales'
const MARTS_LABELS = { history: 'retail-history', live: 'retail-live' } as const

/**
 * The datasets of a workspace. Raw is loaded from the lake, a month of a table at a time, by jobs that cannot run twice. Live events
 * come by `retail load`, at least once; staging, which dbt makes, has each id once.
 */
export function bigqueryWarehouse(
  config: Config,
  cloud: Cloud,
  open: { lake: BucketLake; workspace: Workspace; storage: Storage; bigquery: BigQuery },
): Warehouse {
  const { gcp, names } = cloud
  const { lake, workspace, storage, bigquery } = open
  const location = `${gcp.project}.${names.datasets.raw}`
  const notes = document<Pick<Published, 'world' | 'raw'>>(storage, gcp.bucket, 'lake/published.json')
  const position = document<Position>(storage, gcp.bucket, 'state/position.json')
  const site = retrySite({ patienceMs: PATIENCE_MS })

  async function tableOf(layer: 'raw' | 'marts', table: string): Promise<TableMetadata | undefined> {
    const get = () =>
      within(CALL_MS, 'looking at a table', bigquery.dataset(names.datasets[layer]).table(table).getMetadata())
    try {
      const [metadata] = await site.run(get, isTransient)
      return metadata as TableMetadata
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw explainCloudError(error, `looking at ${gcp.project}.${names.datasets[layer]}.${table}`)
    }
  }

  /** When it was made. Refuses a table that holds another world, and marks an unmarked one as ours. */
  async function claimTable(table: TableName, world: string): Promise<string> {
    const metadata = await tableOf('raw', table)
    if (!metadata)
      throw new RetailError('missing', `there is no table ${location}.${table}`, { hint: 'retail infra apply' })
    const marked = metadata.labels?.[WORLD_LABEL]
    if (marked !== undefined && marked !== world)
      throw new RetailError('foreign_world', `the dataset ${location} belongs to another world`, {
        why: `its world is ${marked}, this one is ${world}`,
        hint: 'put the old values back in retail.yaml, or choose another dataset with --dataset',
      })
    const dataset = metadata.location
    if (dataset !== undefined && dataset.toUpperCase() !== gcp.location.toUpperCase())
      throw new RetailError('bad_config', `the dataset ${location} is in ${dataset}, not in ${gcp.location}`, {
        why: 'a dataset cannot be moved, and jobs run where it is',
        hint: `set location: ${dataset} in the gcp section of retail.yaml`,
      })
    if (marked === undefined) {
      const mark = () =>
        within(
          CALL_MS,
          'marking a table',
          bigquery
            .dataset(names.datasets.raw)
            .table(table)
            .setMetadata({ labels: { ...metadata.labels, [WORLD_LABEL]: world } }),
        )
      await site.run(mark, isTransient).catch((error) => {
        throw explainCloudError(error, `marking ${location}.${table} as ours`)
      })
    }
    return String(metadata.creationTime)
  }

  async function loadAll(world: string, blocks: number, layout: LakeLayout): Promise<void> {
    const stored = new Map((await lake.objects()).map((object) => [object.key, object]))
    const loaded = new Set([...stored.keys()].filter((key) => key.startsWith(LOADED)))
    const created = new Map<TableName, string>()
    for (const { name } of [...dimensions, ...facts]) created.set(name, await claimTable(name, world))
    const loads = [
      ...dimensions
        .filter(({ name }) => layout.dimensions[name])
        .map(({ name }) => loadOf(name, name, [`${name}.parquet`], true)),
      ...wholeMonths(layout.parts, blocks).map(({ table, month, keys }) =>
        loadOf(table, `${table}_${formatMonth(month).replace('-', '_')}`, keys, false),
      ),
    ]
    const todo = loads.filter((load) => !loaded.has(noteOf(load)))
    const one = async () => {
      for (let load = todo.shift(); load; load = todo.shift()) {
        await runLoad(bigquery, gcp.location, load)
        await lake.put(noteOf(load), () => {})
      }
    }
    await Promise.all(Array.from({ length: Math.min(LOADS, todo.length) }, one))

    function loadOf(table: TableName, name: string, keys: readonly string[], replace: boolean): Load {
      const objects = keys.map((key) => ({
        uri: `${lake.location}/${key}`,
        checksum: (stored.get(key) as StoredObject).checksum,
      }))
      return {
        project: gcp.project,
        dataset: names.datasets.raw,
        table,
        tableCreated: created.get(table) as string,
        name,
        objects,
        replace,
      }
    }
  }

  async function look(): Promise<{ world: string; layout: LakeLayout; blocks: number; history: Second }> {
    const layout = await lake.layout()
    const identity = await lake.identity()
    const from = parseDay(identity?.historyFrom ?? config.history.from) as number
    const blocks = identity?.blocks ?? 1
    const history = identity ? coverOf(layout, from, blocks).history : from * SECONDS_PER_DAY
    return { world: identity?.world ?? '', layout, blocks, history }
  }

  const warehouse: Warehouse = {
    location,

    async publish() {
      const { world, layout, blocks, history } = await look()
      await loadAll(world, blocks, layout)
      for (;;) {
        const before = await notes.read()
        // Parts that were published and are gone are missed, not forgotten.
        const known = before?.value.world === world ? before.value.raw.history : 0
        const raw = { history: Math.max(history, known), live: Math.max(history, known) }
        if (before && before.value.world === world && known >= history) break
        if (await notes.write({ world, raw }, before?.generation ?? 0)) break
      }
      return (await warehouse.published()) as Published
    },

    async roll() {
      throw new Error('a bucket has no live batches: events go through Pub/Sub')
    },

    async published() {
      const [note, at, marts] = await Promise.all([notes.read(), position.read(), tableOf('marts', MARTS_TABLE)])
      if (!note) return undefined
      const { world, raw } = note.value
      const live = Math.max(raw.history, at?.value.world === world ? at.value.position : 0)
      return {
        world,
        lake: lake.location,
        generation: 0,
        raw: { history: raw.history, live },
        marts: cutOfLabels(marts?.labels),
      }
    },

    async sizeBytes() {
      return undefined
    },

    async delivered() {
      const published = await warehouse.published()
      const history = published?.raw.history ?? 0
      const cut = await deliveredCut(bigqueryReader(bigquery, cloud), history, (await position.read())?.value)
      // What had arrived once is there; fewer instants may be known now.
      return { ...cut, live: Math.max(cut.live, published?.marts?.live ?? 0) }
    },

    async openBuild(): Promise<Build> {
      const lock = await workspace.lock('build', 'transform')
      try {
        const published = await warehouse.published()
        if (!published)
          throw new RetailError('missing', 'there is nothing to transform yet', {
            hint: 'run `retail seed-dims` and `retail backfill`',
          })
        await claimTable('transactions', published.world)
        const cut = await (warehouse.delivered as () => Promise<Cut>)()
        return {
          cut,
          profile: cloud.emulators ? 'gcp_emulator' : 'gcp',
          env: dbtEnvironment(config, cloud, cut),
          async publish() {
            const labels = { [MARTS_LABELS.history]: String(cut.history), [MARTS_LABELS.live]: String(cut.live) }
            const table = bigquery.dataset(names.datasets.marts).table(MARTS_TABLE)
            const metadata = await tableOf('marts', MARTS_TABLE)
            const mark = () =>
              within(
                CALL_MS,
                'noting the instant of the marts',
                table.setMetadata({ labels: { ...metadata?.labels, ...labels } }),
              )
            await site.run(mark, isTransient).catch((error) => {
              throw explainCloudError(error, `noting the instant of ${names.datasets.marts}`)
            })
            return (await warehouse.published()) as Published
          },
          [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose](),
        }
      } catch (error) {
        await lock[Symbol.asyncDispose]()
        throw error
      }
    },

    marts: () => bigqueryMarts(`${gcp.project}.${names.datasets.marts}`, warehouse, bigqueryReader(bigquery, cloud)),

    feed: () => undefined,

    async reader() {
      const { world } = await look()
      await claimTable('transactions', world)
      return bigqueryReader(bigquery, cloud)
    },

    async [Symbol.asyncDispose]() {},
  }

  return warehouse
}

/** A load is noted by an empty object of this name. */
const noteOf = (load: Load): string => `${LOADED}${load.name}/${digestOf(load)}`

const cutOfLabels = (labels: Record<string, string> | undefined): Cut | undefined => {
  const [history, live] = [labels?.[MARTS_LABELS.history], labels?.[MARTS_LABELS.live]]
  return history === undefined || live === undefined ? undefined : { history: Number(history), live: Number(live) }
}

interface WholeMonth {
  table: FactName
  month: number
  keys: string[]
}

/** The months of which every block has a part that goes equally far. */
export function wholeMonths(parts: readonly Part[], blocks: number): WholeMonth[] {
  const months = new Map<string, Map<number, Part>>()
  for (const part of parts) {
    const name = `${part.table}/${part.month}`
    const month = months.get(name) ?? new Map<number, Part>()
    months.set(name, month)
    const other = month.get(part.block)
    if (part.block < blocks && !(other && other.through >= part.through)) month.set(part.block, part)
  }
  return [...months.values()]
    .filter((month) => month.size === blocks && new Set([...month.values()].map(({ through }) => through)).size === 1)
    .map((month) => {
      const all = [...month.values()].sort((a, b) => a.block - b.block)
      return { table: all[0].table, month: all[0].month, keys: all.map(({ key }) => key) }
    })
}

/** What the dbt profile of target gcp reads. */
function dbtEnvironment(
  config: Config,
  { gcp, names, emulators, credentials }: Cloud,
  cut: Cut,
): Record<string, string> {
  return {
    RETAIL_PROJECT: gcp.project,
    RETAIL_LOCATION: gcp.location,
    RETAIL_RAW: names.datasets.raw,
    RETAIL_STAGING: names.datasets.staging,
    RETAIL_MARTS: names.datasets.marts,
    RETAIL_MAX_BYTES_BILLED: String(gcp.max_bytes_billed),
    RETAIL_SCHEMA: config.world.schema,
    RETAIL_CUT: String(cut.live),
    ...(emulators ? { RETAIL_BIGQUERY_ENDPOINT: emulators.bigquery } : {}),
    ...(credentials.file === undefined ? {} : { GOOGLE_APPLICATION_CREDENTIALS: credentials.file }),
    ...(credentials.impersonate === undefined ? {} : { RETAIL_IMPERSONATE: credentials.impersonate }),
  }
}
