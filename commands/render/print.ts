import type { PrintResult } from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'

export function renderPrint({ table, format, rows, sizeBytes, seconds, from, to, dryRun }: PrintResult): string {
  const period = from ? ` · ${from} … ${to}` : ''
  const what = `${formatCount(rows)} rows of ${table} as ${format}, ${formatBytes(sizeBytes)}`
  if (dryRun) return `Would write about ${what}${period}`
  return `✔ ${what}, in ${formatDuration(seconds)} · ${formatCount(rows / seconds)} rows/s${period}`
}
