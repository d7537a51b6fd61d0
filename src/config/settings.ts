/**
 * Every setting, by its path in `retail.yaml`, in the order of that file. This module does not import zod, because help
 * needs these texts and must start fast. The schema takes its descriptions from here; a test proves that both have the
 * same keys.
 */
export const settings = {
  target: 'where data goes: this machine or Google Cloud',
  seed: 'random seed; the same seed generates the same data',
  'world.stores': 'number of stores',
  'world.products': 'number of products',
  'world.lines_per_store_day': 'average number of sale lines per store per day',
  'world.schema':
    'extended adds the tables customer and price_history and the columns basket_id, customer_id, movement_type, and reference_id',
  'history.from': 'first day of history; opening stock is counted at 00:00 UTC',
  'history.to': 'last day of history, inclusive; you can extend it later',
  'parquet.compression': 'compression of Parquet files; zstd halves their size but is slower and needs Node 22.15',
  'local.database': 'the DuckDB database file',
  'local.lake': 'folder for the Parquet files',
  'gcp.project': 'project id',
  'gcp.location': 'location of the datasets and the bucket; cannot be changed later',
  'gcp.region': 'region where jobs run',
  'gcp.bucket': 'bucket for the lake',
  'gcp.dataset': 'prefix of the BigQuery datasets: retail_raw, retail_staging, retail_build, retail_marts',
  'gcp.prefix': 'prefix of topics, subscriptions, and service accounts',
  'gcp.ingest': 'how live events reach BigQuery: `retail load` or a BigQuery subscription',
  'gcp.max_bytes_billed': 'BigQuery rejects a query that would be billed for more bytes',
  'gcp.stream_stop_after': 'maximum duration of a stream, so that a forgotten one does not run up costs',
  'gcp.credentials': 'credentials file to use instead of the default credentials; must be outside the workspace',
  'gcp.impersonate': 'service account to impersonate',
  'gcp.deletion_protection': 'protect tables from deletion until this is set to false',
  'gcp.versioning': 'keep overwritten and deleted objects in the bucket for a week',
} as const

export type SettingPath = keyof typeof settings
export const settingPaths = Object.keys(settings) as SettingPath[]

const lastOf = (path: SettingPath) => path.slice(path.lastIndexOf('.') + 1)

/** `RETAIL_LINES_PER_STORE_DAY` */
export const variableOf = (path: SettingPath): string => `RETAIL_${lastOf(path).toUpperCase()}`

/** `--lines-per-store-day` */
export const flagOf = (path: SettingPath): string => `--${lastOf(path).replaceAll('_', '-')}`

/** Values given on the command line, by path. */
export type Overrides = Partial<Record<SettingPath, string | number | boolean>>
