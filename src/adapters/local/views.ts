import path from 'node:path'
import { fs } from '../../disk.ts'
import { type Cover, isOvertaken, type LakeBatch, type LakeLayout } from '../../ports/index.ts'
import { batchFile, dimensionKey, generationName, LAKE_NAMES, LIVE, lastingKey } from '../../ports/layout.ts'
import { emptyRelation, quote } from '../../tables/emit.ts'
import { dimensions, type FactName, facts, type Table, type WorldSchema } from '../../tables/index.ts'
import { formatSecond, type Second } from '../../time.ts'

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
  for (const table of dimensions) {
    const there = view.layout.dimensions[table.name]
    const file = literal(path.join(view.root, dimensionKey(table.name, LAKE_NAMES)))
    create(table, there ? `SELECT * FROM ${readParquet([file])}` : emptyRelation(table, view.schema))
  }
  for (const table of facts)
    create(table, upTo(view, factSelect(view, table.name)) ?? emptyRelation(table, view.schema))
  return statements
}

/** The files of a fact as arguments of read_parquet, and which of them are read only up to the end of history. */
export function factFiles(
  { root, cover, layout, follow, firstNames }: LakeView,
  table: FactName,
): { whole: string[]; cut: string[] } {
  const nameOf = (key: string) => {
    const [first, lasting] = [key, lastingKey(key)].map((name) => path.join(root, name))
    return literal(firstNames && fs.existsSync(first) ? first : lasting)
  }
  const files = (batches: readonly LakeBatch[]) => batches.map((batch) => nameOf(batchFile(batch, table)))
  const parts = (list: Cover['parts']) => list.filter((part) => part.table === table).map(({ key }) => nameOf(key))
  const whole = [...parts(cover.parts), ...files(cover.batches)]
  // No stream continues an open generation that history has overtaken; the next stream starts a new one.
  if (!follow || isOvertaken(layout, cover.history)) whole.push(...files(cover.open))
  else if (layout.generation > 0)
    whole.push(`${literal(path.join(root, LIVE, generationName(layout.generation)))}/*/${table}.parquet`)
  return { whole, cut: parts(cover.longParts) }
}

function factSelect(view: LakeView, table: FactName): string | undefined {
  const { whole, cut } = factFiles(view, table)
  const read = (files: string[]) => `SELECT * FROM ${readParquet(files)}`
  const selects = []
  if (whole.length > 0) selects.push(read(whole))
  if (cut.length > 0) selects.push(`${read(cut)} WHERE ${isBefore(view.cover.history)}`)
  return selects.length > 0 ? selects.join(' UNION ALL ') : undefined
}

const upTo = ({ before }: LakeView, select: string | undefined): string | undefined =>
  select !== undefined && before !== undefined ? `SELECT * FROM (${select}) WHERE ${isBefore(before)}` : select

const isBefore = (at: Second): string => `"timestamp" < TIMESTAMP '${formatSecond(at).slice(0, 19)}'`
