import {
  type ByKind,
  compile,
  type DimensionName,
  type FactName,
  factColumns,
  tables,
  type WorldSchema,
} from '../tables/index.ts'
import type { IdWidths } from '../world/world.ts'

/**
 * Bytes per value, by kind of column: the basis of estimates, so a new column counts at once. Digits are exact; values
 * that depend on shoppers are [M] of worlds with 8 to 60 stores, 200 to 3,000 products, and 3 to 900 lines a day.
 */
export interface Width {
  row: number
  /** Bytes per distinct value in a file: a dictionary stores each once. */
  named?: number
  /** Bytes per store and day, shared by its rows. */
  storeDay?: number
}

/** What a width depends on. */
export interface Breadth {
  ids: IdWidths
  /** Number of members of a dimension that the rows of a file choose from. */
  reach: Record<DimensionName, number>
}

/** Part of the lines that have a customer. */
const CARDS = 0.5

const WIDTHS: Record<'text' | 'snappy' | 'zstd', ByKind<[breadth: Breadth], Width>> = {
  text: {
    rowId: (_, { ids }) => ({ row: idOf(ids) }),
    siblingId: (_, { ids }) => ({ row: idOf(ids) }),
    member: ({ references }, { ids }) => ({ row: 1 + ids[references] }),
    optionalMember: ({ references }, { ids }) => ({ row: CARDS * (1 + ids[references]) }),
    spanMember: ({ references }, { ids }) => ({ row: 1 + ids[references] }),
    instant: () => ({ row: '2024-01-31 12:34:56'.length }),
    whole: ({ least }) => ({ row: least < 0 ? 2 : 1.05 }),
    money: () => ({ row: '12.99'.length }),
    choice: ({ names }) => ({ row: names.join('').length / names.length }),
    cause: (_, { ids }) => ({ row: idOf(ids) }),
  },
  snappy: {
    rowId: () => ({ row: 4.3, storeDay: 5.5 }),
    siblingId: () => ({ row: 3.15, storeDay: 5 }),
    member: ({ references }, { ids, reach }) => ({ row: Math.log2(reach[references]) / 8, named: 5 + ids[references] }),
    optionalMember: ({ references }, { ids, reach }) => ({
      row: (1 + CARDS * Math.log2(reach[references])) / 8,
      named: 5 + ids[references],
    }),
    spanMember: () => ({ row: 0, storeDay: 2 }),
    instant: () => ({ row: 3.95 }),
    // A sale has few units; a movement has either sign.
    whole: ({ least }) => ({ row: least < 0 ? 1 : 0.4 }),
    money: () => ({ row: 1, named: 5 }),
    choice: ({ names }) => ({ row: Math.ceil(Math.log2(names.length)) / 8 }),
    cause: () => ({ row: 5.8, storeDay: 1.5 }),
  },
  zstd: {
    rowId: () => ({ row: 1, storeDay: 1 }),
    siblingId: () => ({ row: 1 }),
    member: ({ references }, { reach }) => ({ row: 0.12 * Math.log2(reach[references]), named: 2 }),
    optionalMember: ({ references }, { reach }) => ({ row: CARDS * 0.12 * Math.log2(reach[references]), named: 2 }),
    spanMember: () => ({ row: 0 }),
    instant: () => ({ row: 2 }),
    whole: ({ least }) => ({ row: least < 0 ? 0.7 : 0.4 }),
    money: () => ({ row: 1.2, named: 1 }),
    choice: ({ names }) => ({ row: 0.1 * Math.log2(names.length) }),
    cause: () => ({ row: 1.45 }),
  },
}

/** `T240131-0412-000123` */
const idOf = ({ store, number }: IdWidths): number => 'T240131-'.length + store + 1 + number

/** Bytes of a row as text, including names and punctuation. */
export function textRowBytes(fact: FactName, schema: WorldSchema, format: 'csv' | 'ndjson', breadth: Breadth): number {
  const columns = factColumns(tables[fact], schema)
  const marks = ([name, { kind, type }]: (typeof columns)[number]) => {
    if (format === 'csv') return ','.length
    const quoted = type === 'string' || type === 'timestamp'
    // `T` and `Z` take one byte more than the space in CSV.
    return `,"${name}":`.length + (quoted ? 2 : 0) + (kind === 'instant' ? 1 : 0)
  }
  const end = format === 'csv' ? 0 : '}\n'.length
  return columns.reduce((sum, entry) => sum + marks(entry) + compile(WIDTHS.text, entry[1], breadth).row, end)
}

/** Bytes of the footer and page headers of a part: a constant, plus a number per column. */
const FILE = { part: 220, column: 105 } as const

/** Bytes of rows as Parquet, in files that hold this many store-days. */
export function parquetBytes(
  fact: FactName,
  schema: WorldSchema,
  compression: 'snappy' | 'zstd',
  breadth: Breadth,
  { rows, files, storeDays }: { rows: number; files: number; storeDays: number },
): number {
  let bytes = files * FILE.part
  for (const [, column] of factColumns(tables[fact], schema)) {
    const { row, named = 0, storeDay = 0 } = compile(WIDTHS[compression], column, breadth)
    const among = breadth.reach[column.kind === 'member' ? column.references : 'product']
    const distinct = files * among * (1 - Math.exp(-rows / Math.max(1, files) / among))
    bytes += files * FILE.column + rows * row + distinct * named + storeDays * storeDay
  }
  return bytes
}
