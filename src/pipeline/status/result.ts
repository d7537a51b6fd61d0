import type { DamagedFile } from '../../ports/damage.ts'
import type { LetterCount } from '../../ports/index.ts'
import type { Moved } from '../moved.ts'
import type { Next } from '../next.ts'

export interface StatusStep {
  /** `load`: target gcp only. */
  step: 'infra' | 'seed-dims' | 'backfill' | 'stream' | 'load' | 'transform' | 'verify'
  state: 'none' | 'done' | 'partial' | 'running' | 'stale' | 'failed' | 'not needed'
  rows: number | undefined
  lastRun: string | undefined
  detail: string
}

export interface StatusResult {
  version: string
  target: string
  workspace: string
  config: string | undefined
  world: string
  /** How far the timeline has been delivered: end of history, end of the live stream. */
  raw: { history: string; live: string }
  /** `sizeBytes`: of a database on this machine; undefined if it does not exist, and for one that is a service. */
  database: { product: string; location: string; sizeBytes: number | undefined; service: boolean }
  lake: { location: string; sizeBytes: number; files: number }
  /** Damaged state files, and files that do not belong where they are; undefined if there are none. */
  damage?: readonly DamagedFile[]
  /** The database still reads the lake at the workspace's previous location. */
  moved?: Moved | undefined
  /** The shards of the stream, wherever they run; undefined if one stream has all stores. */
  shards?: { shard: string; position: string; started: boolean }[]
  /** Messages that were rejected, and that nobody has dealt with; undefined locally. */
  openLetters?: readonly LetterCount[] | undefined
  /** Subscriptions that do not exist; undefined if there are none. */
  lostSubscriptions?: readonly string[]
  /** Billed bytes of the last verify and the last transform; undefined locally. */
  billedBytes?: number | undefined
  steps: StatusStep[]
  /** Everything exists and is fresh; the result of `--check`. */
  ready: boolean
  /** The commands to run next. */
  next: Next[]
}
