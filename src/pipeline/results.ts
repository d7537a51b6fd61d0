import type { RealismItem } from '../realism/score.ts'
import type { DimensionName, FactName, FileFormat, TableName } from '../tables/index.ts'
import type { Changes } from './infra/changes.ts'
import type { Cost, CostItem } from './infra/cost.ts'

export type { RealismItem }

/** Results are plain values: `--json` prints them as they are. Days are YYYY-MM-DD, instants YYYY-MM-DDTHH:MM:SSZ. */
export interface SeedDimsResult {
  world: string
  rows: Record<DimensionName, number>
  sizeBytes: number
}

export interface BackfillResult {
  world: string
  /** the period that is complete now, or would be (dry run) */
  from: string
  to: string
  shard: string
  workers: number
  dryRun: boolean
  /** both tables of a block and month are two parts */
  parts: { made: number; kept: number; remade: number }
  /** rows made by this run (estimated in a dry run) */
  rows: Record<FactName, number>
  sizeBytes: number
  /** bytes and rows of the whole period */
  total: { rows: Record<FactName, number>; sizeBytes: number }
  seconds: number
  rowsPerSecond: number
  peakRssBytes: number
  /** every part of this run's share is there */
  complete: boolean
  /** history is complete to `to`: the other shards' parts are there too */
  allShards: boolean
  /** of an export only: its folder, and the rows of the dimensions it holds */
  export?: {
    folder: string
    format: FileFormat
    tables: readonly TableName[]
    dimensions: Partial<Record<DimensionName, number>>
  }
}

/** A backfill that a job in the cloud made, or makes. */
export interface RemoteBackfillResult {
  remote: true
  world: string
  from: string
  to: string
  dryRun: boolean
  /** its full name, and what it runs */
  job: string
  image: string
  /** undefined: none was begun (dry run) */
  execution: string | undefined
  /** it ran already */
  joined: boolean
  tasks: { count: number; succeeded: number; failed: number; retried: number }
  ended: boolean
  /** why it did not end well */
  why: string | undefined
  log: string | undefined
  /** so far history is loaded, by all that was ever made */
  history: string | undefined
  /** history is loaded to `to` */
  complete: boolean
  seconds: number
}

/** Tasks of a running job. */
export interface RemoteProgress {
  execution: string
  tasks: number
  succeeded: number
  failed: number
  retried: number
}

/** One thing that a world needs so much of, and how much of it there is. */
export interface PlanCheck {
  what: string
  unit: string
  used: number
  most: number
  ok: boolean
  /** limit: it stays; quota: Google raises it on request; setting: ours; measured: of one process, on two cores */
  kind: 'limit' | 'quota' | 'setting' | 'measured'
  /** what helps when it is not enough */
  mend: string
}

/** What a world takes. Rows, bytes, seconds and money are estimates. */
export interface PlanResult {
  target: 'local' | 'gcp'
  /** the world or its days are not those of retail.yaml */
  sized: boolean
  world: {
    id: string
    stores: number
    products: number
    linesPerStoreDay: number
    schema: string
    from: string
    to: string
    days: number
  }
  rows: Record<FactName, number>
  lake: { blocks: number; months: number; parts: number; sizeBytes: number; partBytes: number }
  /** on one machine of two cores; memory of each worker thread */
  backfill: { seconds: number; verifySeconds: number; workerBytes: number }
  /** the same as a job: tasks that have work, of those asked for */
  job: { tasks: number; asked: number; cpus: number; memoryGib: number; taskSeconds: number }
  /** speed: timeline per time; loaders: processes of `retail load`; until the last day that ids can name */
  stream: { eventsPerSecond: number; speed: number; loaders: number; daysToTheEnd: number }
  local: PlanCheck[]
  cloud: {
    checks: PlanCheck[]
    limits: { date: string; source: string }
    once: { usd: number; items: CostItem[] }
    daily: { usd: number; items: CostItem[] }
    assumptions: string[]
    prices: { date: string; source: string }
  }
}

/** One table as text on stdout. */
export interface PrintResult {
  world: string
  table: TableName
  format: FileFormat
  /** the days of a fact */
  from?: string
  to?: string
  dryRun: boolean
  /** written, or estimated (dry run) */
  rows: number
  sizeBytes: number
  seconds: number
  peakRssBytes: number
  complete: boolean
}

export interface StreamResult {
  world: string
  from: string
  /** position reached: every event before it can be queried */
  to: string
  rows: Record<FactName, number>
  events: number
  batches: number
  seconds: number
  eventsPerSecond: number
  lag: { p50Ms: number; maxMs: number }
  speed: number | 'max'
  stoppedBy: 'signal' | 'duration' | 'until' | 'max-events'
}

