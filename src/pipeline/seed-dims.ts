import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import type { DimensionName } from '../tables/index.ts'
import type { SeedDimsResult } from './results.ts'

export interface SeedDimsOptions {
  dryRun?: boolean
  onTable?: (table: DimensionName, rows: number) => void
}

export async function seedDims(_ports: Ports, _config: Config, _options: SeedDimsOptions): Promise<SeedDimsResult> {
  throw new Error('under construction')
}
