/**
 * Every value a user can set, by its path in `retail.yaml`, in the order of that file. No zod here: the help needs these
 * texts and names, and help must start fast. The schema takes its descriptions from here; a test proves both name the same keys.
 */
export const settings = {
  target: 'where data goes: this machine, or Google Cloud',
  seed: 'same seed, same world, same sales',
  'world.stores': 'number of stores',
  'world.products': 'number of products',
  'world.lines_per_store_day': 'sale lines of an average store on an average day',
  'world.schema': 'extended adds basket_id, movement_type and reference_id',
  'history.from': 'first day; the opening stock is counted at its midnight, UTC',
  'history.to': 'last day of history, inclusive; may grow later',
  'parquet.compression': 'of parts; zstd makes files of half the size, in more time, and needs Node 22.15',
  'local.database': 'the DuckDB file that people open',
  'local.lake': 'the folder of Parquet parts',
  'gcp.project': 'project id',
  'gcp.location': 'of datasets and bucket; cannot be changed later',
  'gcp.region': 'of everything that runs',
  'gcp.bucket': 'bucket of the lake',
  'gcp.dataset': 'begins the names of the BigQuery datasets: retail_raw, retail_staging, retail_marts',
  'gcp.prefix': 'begins the names of topics, subscriptions and service accounts',
  'gcp.ingest': 'how live events get into BigQuery: by `retail load`, or by a BigQuery subscription',
  'gcp.max_bytes_billed': 'a query that would be billed for more bytes is refused',
  'gcp.stream_stop_after': 'a stream ends by itself after so long, so that none is forgotten and paid for',
  'gcp.credentials': 'path of a credentials file outside the workspace, instead of the default credentials',
  'gcp.impersonate': 'service account to act as',
  'gcp.deletion_protection': 'tables cannot be removed before it is taken away',
  'gcp.versioning': 'the bucket keeps what was overwritten or removed for a week',
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