/** One line of a running stream. */
export interface StreamTick {
  position: string
  events: number
  /** events a second, asked (undefined at full speed) and reached since the tick before */
  asked: number | undefined
  reached: number
  lagMs: number
}

export interface LoadResult {
  world: string
  /** false: live events get into the warehouse without it */
  needed: boolean
  why: string | undefined
  /** events that are in raw now, repeats included */
  rows: Record<FactName, number>
  deadLetters: number
  batches: number
  seconds: number
  eventsPerSecond: number
  stoppedBy: 'signal' | 'duration' | 'max-events' | 'idle' | 'not needed'
}

/** One line of a running load. */
export interface LoadTick {
  transactions: number
  inventories: number
  deadLetters: number
  /** in hand, not on their way yet */
  waiting: number
}

export interface TransformResult {
  models: number
  tests: number
  failed: string[]
  warned: string[]
  published: boolean
  /** what the marts were built from */
  cut: { history: string; live: string } | undefined
  /** what BigQuery billed for it; undefined locally */
  billedBytes?: number | undefined
  seconds: number
}

export interface VerifyCheck {
  name: string
  about: string
  ok: boolean
  /** rows, days or groups compared */
  compared: number
  seconds: number
}

export interface VerifyDifference {
  check: string
  kind: 'missing' | 'doubled' | 'changed' | 'unexpected' | 'damaged'
  table: string
  day?: string
  store?: string
  id?: string
  column?: string
  expected?: string
  found?: string
  file?: string
}

export interface VerifyResult {
  world: string
  ok: boolean
  quick: boolean
  raw: { history: string; live: string }
  /** undefined: no transform yet */
  marts: { history: string; live: string } | undefined
  checks: VerifyCheck[]
  /** the first differences of each check, at most 20 each */
  differences: VerifyDifference[]
  rows: Record<FactName, number>
  /** what BigQuery billed for it; undefined locally */
  billedBytes?: number | undefined
  /** project.dataset of raw in BigQuery; undefined locally */
  dataset?: string | undefined
  seconds: number
}

export interface RealismResult {
  world: string
  /** `every`: one store in so many was looked at */
  sample: { every: number; lines: number; stores: number; days: number; from: string; to: string }
  items: RealismItem[]
  passed: number
  judged: number
  ok: boolean
  seconds: number
}

export interface StatusStep {
  /** `load` with target gcp only */
  step: 'infra' | 'seed-dims' | 'backfill' | 'stream' | 'load' | 'transform' | 'verify'
  state: 'none' | 'done' | 'partial' | 'running' | 'stale' | 'failed' | 'not needed'
  rows: number | undefined
  lastRun: string | undefined
  detail: string
}

export interface StatusResult {
  version: string
  target: 'local' | 'gcp'
  workspace: string
  config: string | undefined
  world: string
  /** how far the timeline has been delivered: end of history, end of the live stream */
  raw: { history: string; live: string }
  database: { location: string; sizeBytes: number | undefined }
  lake: { location: string; sizeBytes: number; files: number }
  /** what BigQuery billed for the last verify and the last transform; undefined locally */
  billedBytes?: number | undefined
  steps: StatusStep[]
  /** everything is there and fresh; what `--check` looks at */
  ready: boolean
  /** the next command to type */
  next: string
}

/** How far a backfill is: rows of both tables. */
export interface BackfillProgress {
  doneRows: number
  totalRows: number
  /** month in hand, YYYY-MM */
  month: string
}

export interface DemoResult {
  world: string
  workspace: string
  rows: Record<FactName | DimensionName, number>
  backfill: BackfillResult
  stream: StreamResult
  transform: TransformResult
  verify: VerifyResult
  sizeBytes: { lake: number; database: number }
  peakRssBytes: number
  seconds: number
}

interface InfraHead<Action extends string> {
  target: 'gcp'
  action: Action
  project: string
  /** where terraform keeps what it made */
  state: string
}

export interface InfraPlanResult extends InfraHead<'plan'> {
  changes: Changes
  /** what `--detailed-exitcode` tells */
  changed: boolean
  cost: Cost
}

export interface InfraApplyResult extends InfraHead<'apply'> {
  changes: Changes
  outputs: Record<string, unknown>
  seconds: number
}

export interface InfraDestroyResult extends InfraHead<'destroy'> {
  dryRun: boolean
  doomed: Doomed
  destroyed: number
  seconds: number
}

export interface InfraOutputResult extends InfraHead<'output'> {
  outputs: Record<string, unknown>
}

/** What a destroy takes away. Figures nobody knows are undefined, and `unknown` says why. */
export interface Doomed {
  project: string
  kinds: { kind: string; count: number }[]
  buckets: { name: string; objects: number | undefined; sizeBytes: number | undefined }[]
  tables: { name: string; rows: number | undefined; sizeBytes: number | undefined }[]
  subscriptions: string[]
  unknown: string[]
}
