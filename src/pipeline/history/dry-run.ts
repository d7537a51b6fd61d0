import type { Lake } from '../../ports/index.ts'
import { byFact, type FactName } from '../../tables/index.ts'
import type { Month } from '../../time.ts'
import { estimateBytes, estimateRows, shapeOf } from '../estimate.ts'
import type { BackfillResult } from './result.ts'
import { headOf, type Scope, storesOf, tasksOf } from './scope.ts'

/** What a backfill would generate: the missing parts, with estimated rows and bytes. */
export async function dryRun(lake: Lake, scope: Scope): Promise<BackfillResult> {
  const start = performance.now()
  const { config, world } = scope
  const shape = shapeOf(config)
  let [made, longer, kept, sizeBytes] = [0, 0, 0, 0]
  const expected = byFact(() => 0)
  // Blocks differ only in their stores, and rows are proportional to them.
  const ofOneStore = new Map<Month, Record<FactName, number>>()
  for (const { block, tables, months } of tasksOf(scope, await lake.layout())) {
    const stores = storesOf(world, [block])
    for (const { month, from, through, existing, longer: lengthened = [] } of months) {
      const each = ofOneStore.get(month) ?? estimateRows(shape, { from, to: through }, 1)
      ofOneStore.set(month, each)
      kept += existing.length
      for (const table of tables.filter((name) => existing.every((part) => part.table !== name))) {
        const rows = each[table] * stores
        if (lengthened.includes(table)) longer++
        else made++
        expected[table] += rows
        sizeBytes += estimateBytes(shape, table, lake.format, {
          rows,
          files: 1,
          storeDays: stores * (through - from + 1),
        })
      }
    }
  }
  const rows = byFact((name) => Math.round(expected[name]))
  return {
    ...headOf(scope),
    dryRun: true,
    parts: { made, longer, kept, remade: 0 },
    rows,
    sizeBytes,
    total: { rows, sizeBytes },
    seconds: (performance.now() - start) / 1000,
    rowsPerSecond: 0,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    complete: made + longer === 0,
    allShards: false,
  }
}
