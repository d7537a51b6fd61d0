import { facts } from '../tables/index.ts'
import { type Day, firstDayOf, lastDayOf, monthOf, SECONDS_PER_DAY, type Second } from '../time.ts'
import type { LakeBatch, LakeLayout, Part } from './lake.ts'
import { batchFile, keptKey } from './layout.ts'

/** The parts and batches of a lake that make up the timeline, each second once. */
export interface Cover {
  /** End of history: the midnight up to which every block has both its parts. */
  history: Second
  parts: Part[]
  /** Parts that extend beyond `history`; only their rows before it count. */
  longParts: Part[]
  /** Rolled batches, and batches of closed generations that are not rolled yet. */
  batches: LakeBatch[]
  /** Batches of the open generation. */
  open: LakeBatch[]
  /** End of the live stream. */
  live: Second
  /** Ranges between history and `live` that no batch holds. */
  gaps: { from: Second; to: Second }[]
  /** Everything that something later has replaced. */
  superseded: { parts: Part[]; batches: LakeBatch[] /** Second names of such parts. */; kept: string[] }
}

/**
 * Whether history has overtaken batches of the open generation. Readers read that generation completely, so they would
 * see some rows twice.
 */
export const isOvertaken = ({ live, generation: open }: LakeLayout, history: Second): boolean =>
  live.some(({ generation, from }) => generation === open && from < history)

export function coverOf(layout: LakeLayout, from: Day, blocks: number): Cover {
  const { history, parts, longParts, supersededParts, current } = coverHistory(layout.parts, from, blocks)
  const isOpen = ({ generation }: LakeBatch) => generation === layout.generation
  const opening = layout.live.filter(isOpen)
  const openFrom = opening.reduce((low, batch) => Math.min(low, batch.from), Number.POSITIVE_INFINITY)
  const closed = [...layout.rolled, ...layout.live.filter((batch) => !isOpen(batch))]

  const line = timelineFrom(history)
  const batches = line.add(inOrderOfUse(closed.filter((batch) => reachesNeither(batch, history, openFrom))))
  const open = line.add(opening.sort((a, b) => a.from - b.from || a.to - b.to))
  // An open generation starts where the stream was: that is also a position, even without rows.
  const end = openFrom < Number.POSITIVE_INFINITY ? Math.max(line.end(), openFrom) : line.end()

  const used = new Set([...batches, ...open].map(({ key }) => key))
  const ofBatches = new Set(batches.flatMap((batch) => facts.map(({ name }) => keptKey(batchFile(batch, name)))))
  return {
    history,
    parts,
    longParts,
    batches,
    open,
    live: Math.max(end, history),
    gaps: line.gaps,
    superseded: {
      parts: supersededParts,
      batches: closed.filter(({ key }) => !used.has(key)),
      kept: (layout.kept ?? []).filter((key) => !current.has(key) && !ofBatches.has(key)),
    },
  }
}

/**
 * A closed batch counts if it covers time of its own, and overlaps neither history nor the open generation, which is
 * read completely.
 */
const reachesNeither = ({ from, to }: LakeBatch, history: Second, openFrom: Second): boolean =>
  from >= history && to > from && to <= openFrom

/**
 * Of the batches that start at the same second, the longest, which is the merged one. Among equals, a rolled one, then
 * the oldest.
 */
const inOrderOfUse = (batches: LakeBatch[]): LakeBatch[] =>
  batches.sort((a, b) => a.from - b.from || b.to - a.to || (a.generation ?? -1) - (b.generation ?? -1))

/** Chains batches from an instant on, so that each second appears once. */
function timelineFrom(start: Second) {
  const gaps: Cover['gaps'] = []
  let position = start
  return {
    gaps,
    end: () => position,
    /** The batches that do not start before the previous one ends. An empty one takes no time, so it always fits. */
    add(batches: readonly LakeBatch[]): LakeBatch[] {
      const taken: LakeBatch[] = []
      for (const batch of batches) {
        if (batch.from < position && batch.from !== batch.to) continue
        if (batch.from > position) gaps.push({ from: position, to: batch.from })
        taken.push(batch)
        // A generation may start before history ends, if history has overtaken it.
        position = Math.max(position, batch.to)
      }
      return taken
    },
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
  // Without Intl, whose first use takes ten milliseconds.
  const order = (a: Part, b: Part) =>
    Number(a.table > b.table) - Number(a.table < b.table) || a.month - b.month || a.block - b.block
  return {
    history: end * SECONDS_PER_DAY,
    parts: parts.sort(order),
    longParts: longParts.sort(order),
    supersededParts,
    current: new Set([...best.values()].map(({ key }) => keptKey(key))),
  }
}

/** The day after the last one that parts hold without a gap. */
function endOf(best: ReadonlyMap<string, Part>, nameOf: (month: number) => string, from: Day): Day {
  let end = from
  for (let month = monthOf(from); ; month++) {
    const part = best.get(nameOf(month))
    if (!part) return end
    end = part.through + 1
    if (part.through < lastDayOf(month)) return end
  }
}
