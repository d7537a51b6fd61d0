import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import type { Day } from '../time.ts'
import type { BackfillProgress, BackfillResult } from './results.ts'

export interface BackfillOptions {
  /** first and last day, inclusive; default: the history of the config */
  from?: Day
  to?: Day
  workers?: number
  /** 0-based index of `count`: makes the blocks with block % count === index */
  shard?: { index: number; count: number }
  dryRun?: boolean
  /** on abort the parts in hand are finished and the result says `complete: false` */
  signal?: AbortSignal
  onProgress?: (progress: BackfillProgress) => void
}

export async function backfill(_ports: Ports, _config: Config, _options: BackfillOptions): Promise<BackfillResult> {
  throw new Error('under construction')
}
