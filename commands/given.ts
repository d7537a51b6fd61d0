import type { Overrides } from '../src/config/settings.ts'

/** Flags every command takes, before or after its name. */
export interface GlobalFlags {
  workspace?: string
  json?: boolean
  quiet?: boolean
  verbose?: boolean
  debug?: boolean
  /** commander's spelling of --no-color and --no-input: true unless given */
  color?: boolean
  input?: boolean
  yes?: boolean
}

/** Flags that stand over retail.yaml for one run. */
export interface OverrideFlags {
  target?: string
  seed?: number
  stores?: number
  products?: number
  linesPerStoreDay?: number
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

export function overridesOf(flags: OverrideFlags): Overrides {
  const given: Overrides = {
    target: flags.target,
    seed: flags.seed,
    'world.stores': flags.stores,
    'world.products': flags.products,
    'world.lines_per_store_day': flags.linesPerStoreDay,
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
