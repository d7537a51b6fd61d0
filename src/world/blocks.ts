/** Stores [lo, hi): the unit of parallel work. */
export interface Block {
  index: number
  lo: number
  hi: number
}

/**
 * Lines of one table in one part that are worth a file of their own: BigQuery and DuckDB work best with at least 16
 * MiB.
 */
const LINES_PER_PART = 1_500_000
const BLOCKS_MIN = 8
const BLOCKS_MAX = 512

/**
 * Derived from the config alone, never from the machine. Enough blocks to share the work, each large enough for a
 * decent file.
 */
export function blockCount(stores: number, linesPerStoreDay: number): number {
  const wanted = Math.ceil((stores * linesPerStoreDay * 30.5) / LINES_PER_PART)
  return Math.min(stores, Math.max(BLOCKS_MIN, Math.min(BLOCKS_MAX, wanted)))
}

export function blocksOf(stores: number, linesPerStoreDay: number): Block[] {
  const count = blockCount(stores, linesPerStoreDay)
  return Array.from({ length: count }, (_, index) => ({
    index,
    lo: Math.floor((index * stores) / count),
    hi: Math.floor(((index + 1) * stores) / count),
  }))
}
