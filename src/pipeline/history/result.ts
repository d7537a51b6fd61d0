import type { DimensionName, FactName, FileFormat, TableName } from '../../tables/index.ts'
import type { Moved } from '../moved.ts'

export interface BackfillResult {
  world: string
  /** The period that is complete now, or would be (dry run). */
  from: string
  to: string
  shard: string
  workers: number
  dryRun: boolean
  /** Both tables of a block and month are two parts. `longer`: they replace parts that end earlier in the month. */
  parts: { made: number; longer: number; kept: number; remade: number }
  /** Rows written by this run (estimated in a dry run). */
  rows: Record<FactName, number>
  sizeBytes: number
  /** Bytes and rows of the whole period. */
  total: { rows: Record<FactName, number>; sizeBytes: number }
  seconds: number
  rowsPerSecond: number
  peakRssBytes: number
  /** Every part of this run's share exists. */
  complete: boolean
  /** History is complete to `to`: the other shards' parts exist, too. */
  allShards: boolean
  /** What history covers, if that is more than this period. */
  history?: { from: string; to: string }
  moved?: Moved | undefined
  /** A database only: its address, and the rows of its dimensions. */
  database?: { location: string; dimensions: Readonly<Partial<Record<DimensionName, number>>> }
  /** Exports only: the folder, and the rows of its dimensions. */
  export?: {
    folder: string
    format: FileFormat
    tables: readonly TableName[]
    dimensions: Partial<Record<DimensionName, number>>
    /** The digest of the profile that says what happens to events on their way. */
    faults?: string | undefined
  }
}

/** Progress of a backfill: rows of both tables. */
export interface BackfillProgress {
  doneRows: number
  totalRows: number
  /** The current month, YYYY-MM. */
  month: string
}
