import type { BackfillResult } from '../../src/pipeline/results.ts'
import { facts } from '../../src/tables/index.ts'
import { formatBytes, formatCount, formatDuration, movedLines } from './format.ts'
import { type Pieces, type Table, table } from './layout.ts'

const factNames = facts.map(({ name }) => name)

export function renderBackfill(result: BackfillResult): Pieces {
  const { dryRun, history, moved } = result
  return [
    head(result),
    rowsTable(result),
    ...(dryRun ? [] : [costs(result)]),
    ...(history ? [`  history covers ${history.from} … ${history.to}`] : []),
    ...movedLines(moved),
  ]
}

function head(result: BackfillResult): string {
  const { dryRun, complete, allShards, from, to, seconds, shard, parts, export: out, database } = result
  const period = `${from} … ${to}${out ? ` · ${out.format} in ${out.folder}${out.faults ? `, with faults ${out.faults}` : ''}` : database ? ` · ${database.location}` : ''}`
  const what = out ? 'Export' : 'Backfill'
  if (dryRun)
    return `Would generate ${formatCount(parts.made + parts.longer + parts.remade)} parts, keep ${formatCount(parts.kept)} · ${period}`
  if (!complete)
    return `! ${what} of ${period} is incomplete${shard === '1/1' ? '' : ` (shard ${shard})`} after ${formatDuration(seconds)}`
  if (!allShards)
    return `✔ Shard ${shard} of ${period} complete in ${formatDuration(seconds)}; other shards still have parts to generate`
  return `✔ ${what} complete in ${formatDuration(seconds)} · ${period}`
}

function rowsTable({ rows, total, parts, export: out, database }: BackfillResult): Table {
  const facts = factNames.filter((name) => out?.tables.includes(name) ?? true)
  return table(
    [
      ...Object.entries(out?.dimensions ?? database?.dimensions ?? {}).map(([name, count]) => [
        name,
        formatCount(count),
        '',
      ]),
      ...facts.map((name) => [name, formatCount(total.rows[name]), `+${formatCount(rows[name])} now`]),
      ['parts', formatCount(sumOf(parts)), partsText(parts)],
    ],
    { right: [1] },
  )
}

const sumOf = ({ made, longer, kept, remade }: BackfillResult['parts']): number => made + longer + kept + remade

function partsText({ made, longer, kept, remade }: BackfillResult['parts']): string {
  const counts = [`${formatCount(made)} new`]
  if (longer > 0) counts.push(`${formatCount(longer)} longer`)
  counts.push(`${formatCount(kept)} kept`)
  if (remade > 0) counts.push(`${formatCount(remade)} damaged and regenerated`)
  return counts.join(', ')
}

function costs({ total, rowsPerSecond, peakRssBytes, workers }: BackfillResult): string {
  const threads = `${workers} worker${workers === 1 ? '' : 's'}`
  const speed = rowsPerSecond > 0 ? ` · ${formatCount(rowsPerSecond)} rows/s` : ''
  return `  ${formatBytes(total.sizeBytes)} on disk${speed} · ${threads} · peak memory ${formatBytes(peakRssBytes)}`
}
