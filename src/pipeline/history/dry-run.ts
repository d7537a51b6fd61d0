import type { Lake } from '../../ports/index.ts'
import { byFact, type FactName, type FileFormat } from '../../tables/index.ts'
import type { Day } from '../../time.ts'
import { estimateBytes, estimateRows, shapeOf } from '../estimate.ts'
import type { BackfillResult } from './result.ts'
import { headOf, type Scope, storesOf, tasksOf } from './scope.ts'

/** Days of a block that are missing from these tables. */
export interface Missing {
  block: number
  from: Day
  through: Day
  tables: readonly FactName[]
}

/** What a backfill would generate: the missing parts, with estimated rows and bytes. */
export async function dryRun(lake: Lake, scope: Scope): Promise<BackfillResult> {
  const start = performance.now()
  let [longer, kept] = [0, 0]
  const missing: Missing[] = []
  for (const { block, tables, months } of tasksOf(scope, await lake.layout())) {
    for (const { from, through, existing, longer: lengthened = [] } of months) {
      kept += existing.length
      longer += lengthened.length
      const lacking = tables.filter((name) => existing.every((part) => part.table !== name))
      missing.push({ block, from, through, tables: lacking })
    }
  }
  return planned(scope, lake.format, missing, { longer, kept, start })
}

/** The result of a dry run. `longer`: how many of the missing parts replace shorter ones. */
export function planned(
  scope: Scope,
  format: FileFormat,
  missing: readonly Missing[],
  { longer, kept, start }: { longer: number; kept: number; start: number },
): BackfillResult {
  const { config, world } = scope
  const shape = shapeOf(config)
  let [parts, sizeBytes] = [0, 0]
  const expected = byFact(() => 0)
  // Blocks differ only in their stores, and rows are proportional to them.
  const ofOneStore = new Map<string, Record<FactName, number>>()
  for (const { block, from, through, tables } of missing) {
    const stores = storesOf(world, [block])
    const days = `${from} ${through}`
    const each = ofOneStore.get(days) ?? estimateRows(shape, { from, to: through }, 1)
    ofOneStore.set(days, each)
    parts += tables.length
    for (const table of tables) {
      const rows = each[table] * stores
      expected[table] += rows
      const storeDays = stores * (through - from + 1)
      sizeBytes += estimateBytes(shape, table, format, { rows, files: 1, storeDays })
    }
  }
  const rows = byFact((name) => Math.round(expected[name]))
  return {
    ...headOf(scope),
    dryRun: true,
    parts: { made: parts - longer, longer, kept, remade: 0 },
    rows,
    sizeBytes,
    total: { rows, sizeBytes },
    seconds: (performance.now() - start) / 1000,
    rowsPerSecond: 0,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    complete: parts === 0,
    allShards: false,
  }
}
