import type { VerifyShardResult } from '../../src/pipeline/results.ts'
import { sumOfFacts } from '../../src/tables/index.ts'
import { formatCount, formatDuration } from './format.ts'
import type { Pieces } from './layout.ts'

const SHOWN = 5

export function renderVerifyShard({
  shard,
  stores,
  rows,
  files,
  raw,
  quick,
  file,
  seconds,
}: VerifyShardResult): Pieces {
  const { read, damaged } = files
  const more = damaged.length - SHOWN
  return [
    `✔ Measured shard ${shard} in ${formatDuration(seconds)}: ${formatCount(stores)} stores, ${formatCount(sumOfFacts(rows))} rows${quick ? ', quick' : ''}`,
    `  raw to ${raw.live} · ${formatCount(read)} files read, ${formatCount(damaged.length)} of them damaged`,
    ...damaged.slice(0, SHOWN).map((key) => `  damaged: ${key}`),
    ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
    `  result in ${file}`,
  ]
}
