import path from 'node:path'
import type { Batch, Cover, LakeLayout } from '../../ports/index.ts'
import { generationName, LIVE } from '../../ports/layout.ts'
import { emptyRelation, quote } from '../../tables/emit.ts'
import { dimensions, type FactName, facts, type Table, type WorldSchema } from '../../tables/index.ts'
import { formatSecond } from '../../time.ts'

export interface LakeView {
  root: string
  schema: WorldSchema
  layout: LakeLayout
  cover: Cover
  /** the open generation by a glob, so that raw goes on without a publish; else file by file, one instant */
  follow: boolean
}

/** DuckDB takes these for wildcards, also in the name of a folder. */
export const literal = (file: string): string => file.replaceAll(/[*?[]/g, '[$&]')

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
    const file = quote(literal(path.join(view.root, `${table.name}.parquet`)))
    create(table, there ? `SELECT * FROM read_parquet(${file})` : emptyRelation(table, view.schema))
  }
  for (const table of facts) create(table, factSelect(view, table.name) ?? emptyRelation(table, view.schema))
  return statements
}

/** The files of a fact, as arguments of read_parquet, and which of them are read up to the end of history only. */
export function factFiles(
  { root, cover, layout, follow }: LakeView,
  table: FactName,
): { whole: string[]; cut: string[] } {
  const files = (batches: readonly Batch[]) =>
    batches.map(({ key }) => literal(path.join(root, key, `${table}.parquet`)))
  const parts = (list: Cover['parts']) =>
    list.filter((part) => part.table === table).map(({ key }) => literal(path.join(root, key)))
  const whole = [...parts(cover.parts), ...files(cover.batches)]
  if (!follow) whole.push(...files(cover.open))
  else if (layout.generation > 0)
    whole.push(`${literal(path.join(root, LIVE, generationName(layout.generation)))}/*/${table}.parquet`)
  return { whole, cut: parts(cover.longParts) }
}

function factSelect(view: LakeView, table: FactName): string | undefined {
  const { whole, cut } = factFiles(view, table)
  const read = (files: string[]) => `SELECT * FROM read_parquet([${files.map(quote).join(', ')}])`
  const selects = []
  if (whole.length > 0) selects.push(read(whole))
  if (cut.length > 0)
    selects.push(`${read(cut)} WHERE "timestamp" < TIMESTAMP '${formatSecond(view.cover.history).slice(0, 19)}'`)
  return selects.length > 0 ? selects.join(' UNION ALL ') : undefined
}
