import path from 'node:path'
import { fs } from '../../disk.ts'
import { type Cover, isOvertaken, type LakeBatch, type LakeLayout, type Part } from '../../ports/index.ts'
import { batchFile, dimensionKey, generationName, LAKE_NAMES, LIVE, lastingKey } from '../../ports/layout.ts'
import { emptyRelation, quote } from '../../tables/emit.ts'
import { dimensionsOf, type FactName, facts, type Table, type WorldSchema } from '../../tables/index.ts'
import { firstDayOf, formatSecond, SECONDS_PER_DAY, type Second } from '../../time.ts'

export interface LakeView {
  root: string
  schema: WorldSchema
  layout: LakeLayout
  cover: Cover
  /**
   * Reads the open generation by a pattern, so that raw advances without a publish; otherwise file by file, as of one
   * instant.
   */
  follow: boolean
  /** Only rows before this instant. */
  before?: Second
  /** Reads parts that end early, and rolled batches, by their first names if they exist: for a reader that creates no second names. */
  firstNames?: boolean
}

/** DuckDB takes these characters for wildcards, also in the name of a folder. */
export const literal = (file: string): string => file.replaceAll(/[*?[]/g, '[$&]')

/** Only the columns in the files: DuckDB would add those that the names of folders mention. */
export const readParquet = (files: readonly string[]): string =>
  `read_parquet([${files.map(quote).join(', ')}], hive_partitioning = false)`

/** Statements that make raw.* show the lake. */
export function rawViews(view: LakeView): string[] {
  const statements = [
    'CREATE SCHEMA IF NOT EXISTS raw',
    'CREATE SCHEMA IF NOT EXISTS staging',
    'CREATE SCHEMA IF NOT EXISTS marts',
  ]
  const create = (table: Table, select: string) =>
    statements.push(`CREATE OR REPLACE VIEW raw.${table.name} AS ${select}`)
  for (const table of dimensionsOf(view.schema)) {
    const there = view.layout.dimensions[table.name]
    const file = literal(path.join(view.root, dimensionKey(table.name, LAKE_NAMES)))
    create(table, there ? `SELECT * FROM ${readParquet([file])}` : emptyRelation(table, view.schema))
  }
  for (const table of facts) create(table, factSelect(view, table.name) ?? emptyRelation(table, view.schema))
  return statements
}

/** The files of a fact as arguments of read_parquet, by the instant at which reading ends; undefined: all of it. */
function factFiles(
  { root, cover, layout, follow, firstNames, before = Number.POSITIVE_INFINITY }: LakeView,
  table: FactName,
): Map<Second | undefined, string[]> {
  const files = new Map<Second | undefined, string[]>()
  const read = (file: string, until?: Second) => {
    const same = files.get(until)
    if (same) same.push(file)
    else files.set(until, [file])
  }
  // A condition on the rows is only for the files that need it: without one, the number of rows is in the footer.
  const take = (key: string, from: Second, to: Second, end = before) => {
    if (from > end || (from === end && to > from)) return
    const [first, lasting] = [key, lastingKey(key)].map((name) => path.join(root, name))
    read(literal(firstNames && fs.existsSync(first) ? first : lasting), to > end ? end : undefined)
  }
  const takePart = ({ key, month, through }: Part, end = before) =>
    take(key, firstDayOf(month) * SECONDS_PER_DAY, (through + 1) * SECONDS_PER_DAY, end)
  const takeBatch = (batch: LakeBatch) => take(batchFile(batch, table), batch.from, batch.to)
  for (const part of cover.parts) if (part.table === table) takePart(part)
  for (const batch of cover.batches) takeBatch(batch)
  // No stream continues an open generation that history has overtaken; the next stream starts a new one.
  if (!follow || isOvertaken(layout, cover.history)) for (const batch of cover.open) takeBatch(batch)
  else if (layout.generation > 0)
    read(`${literal(path.join(root, LIVE, generationName(layout.generation)))}/*/${table}.parquet`)
  for (const part of cover.longParts) if (part.table === table) takePart(part, Math.min(before, cover.history))
  return files
}

function factSelect(view: LakeView, table: FactName): string | undefined {
  const selects = Array.from(
    factFiles(view, table),
    ([until, files]) => `SELECT * FROM ${readParquet(files)}${until === undefined ? '' : ` WHERE ${isBefore(until)}`}`,
  )
  return selects.length > 0 ? selects.join(' UNION ALL ') : undefined
}

const isBefore = (at: Second): string => `"timestamp" < TIMESTAMP '${formatSecond(at).slice(0, 19)}'`
