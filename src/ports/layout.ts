import { type DimensionName, type FactName, facts } from '../tables/index.ts'
import {
  type Day,
  firstDayOf,
  formatMonth,
  formatSecond,
  lastDayOf,
  type Month,
  monthOf,
  parseMonth,
  parseSecond,
  SECONDS_PER_DAY,
  type Second,
} from '../time.ts'
import type { Cover } from './cover.ts'
import type { Lake, LakeBatch, Part } from './lake.ts'

const pad = (n: number, width: number) => String(n).padStart(width, '0')
/** Incremented when names or places of files in a lake change. */
export const LAKE_FORM = 2

/** The folder of the records of batches that were rolled from others, [from, to). */
export const ROLLED = 'rolled'
export const LIVE = 'live'
/** The folder of second names within a table's folder, where no reader's `*` matches them. */
export const KEPT = '.kept'

/** What decides the names of a lake's or an export's files: the extension, and the form of the folders of months. */
export type Naming = Pick<Lake, 'format' | 'months'>
/** The names in a lake. */
export const LAKE_NAMES: Naming = { format: 'parquet', months: 'hive' }

/** `month=2024-01`, which readers take for a column by which they prune, or in an export without --hive `2024-01`. */
const monthFolder = (month: Month, { months }: Naming): string =>
  `${months === 'hive' ? 'month=' : ''}${formatMonth(month)}`

export function parseMonthFolder(name: string, { months }: Naming): Month | undefined {
  if (months === 'plain') return parseMonth(name)
  return name.startsWith('month=') ? parseMonth(name.slice('month='.length)) : undefined
}

/** `product/product.parquet`: every table of a lake has a folder, so that it is a table for other readers, too. */
export const dimensionKey = (name: DimensionName, { format, months }: Naming): string =>
  `${months === 'hive' ? `${name}/` : ''}${name}.${format}`

/**
 * `transactions/month=2024-01/block-003.parquet`; the name of a part that ends before its month says so:
 * `block-003-through-15.parquet`.
 */
export function partKey(
  table: FactName,
  block: number,
  month: number,
  through: Day,
  naming: Naming = LAKE_NAMES,
): string {
  const end = through === lastDayOf(month) ? '' : `-through-${pad(through - firstDayOf(month) + 1, 2)}`
  return `${table}/${monthFolder(month, naming)}/block-${pad(block, 3)}${end}.${naming.format}`
}

export function parsePartKey(key: string, naming: Naming = LAKE_NAMES): Omit<Part, 'sizeBytes'> | undefined {
  const match = /^(\w+)\/([\w=-]+)\/block-(\d{3,})(?:-through-(\d{2}))?\.\w+$/.exec(key)
  const table = facts.find(({ name }) => name === match?.[1])?.name
  const month = match ? parseMonthFolder(match[2], naming) : undefined
  if (!match || !table || month === undefined) return undefined
  const through = match[4] ? firstDayOf(month) + Number(match[4]) - 1 : lastDayOf(month)
  const block = Number(match[3])
  // Every object has one name: any other spelling is not ours.
  return monthOf(through) === month && partKey(table, block, month, through, naming) === key
    ? { key, table, block, month, through }
    : undefined
}

/** Whether a path of the lake is in the place of a fact's parts, whatever its name, and not a file of a batch. */
export const isOfFact = (file: string): boolean =>
  facts.some(({ name }) => file.startsWith(`${name}/`)) && !isOfBatch(file)

/** Whether a path of the lake, or the words for a period of live events, is about a batch. */
export const isOfBatch = (file: string): boolean => /^(live|rolled)[/ ]/.test(file) || rolledOf(file) !== undefined

/** A part whose month is not complete: a longer one replaces it when history is extended. */
export const endsEarly = ({ month, through }: Pick<Part, 'month' | 'through'>): boolean => through < lastDayOf(month)

/**
 * The second name of a file that another one may replace: a part that ends early, a rolled batch. Databases read it by
 * this name, so the first name can be removed while they are open. It lies within the table's folder, and has no
 * extension, because DuckDB's `*` also matches hidden folders.
 */
export function keptKey(key: string): string {
  const [table, ...rest] = key.split('/')
  return `${table}/${KEPT}/${rest.join('/').replace(/\.\w+$/, '')}`
}

/** Whether another file may replace it: a part that ends early, a rolled file. Such a file has a second name. */
function isReplaceable(key: string): boolean {
  const part = parsePartKey(key)
  return part ? endsEarly(part) : rolledOf(key) !== undefined
}

