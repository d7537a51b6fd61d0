import { type FactName, type FileFormat, facts } from '../tables/index.ts'
import {
  type Day,
  firstDayOf,
  formatMonth,
  formatSecond,
  monthOf,
  parseMonth,
  parseSecond,
  SECONDS_PER_DAY,
  type Second,
} from '../time.ts'
import type { Batch, LakeLayout, Part } from './lake.ts'

const pad = (n: number, width: number) => String(n).padStart(width, '0')
const lastDayOf = (month: number): Day => firstDayOf(month + 1) - 1
/** A batch of [from, to) rolled from others lives here. */
export const ROLLED = 'rolled'
export const LIVE = 'live'

/** `transactions/2024-01/block-003.parquet`; a part that ends before its month does says so: `block-003-through-15.parquet`. */
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
  // A thing has one name: any other spelling of it is not ours.
  return monthOf(through) === month && partKey(table, block, month, through, format) === key
    ? { key, table, block, month, through }
    : undefined
}

const compact = (second: Second): string => formatSecond(second).replaceAll(/[-:]/g, '')
const expand = (text: string): Second | undefined =>
  parseSecond(text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))

export const generationName = (generation: number): string => pad(generation, 6)

/** `live/000003/20240401T000000Z-20240401T000005Z`: the name is the position. */
export function batchKey(generation: number | undefined, from: Second, to: Second): string {
  const folder = generation === undefined ? ROLLED : `${LIVE}/${generationName(generation)}`
  return `${folder}/${compact(from)}-${compact(to)}`
}

export function parseBatchKey(key: string): Batch | undefined {
  const match = /^(?:rolled|live\/(\d{6}))\/(\d{8}T\d{6}Z)-(\d{8}T\d{6}Z)$/.exec(key)
  const [from, to] = match ? [expand(match[2]), expand(match[3])] : []
  if (!match || from === undefined || to === undefined || to < from) return undefined
  return { key, from, to, generation: match[1] ? Number(match[1]) : undefined }
}

/** Which of what a lake holds makes up the timeline, each second once. */
export interface Cover {
  /** end of history: the midnight up to which every block has both its parts */
  history: Second
  parts: Part[]
  /** parts that go on beyond `history`, of which only the rows before it count */
  longParts: Part[]
  /** rolled batches, and those of closed generations that are not rolled yet */
  batches: Batch[]
  /** batches of the open generation */
  open: Batch[]
  /** end of the live stream */
  live: Second
  /** stretches between history and `live` that no batch holds */
  gaps: { from: Second; to: Second }[]
  /** what a later thing has replaced */
  superseded: { parts: Part[]; batches: Batch[] }
}

export function coverOf(layout: LakeLayout, from: Day, blocks: number): Cover {
  const { history, parts, longParts, supersededParts } = coverHistory(layout.parts, from, blocks)
  const opening = layout.live.filter(({ generation }) => generation === layout.generation)
  const openFrom = opening.reduce((low, batch) => Math.min(low, batch.from), Number.POSITIVE_INFINITY)
  const closed = [...layout.rolled, ...layout.live.filter(({ generation }) => generation !== layout.generation)]

  // A rolled batch that reaches into the open generation is not there yet: the open one is read whole.
  const candidates = closed
    .filter((batch) => batch.from >= history && batch.to > batch.from && batch.to <= openFrom)
    .sort((a, b) => a.from - b.from || b.to - a.to || (a.generation ?? -1) - (b.generation ?? -1))
  const batches: Batch[] = []
  const gaps: Cover['gaps'] = []
  let position = history
  const take = (batch: Batch, into: Batch[]) => {
    if (batch.from > position) gaps.push({ from: position, to: batch.from })
    into.push(batch)
    position = batch.to
  }
  for (const batch of candidates) if (batch.from >= position) take(batch, batches)
  const open: Batch[] = []
  for (const batch of opening.sort((a, b) => a.from - b.from || a.to - b.to)) {
    if (batch.from >= position || batch.from === batch.to) take(batch, open)
  }
  if (openFrom < Number.POSITIVE_INFINITY) position = Math.max(position, openFrom)
  const used = new Set([...batches, ...open].map(({ key }) => key))
  return {
    history,
    parts,
    longParts,
    batches,
    open,
    live: Math.max(position, history),
    gaps,
    superseded: { parts: supersededParts, batches: closed.filter(({ key }) => !used.has(key)) },
  }
}

function coverHistory(all: readonly Part[], from: Day, blocks: number) {
  const best = new Map<string, Part>()
  const supersededParts: Part[] = []
  const nameOf = (table: string, block: number, month: number) => `${table}/${block}/${month}`
  for (const part of all) {
    const name = nameOf(part.table, part.block, part.month)
    const other = best.get(name)
    if (other) supersededParts.push(other.through < part.through ? other : part)
    if (!other || other.through < part.through) best.set(name, part)
  }
  let end = Number.POSITIVE_INFINITY
  for (const { name: table } of facts) {
    for (let block = 0; block < blocks; block++)
      end = Math.min(
        end,
        endOf(best, (month) => nameOf(table, block, month), from),
      )
  }
  const parts: Part[] = []
  const longParts: Part[] = []
  for (const part of best.values()) {
    if (firstDayOf(part.month) >= end || part.block >= blocks) continue
    if (part.through >= end) longParts.push(part)
    else parts.push(part)
  }
  const order = (a: Part, b: Part) => a.table.localeCompare(b.table, 'en') || a.month - b.month || a.block - b.block
  return { history: end * SECONDS_PER_DAY, parts: parts.sort(order), longParts: longParts.sort(order), supersededParts }
}

/** The day after the last one that parts without a gap hold. */
function endOf(best: ReadonlyMap<string, Part>, nameOf: (month: number) => string, from: Day): Day {
  let end = from
  for (let month = monthOf(from); ; month++) {
    const part = best.get(nameOf(month))
    if (!part) return end
    end = part.through + 1
    if (part.through < lastDayOf(month)) return end
  }
}
