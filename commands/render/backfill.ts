import type { BackfillResult } from '../../src/pipeline/results.ts'
import { shellLine } from '../stop.ts'
import { formatBytes, formatCount, formatDuration, next, table } from './format.ts'

type Export = NonNullable<BackfillResult['export']>

export function renderBackfill(result: BackfillResult): string {
  return [head(result), rowsTable(result), ...(result.dryRun ? [] : [costs(result)]), whatNext(result)].join('\n')
}

function head({ dryRun, complete, allShards, from, to, seconds, shard, parts, export: out }: BackfillResult): string {
  const period = `${from} … ${to}${out ? ` · ${out.format} in ${out.folder}` : ''}`
  const what = out ? 'Export' : 'Backfill'
  if (dryRun)
    return `Would make ${formatCount(parts.made + parts.remade)} parts, keep ${formatCount(parts.kept)} · ${period}`
  if (!complete) return `! ${what} of ${period} is not complete (shard ${shard}) after ${formatDuration(seconds)}`
  if (!allShards)
    return `✔ Shard ${shard} of ${period} complete in ${formatDuration(seconds)}; others have parts to make`
  return `✔ ${what} complete in ${formatDuration(seconds)} · ${period}`
}

function rowsTable({ rows, total, parts, export: out }: BackfillResult): string {
  const facts = (['transactions', 'inventories'] as const).filter((name) => out?.tables.includes(name) ?? true)
  return table(
    [
      ...Object.entries(out?.dimensions ?? {}).map(([name, count]) => [name, formatCount(count), '']),
      ...facts.map((name) => [name, formatCount(total.rows[name]), `+${formatCount(rows[name])} now`]),
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

function whatNext({ dryRun, complete, allShards, shard, export: out }: BackfillResult): string {
  if (out) return whatNextOf(out, { dryRun, complete, allShards, shard })
  if (dryRun || !complete) return next(['retail backfill', dryRun ? '' : 'makes what is missing'])
  if (!allShards) return next([`retail backfill --shard i/${shard.split('/')[1]}`, 'for each other i'])
  return next(['retail transform', 'staging and marts'], ['retail stream', 'go on live'])
}

function whatNextOf(
  { folder, format, tables }: Export,
  { dryRun, complete, allShards, shard }: Pick<BackfillResult, 'dryRun' | 'complete' | 'allShards' | 'shard'>,
): string {
  const again = shellLine([
    'backfill',
    '--out',
    folder,
    '--format',
    format,
    ...(tables.length === 1 ? ['--table', tables[0]] : []),
  ])
  if (dryRun || !complete) return next([again, dryRun ? '' : 'makes what is missing'])
  if (!allShards) return next([`${again} --shard i/${shard.split('/')[1]}`, 'for each other i'])
  const fact = tables.find((name) => name === 'transactions' || name === 'inventories')
  const files = fact ? `${fact}/*/*.${format}` : `${tables[0]}.${format}`
  return next([`duckdb -c "FROM '${folder}/${files}' LIMIT 5"`, 'any reader will do'])
}
