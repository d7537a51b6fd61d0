import type { PackResult } from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'
import { type Pieces, table } from './layout.ts'

export function renderPack({ file, tables, rows, sizeBytes, raw, marts, seconds }: PackResult): Pieces {
  return [
    `✔ Packed ${formatCount(rows)} rows in ${tables.length} tables, ${formatBytes(sizeBytes)}, in ${formatDuration(seconds)}`,
    `  ${file}`,
    table(
      tables.map((each) => [`${each.schema}.${each.table}`, formatCount(each.rows)]),
      { right: [1] },
    ),
    `  raw to ${raw.live} · ${marts ? `marts to ${marts.live}` : 'no marts yet'}`,
  ]
}
