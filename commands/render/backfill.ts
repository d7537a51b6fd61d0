import type { BackfillResult } from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, formatDuration, next, table } from './format.ts'

export function renderBackfill(result: BackfillResult): string {
  return [head(result), rowsTable(result), ...(result.dryRun ? [] : [costs(result)]), whatNext(result)].join('\n')
}

function head({ dryRun, complete, allShards, from, to, seconds, shard, parts }: BackfillResult): string {
  const period = `${from} … ${to}`
  if (dryRun)
    return `Would make ${formatCount(parts.made + parts.remade)} parts, keep ${formatCount(parts.kept)} · ${period}`
  if (!complete) return `! Backfill of ${period} is not complete (shard ${shard}) after ${formatDuration(seconds)}`
  if (!allShards)
    return `✔ Shard ${shard} of ${period} complete in ${formatDuration(seconds)}; others have parts to make`
  return `✔ Backfill complete in ${formatDuration(seconds)} · ${period}`
}

function rowsTable({ rows, total, parts }: BackfillResult): string {
  return table(
    [
      ['transactions', formatCount(total.rows.transactions), `+${formatCount(rows.transactions)} now`],
      ['inventories', formatCount(total.rows.inventories), `+${formatCount(rows.inventories)} now`],
      [
        'parts',
        formatCount(parts.made + parts.kept + parts.remade),
        `${formatCount(parts.made)} made, ${formatCount(parts.kept)} kept${parts.remade ? `, ${formatCount(parts.remade)} damaged and made again` : ''}`,
      ],
    ],
    { right: [1] },
  )
}

function costs({ total, rowsPerSecond, peakRssBytes, workers }: BackfillResult): string {
  const threads = `${workers} worker${workers === 1 ? '' : 's'}`
  const speed = rowsPerSecond > 0 ? ` · ${formatCount(rowsPerSecond)} rows/s` : ''
  return `  ${formatBytes(total.sizeBytes)} on disk${speed} · ${threads} · peak memory ${formatBytes(peakRssBytes)}`
}

function whatNext({ dryRun, complete, allShards, shard }: BackfillResult): string {
  if (dryRun || !complete) return next(['retail backfill', dryRun ? '' : 'makes what is missing'])
  if (!allShards) return next([`retail backfill --shard i/${shard.split('/')[1]}`, 'for each other i'])
  return next(['retail transform', 'staging and marts'], ['retail stream', 'go on live'])
}
