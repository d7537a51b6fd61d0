import { type FactName, type FileFormat, facts } from '../tables/index.ts'
import {
  type Day,
  firstDayOf,
  formatMonth,
  formatSecond,
  lastDayOf,
  monthOf,
  parseMonth,
  parseSecond,
  type Second,
} from '../time.ts'
import type { LakeBatch, Part } from './lake.ts'

const pad = (n: number, width: number) => String(n).padStart(width, '0')
/** The folder of a batch that was rolled from others, [from, to). */
export const ROLLED = 'rolled'
export const LIVE = 'live'
/** The folder of second names, where no reader's `*` matches them. */
export const KEPT = '.kept'

/**
 * `transactions/2024-01/block-003.parquet`; the name of a part that ends before its month says so:
 * `block-003-through-15.parquet`.
 */
export function partKey(
  table: FactName,
  block: number,
  month: number,
  through: Day,
  format: FileFormat = 'parquet',
): string {
  const end = through === lastDayOf(month) ? '' : `-through-${pad(through - firstDayOf(month) + 1, 2)}`
  return `${table}/${formatMonth(month)}/block-${pad(block, 3)}${end}.${format}`
}

export function parsePartKey(key: string, format: FileFormat = 'parquet'): Omit<Part, 'sizeBytes'> | undefined {
  const match = /^(\w+)\/(\d{4}-\d{2})\/block-(\d{3,})(?:-through-(\d{2}))?\.\w+$/.exec(key)
  const table = facts.find(({ name }) => name === match?.[1])?.name
  const month = match ? parseMonth(match[2]) : undefined
  if (!match || !table || month === undefined) return undefined
  const through = match[4] ? firstDayOf(month) + Number(match[4]) - 1 : lastDayOf(month)
  const block = Number(match[3])
  // Every object has one name: any other spelling is not ours.
  return monthOf(through) === month && partKey(table, block, month, through, format) === key
    ? { key, table, block, month, through }
    : undefined
}

/** Whether a path of the lake is in the place of a fact's parts, whatever its name. */
export const isOfFact = (file: string): boolean => facts.some(({ name }) => file.startsWith(`${name}/`))

/** A part whose month is not complete: a longer one replaces it when history is extended. */
export const endsEarly = ({ month, through }: Pick<Part, 'month' | 'through'>): boolean => through < lastDayOf(month)

/**
 * The second name of a part, by which a database reads it, so that the first name can be removed while that database is
 * open.
 */
export const keptKey = (key: string): string => `${KEPT}/${key.replaceAll('/', '-')}`

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
  return `${folder}/${compact(from)}-${compact(to)}`
}

/** The recorded content of a batch's files. */
export const batchContent = (from: Second, to: Second): string => `${formatSecond(from)} to ${formatSecond(to)}`

/** Where a live batch ends by the content it records; undefined if that is not a batch's. */
export const endOfContent = (content: string | undefined): Second | undefined =>
  parseSecond(content?.split(' to ')[1] ?? '')

export function parseBatchKey(key: string): LakeBatch | undefined {
  const match = /^(?:rolled|live\/(\d{6}))\/(\d{8}T\d{6}(?:\.\d{6})?Z)-(\d{8}T\d{6}(?:\.\d{6})?Z)$/.exec(key)
  const [from, to] = match ? [expand(match[2]), expand(match[3])] : []
  if (!match || from === undefined || to === undefined || to < from) return undefined
  const generation = match[1] ? Number(match[1]) : undefined
  // Every batch has one name: `.000000` is not ours.
  return batchKey(generation, from, to) === key ? { key, from, to, generation } : undefined
}
