import type { SeedDimsResult } from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, movedLines } from './format.ts'
import { type Pieces, table } from './layout.ts'

export function renderSeedDims(
  { rows, sizeBytes, world, moved }: SeedDimsResult,
  did: 'wrote' | 'would write' = 'wrote',
): Pieces {
  return [
    did === 'wrote'
      ? `✔ Dimensions written, ${formatBytes(sizeBytes)} · world ${world}`
      : `Would write dimensions · world ${world}`,
    table(
      Object.entries(rows).map(([name, count]) => [name, formatCount(count)]),
      { right: [1] },
    ),
    ...movedLines(moved),
  ]
}
