import path from 'node:path'
import { fs } from '../../disk.ts'
import type { Cover, LakeLayout } from '../../ports/index.ts'
import {
  batchFile,
  dimensionKey,
  LAKE_NAMES,
  lastingKey,
  parseBatchKey,
  parsePartKey,
  rolledOf,
} from '../../ports/layout.ts'
import { dimensions, facts } from '../../tables/index.ts'
import { type Day, firstDayOf, SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { LakeView } from './views.ts'

/** The files that something was built from: enough to know later which periods have changed, without a look at a row. */
export interface LakeState {
  /** It holds everything before this second. */
  live: Second
  /** Ranges before `live` that no file holds. */
  gaps: [from: Second, to: Second][]
  /** By key, what distinguishes a file from every other one that had or will have its name. */
  files: Record<string, string>
}

/** What has changed between two states of a lake. */
export interface LakeChanges {
  /** The days whose rows may differ, in order. */
  days: Day[]
  /** All changed rows are new ones that happened at this second or later. Undefined if earlier rows may differ. */
  since: Second | undefined
}

/** The state of what a view of raw shows. `live`: the instant at which the rows end. */
export function stateOf({ root, layout, cover }: LakeView, live: Second): LakeState {
  const stampOf = (key: string) => {
    const stat = fs.statSync(path.join(root, lastingKey(key)), { bigint: true })
    return `${stat.ino}/${stat.size}/${stat.mtimeNs}`
  }
  const files = Object.fromEntries(filesOf(layout, cover).map((key) => [key, stampOf(key)]))
  return { live, gaps: cover.gaps.map(({ from, to }) => [from, to]), files }
}

/** The keys of all files that raw reads. */
export function filesOf(layout: LakeLayout, cover: Cover): string[] {
  const there = dimensions.filter(({ name }) => layout.dimensions[name])
  return [
    ...there.map(({ name }) => dimensionKey(name, LAKE_NAMES)),
    ...[...cover.parts, ...cover.longParts].map(({ key }) => key),
    ...[...cover.batches, ...cover.open].flatMap((batch) => facts.map(({ name }) => batchFile(batch, name))),
  ]
}

/**
 * What has changed since `before`; undefined if it may be everything. Besides new events, that is what was missing, a file
 * that was written again, and a part in place of a shorter one or of live batches. A roll changes nothing: it copies rows.
 * All files that differ are sound, because `transform` reads no others.
 */
export function changesBetween(before: LakeState, now: LakeState): LakeChanges | undefined {
  if (now.live < before.live) return undefined
  const changed: [Second, Second][] = []
  for (const [key, stamp] of Object.entries(now.files)) {
    if (before.files[key] === stamp) continue
    const period = periodOf(key)
    // A dimension, which every row refers to; or the workspace was copied, and all files are new.
    if (!period) return undefined
    const isReplacement = key in before.files || parsePartKey(key) !== undefined
    if (isReplacement && period[0] < before.live) changed.push(period)
  }
  const [gone, filled] = [without(now.gaps, before.gaps), without(before.gaps, now.gaps)]
  changed.push(...gone, ...filled)
  const earlier = daysOf(changed, before.live)
  const later = daysOf([[before.live, now.live]], now.live)
  const days = [...new Set([...earlier, ...later])].sort((a, b) => a - b)
  return { days, since: earlier.length > 0 ? undefined : before.live }
}

/** Whether whoever reads the changes reads a file: it is new, or was written again, or holds one of their days. */
export function readsOf({ days }: LakeChanges, before: LakeState, now: LakeState): (key: string) => boolean {
  const changed = new Set(days)
  return (key) => {
    const period = periodOf(key)
    if (!period || now.files[key] === undefined || now.files[key] !== before.files[key]) return true
    return daysOf([period], period[1]).some((day) => changed.has(day))
  }
}

/** The period that a file of a fact holds rows of; undefined for a dimension. */
function periodOf(key: string): [Second, Second] | undefined {
  const part = parsePartKey(key)
  if (part) return [firstDayOf(part.month) * SECONDS_PER_DAY, (part.through + 1) * SECONDS_PER_DAY]
  const batch = rolledOf(key) ?? parseBatchKey(path.dirname(key))
  return batch && [batch.from, batch.to]
}

/** The ranges of `all` that are not in `others`. */
const without = (all: LakeState['gaps'], others: LakeState['gaps']): LakeState['gaps'] =>
  all.filter(([from, to]) => !others.some((other) => other[0] === from && other[1] === to))

function daysOf(periods: readonly [Second, Second][], end: Second): Day[] {
  return periods.flatMap(([from, to]) => {
    if (from >= Math.min(to, end)) return []
    const [first, last] = [Math.floor(from / SECONDS_PER_DAY), Math.ceil(Math.min(to, end) / SECONDS_PER_DAY)]
    return Array.from({ length: last - first }, (_, i) => first + i)
  })
}
