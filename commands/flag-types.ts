import type { Overrides } from '../src/config/settings.ts'

/** Flags that every command accepts, before or after its name. */
export interface GlobalFlags {
  workspace?: string
  json?: boolean
  quiet?: boolean
  verbose?: boolean
  debug?: boolean
  /** commander's names for --no-color and --no-input: true unless the flag is present. */
  color?: boolean
  input?: boolean
  yes?: boolean
}

/** Flags that override retail.yaml for one invocation. */
export interface OverrideFlags {
  target?: string
  seed?: number
  stores?: number
  products?: number
  linesPerStoreDay?: number
  schema?: string
  credentials?: string
  impersonate?: string
  project?: string
  location?: string
  region?: string
  bucket?: string
  dataset?: string
  ingest?: string
  maxBytesBilled?: number
  streamStopAfter?: string
}

/** Flags that define the world without a retail.yaml. */
export const namesWorld = ({ seed, stores, products, linesPerStoreDay }: OverrideFlags): boolean =>
  [seed, stores, products, linesPerStoreDay].some((value) => value !== undefined)

export function overridesOf(flags: OverrideFlags): Overrides {
  const given: Overrides = {
    target: flags.target,
    seed: flags.seed,
    'world.stores': flags.stores,
    'world.products': flags.products,
    'world.lines_per_store_day': flags.linesPerStoreDay,
    'world.schema': flags.schema,
    'gcp.credentials': flags.credentials,
    'gcp.impersonate': flags.impersonate,
    'gcp.project': flags.project,
    'gcp.location': flags.location,
    'gcp.region': flags.region,
    'gcp.bucket': flags.bucket,
    'gcp.dataset': flags.dataset,
    'gcp.ingest': flags.ingest,
    'gcp.max_bytes_billed': flags.maxBytesBilled,
    'gcp.stream_stop_after': flags.streamStopAfter,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}
