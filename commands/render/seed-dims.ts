import type { SeedDimsResult } from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, next, table } from './format.ts'

export function renderSeedDims(
  { rows, sizeBytes, world }: SeedDimsResult,
  did: 'wrote' | 'would write' = 'wrote',
): string {
  return [
    did === 'wrote'
      ? `✔ Dimensions written, ${formatBytes(sizeBytes)} · world ${world}`
      : `Would write dimensions · world ${world}`,
    table(
      [
        ['product', formatCount(rows.product)],
        ['store', formatCount(rows.store)],
      ],
      { right: [1] },
    ),
    next([did === 'wrote' ? 'retail backfill' : 'retail seed-dims']),
  ].join('\n')
}
