import type { Cut } from '../../ports/index.ts'
import type { FactName } from '../../tables/index.ts'
import { formatSecond } from '../../time.ts'
import type { DeliveryNote } from '../delivery/ledger.ts'
import type { CheckName, Outcome } from './sentences.ts'

export interface VerifyCheck {
  name: CheckName
  outcome: Outcome
  /** It passed. */
  ok: boolean
  /** The outcome in words. */
  sentence: string
  /** Why it is inconclusive. */
  why?: string
  /** Number of rows, days, or groups compared. */
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
  /** What is wrong there, in words. */
  sentence: string
  /** Range of the timeline, if it is not a whole day. */
  range?: { from: string; to: string }
}

export interface VerifyResult {
  world: string
  ok: boolean
  quick: boolean
  raw: { history: string; live: string }
  /** Undefined: no transform yet. */
  marts: { history: string; live: string } | undefined
  checks: VerifyCheck[]
  /** The first differences of each check, at most 20 each. */
  differences: VerifyDifference[]
  rows: Record<FactName, number>
  /** What the lake holds beyond the public database. A verify changes nothing; `backfill` publishes it. */
  unpublished?: { history: string; live: string } | undefined
  /** What was published and what arrived, and the rows of raw that are not of this world; undefined locally. */
  delivery?: DeliveryNote | undefined
  /** Messages that were rejected, and that nobody has dealt with; undefined locally. */
  openLetters?: number | undefined
  /** Bytes that BigQuery billed for it; undefined locally. */
  billedBytes?: number | undefined
  /** project.dataset of raw in BigQuery; undefined locally. */
  dataset?: string | undefined
  seconds: number
}

/** What one shard measured; it says nothing about right or wrong, except for damaged files. */
export interface VerifyShardResult {
  world: string
  shard: string
  quick: boolean
  raw: { history: string; live: string }
  marts: { history: string; live: string } | undefined
  stores: number
  /** Expected rows of these stores. */
  rows: Record<FactName, number>
  files: { read: number; damaged: string[] }
  /** Whether it read the rows; otherwise, the merge does. */
  measured: boolean
  /** Where its result lies. */
  file: string
  seconds: number
}

export const cutText = ({ history, live }: Cut) => ({ history: formatSecond(history), live: formatSecond(live) })