/** The name of a file that stays valid for ten minutes after another file has replaced it. */
export const lastingKey = (key: string): string => (isReplaceable(key) ? keptKey(key) : key)

/** The files of a cover that others may replace: they have second names. */
export const replaceableOf = ({
  parts,
  longParts,
  batches,
}: Pick<Cover, 'parts' | 'longParts' | 'batches'>): string[] => [
  ...[...parts, ...longParts].filter(endsEarly).map(({ key }) => key),
  ...batches
    .filter(({ generation }) => generation === undefined)
    .flatMap((batch) => facts.map(({ name }) => batchFile(batch, name))),
]

const compact = (second: Second): string => formatSecond(second).replaceAll(/[-:]/g, '')
const expand = (text: string): Second | undefined =>
  parseSecond(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\.\d{6})?Z$/, '$1-$2-$3T$4:$5:$6$7Z'))

export const generationName = (generation: number): string => pad(generation, 6)

/**
 * `live/000003/20240401T000000Z-20240401T000005Z`: the name is the position. An end within a second has microseconds:
 * `20240401T000005.250000Z`.
 */
export function batchKey(generation: number | undefined, from: Second, to: Second): string {
  const folder = generation === undefined ? ROLLED : `${LIVE}/${generationName(generation)}`
  return `${folder}/${spanName(from, to)}`
}

/** Beside the files of a lake or an export: which world they are of. */
export const WORLD_FILE = 'world.json'

/** In a folder of NDJSON, beside its batches: the world, and the range of its events that are in files. */
export const POSITION_FILE = 'position.json'

/** `20240401T000000Z-20240401T000005Z` */
export const spanName = (from: Second, to: Second): string => `${compact(from)}-${compact(to)}`

/**
 * The file of a table in a batch. A live batch is a folder with both tables. The files of a rolled one lie among the
 * table's parts, so that readers of the table find them: `transactions/month=2024-04/20240401T000000Z-20240402T000000Z.parquet`.
 */
export function batchFile({ key, from, to, generation }: LakeBatch, table: FactName): string {
  if (generation !== undefined) return `${key}/${table}.parquet`
  const month = monthFolder(monthOf(Math.floor(from / SECONDS_PER_DAY)), LAKE_NAMES)
  return `${table}/${month}/${spanName(from, to)}.parquet`
}

/**
 * The record of a rolled batch, written before its files: it holds their checksums. A rolled batch exists if its record
 * and all its files do, so both tables of it appear together.
 */
export const recordKey = (key: string): string => `${key}.json`

/** All keys of a batch, in the order of removal: a rolled batch without a file does not exist, and its record says whose files are left. */
export const batchKeys = (batch: LakeBatch): string[] =>
  batch.generation === undefined
    ? [...facts.map(({ name }) => batchFile(batch, name)), recordKey(batch.key)]
    : [batch.key]

/** The rolled batch to which a file among the parts of a table belongs, by its name. */
export function rolledOf(file: string): LakeBatch | undefined {
  const match = /^(\w+)\/[\w=-]+\/([\w.-]+)\.parquet$/.exec(file)
  const table = facts.find(({ name }) => name === match?.[1])?.name
  const batch = match ? parseBatchKey(`${ROLLED}/${match[2]}`) : undefined
  return batch && table && batchFile(batch, table) === file ? batch : undefined
}

/** The recorded content of a batch's files. */
export const batchContent = (from: Second, to: Second): string => `${formatSecond(from)} to ${formatSecond(to)}`

/** Where a live batch ends by the content it records; undefined if that is not a batch's. */
export const endOfContent = (content: string | undefined): Second | undefined =>
  parseSecond(content?.split(' to ')[1] ?? '')

export function parseSpan(name: string): { from: Second; to: Second } | undefined {
  const match = /^(\d{8}T\d{6}(?:\.\d{6})?Z)-(\d{8}T\d{6}(?:\.\d{6})?Z)$/.exec(name)
  const [from, to] = match ? [expand(match[1]), expand(match[2])] : []
  // Every period has one name: `.000000` is not ours.
  return from !== undefined && to !== undefined && from <= to && spanName(from, to) === name ? { from, to } : undefined
}

export function parseBatchKey(key: string): LakeBatch | undefined {
  const match = /^(?:rolled|live\/(\d{6}))\/([^/]+)$/.exec(key)
  const span = match ? parseSpan(match[2]) : undefined
  if (!match || !span) return undefined
  return { key, ...span, generation: match[1] ? Number(match[1]) : undefined }
}
