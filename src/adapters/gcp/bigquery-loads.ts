import type { BigQuery } from '@google-cloud/bigquery'
import type { LakeLayout, Part } from '../../ports/index.ts'
import { dimensionKey } from '../../ports/layout.ts'
import { sideBySide } from '../../ports/side-by-side.ts'
import { dimensionsOf, type FactName, type TableName, tablesOf, type WorldSchema } from '../../tables/index.ts'
import { formatMonth } from '../../time.ts'
import type { BigQueryTables } from './bigquery-tables.ts'
import type { BucketLake, StoredObject } from './bucket-lake.ts'
import type { Cloud } from './clients.ts'
import { digestOf, type Load, runLoad } from './load-jobs.ts'

/** Concurrent load jobs per process. */
const LOADS = 8
/**
 * Markers of finished loads, so that retail need not ask BigQuery again; BigQuery forgets job ids after half a year.
 */
const LOADED = 'loaded/'

/** Loads everything in the lake that raw lacks: dimensions, and complete months. */
export type LoadLake = (lake: { world: string; blocks: number; layout: LakeLayout }) => Promise<void>

export function lakeLoader(
  bigquery: BigQuery,
  { gcp, names }: Cloud,
  lake: BucketLake,
  tables: BigQueryTables,
  schema: WorldSchema,
): LoadLake {
  return async ({ world, blocks, layout }) => {
    const stored = new Map((await lake.objects()).map((object) => [object.key, object]))
    const loaded = new Set([...stored.keys()].filter((key) => key.startsWith(LOADED)))
    const created = new Map<TableName, string>()
    for (const { name } of tablesOf(schema)) created.set(name, await tables.claim(name, world))
    const loads = [
      ...dimensionsOf(schema)
        .filter(({ name }) => layout.dimensions[name])
        .map(({ name }) => loadOf(name, name, [dimensionKey(name, lake)], true)),
      ...wholeMonths(layout.parts, blocks).map(({ table, month, keys }) =>
        loadOf(table, `${table}_${formatMonth(month).replace('-', '_')}`, keys, false),
      ),
    ]
    const todo = loads.filter((load) => !loaded.has(noteOf(load)))
    await sideBySide(todo, LOADS, async (load) => {
      await runLoad(bigquery, gcp.location, load)
      await lake.put(noteOf(load), () => {})
    })

    function loadOf(table: TableName, name: string, keys: readonly string[], replace: boolean): Load {
      const objects = keys.map((key) => ({
        uri: `${lake.location}/${key}`,
        checksum: (stored.get(key) as StoredObject).checksum,
      }))
      return {
        project: gcp.project,
        dataset: names.datasets.raw,
        table,
        tableCreated: created.get(table) as string,
        name,
        objects,
        replace,
      }
    }
  }
}

/** An empty object with this name marks a finished load. */
const noteOf = (load: Load): string => `${LOADED}${load.name}/${digestOf(load)}`

interface WholeMonth {
  table: FactName
  month: number
  keys: string[]
}

/** The months for which every block has a part that ends on the same day. */
function wholeMonths(parts: readonly Part[], blocks: number): WholeMonth[] {
  const months = new Map<string, Map<number, Part>>()
  for (const part of parts) {
    const name = `${part.table}/${part.month}`
    const month = months.get(name) ?? new Map<number, Part>()
    months.set(name, month)
    const other = month.get(part.block)
    if (part.block < blocks && !(other && other.through >= part.through)) month.set(part.block, part)
  }
  return [...months.values()]
    .filter((month) => month.size === blocks && new Set([...month.values()].map(({ through }) => through)).size === 1)
    .map((month) => {
      const all = [...month.values()].sort((a, b) => a.block - b.block)
      return { table: all[0].table, month: all[0].month, keys: all.map(({ key }) => key) }
    })
}
