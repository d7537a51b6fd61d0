import type { BigQuery, TableMetadata } from '@google-cloud/bigquery'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { TableName } from '../../tables/index.ts'
import type { Cloud } from './clients.ts'
import { explainCloudError, isNotFound, isTransient, retrySite, within } from './retry.ts'

const CALL_MS = 60_000
const PATIENCE_MS = 5 * 60_000
const WORLD_LABEL = 'retail-world'

/** The datasets of a workspace. */
export type Dataset = keyof Cloud['names']['datasets']

/** The tables in the workspace's datasets. Their labels record the owner and the content. */
export interface BigQueryTables {
  /** Undefined if the table does not exist. */
  inspect(layer: Dataset, table: string): Promise<TableMetadata | undefined>
  /** Adds labels to the table's labels; an error message uses `doing`. */
  label(
    layer: Dataset,
    table: string,
    known: TableMetadata | undefined,
    labels: Record<string, string>,
    doing: string,
  ): Promise<void>
  /** Creation time of a table of raw. Throws if it holds another world. */
  created(table: TableName, world: string): Promise<string>
  /** The same; labels the table as ours if it has no label. */
  claim(table: TableName, world: string): Promise<string>
}

export function bigqueryTables(bigquery: BigQuery, { gcp, names }: Cloud): BigQueryTables {
  const location = `${gcp.project}.${names.datasets.raw}`
  const site = retrySite('BigQuery', { patienceMs: PATIENCE_MS })

  async function inspect(layer: Dataset, table: string): Promise<TableMetadata | undefined> {
    const get = () =>
      within(CALL_MS, 'checking a table', bigquery.dataset(names.datasets[layer]).table(table).getMetadata())
    try {
      const [metadata] = await site.run(get, isTransient)
      return metadata as TableMetadata
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw explainCloudError(error, `checking ${gcp.project}.${names.datasets[layer]}.${table}`)
    }
  }

  async function ownTable(table: TableName, world: string): Promise<TableMetadata> {
    const metadata = await inspect('raw', table)
    if (!metadata)
      throw new RetailError('missing', `the table ${location}.${table} does not exist`, {
        hint: advise`${retail('infra', 'apply')}`,
      })
    const marked = metadata.labels?.[WORLD_LABEL]
    if (marked !== undefined && marked !== world)
      throw new RetailError('foreign_world', `the dataset ${location} belongs to another world`, {
        why: `its world is ${marked}, this one is ${world}`,
        hint: 'restore the old values in retail.yaml, or choose another dataset with --dataset',
      })
    const dataset = metadata.location
    if (dataset !== undefined && dataset.toUpperCase() !== gcp.location.toUpperCase())
      throw new RetailError('bad_config', `the dataset ${location} is in ${dataset}, not in ${gcp.location}`, {
        why: 'a dataset cannot be moved, and jobs run in its location',
        hint: `set location: ${dataset} in the gcp section of retail.yaml`,
      })
    return metadata
  }

  const created = async (table: TableName, world: string): Promise<string> =>
    String((await ownTable(table, world)).creationTime)

  async function claim(table: TableName, world: string): Promise<string> {
    const metadata = await ownTable(table, world)
    if (metadata.labels?.[WORLD_LABEL] === undefined)
      await label('raw', table, metadata, { [WORLD_LABEL]: world }, `labeling ${location}.${table} as ours`)
    return String(metadata.creationTime)
  }

  const label: BigQueryTables['label'] = async (layer, table, known, labels, doing) => {
    const handle = bigquery.dataset(names.datasets[layer]).table(table)
    const mark = () => within(CALL_MS, doing, handle.setMetadata({ labels: { ...known?.labels, ...labels } }))
    await site.run(mark, isTransient).catch((error) => {
      throw explainCloudError(error, doing)
    })
  }

  return { inspect, label, created, claim }
}
