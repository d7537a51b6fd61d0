import type { DemoResult } from '../../src/pipeline/results.ts'
import { sumOfFacts } from '../../src/tables/index.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'
import { type Pieces, table } from './layout.ts'

export function renderDemo(result: DemoResult): Pieces {
  const { rows, backfill, stream, transform, verify, sizeBytes, peakRssBytes, seconds, workspace } = result
  const all = Object.values(rows).reduce((sum, n) => sum + n, 0)
  return [
    `${verify.ok && transform.failed.length === 0 ? '✔' : '✘'} Demo done in ${formatDuration(seconds)}: ${formatCount(all)} rows in ${workspace}`,
    table([
      [
        'history',
        `${formatCount(sumOfFacts(backfill.total.rows))} rows`,
        `${backfill.from} … ${backfill.to}, ${formatCount(backfill.rowsPerSecond)} rows/s`,
      ],
      [
        'live',
        `${formatCount(stream.events)} events`,
        `${formatDuration(stream.seconds)}, ${formatCount(stream.eventsPerSecond)} events/s, to ${stream.to}`,
      ],
      [
        'dbt',
        `${transform.models} models`,
        `${transform.tests} tests, ${transform.failed.length} failed, ${formatDuration(transform.seconds)}`,
      ],
      [
        'verify',
        verify.ok ? 'all correct' : 'wrong data',
        `${verify.checks.length} checks, ${formatDuration(verify.seconds)}`,
      ],
      [
        'disk',
        formatBytes(sizeBytes.lake + sizeBytes.database),
        `lake ${formatBytes(sizeBytes.lake)}, database ${formatBytes(sizeBytes.database)}`,
      ],
      ['memory', formatBytes(peakRssBytes), 'peak'],
    ]),
  ]
}
