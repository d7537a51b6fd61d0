import type { FactName, FileFormat, WorldSchema } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import type { Period } from './period.ts'

/** Movements a line brings along: its own, receipts, returns and shrink. [M] of this model */
export const MOVEMENTS_PER_LINE = 1.18

/** Bytes of a row, [M] of the default world: lines, movements. */
const BYTES: Record<FileFormat, Record<WorldSchema, readonly [number, number]>> = {
  parquet: { strict: [17.3, 17.6], extended: [17.3, 17.6] },
  csv: { strict: [62, 57], extended: [83, 85] },
  ndjson: { strict: [150, 140], extended: [190, 190] },
}

export function bytesOfRows(
  { transactions, inventories }: Record<FactName, number>,
  schema: WorldSchema,
  format: FileFormat,
): number {
  const [line, movement] = BYTES[format][schema]
  return Math.round(transactions * line + inventories * movement)
}

/** Rows that so many blocks have of some tables. */
export function estimateRows(world: World, tables: readonly FactName[], { from, to }: Period, blocks: number): number {
  const lines = ((to - from + 1) * world.linesPerStoreDay * world.stores.count * blocks) / world.blocks.length
  const of = { transactions: lines, inventories: lines * MOVEMENTS_PER_LINE }
  return Math.round(tables.reduce((rows, table) => rows + of[table], 0))
}
