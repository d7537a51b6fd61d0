import type { Checkpoint, Position } from '../../ports/index.ts'
import { byFact } from '../../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../../time.ts'

/** Checkpoints are two seconds of real time apart, so these cover half a minute; a loader is rarely further behind. */
const NEWEST = 16
const MOST = 32
/** Midnights that are never dropped: from one of them on, ids can be counted without the days before it. */
const MIDNIGHTS = 4

/** Adds the newest. If there are too many, drops every second one of the old ones. */
export function addCheckpoint(all: readonly Checkpoint[], next: Checkpoint): Checkpoint[] {
  const before = all.filter(({ at }) => at < next.at)
  const old = Math.max(0, before.length - NEWEST)
  const midnights = before.filter(isMidnight).slice(-MIDNIGHTS)
  const keeps = (each: Checkpoint, i: number) =>
    before.length < MOST || i >= old || i % 2 === 0 || midnights.includes(each)
  return [...before.filter(keeps), next]
}

/**
 * What was published since the last midnight at or before an instant. Numbers of ids begin at midnight, so they can be
 * counted from there; everything before the instant is known to have arrived.
 */
export function sinceMidnight<P extends Pick<Position, 'since' | 'checkpoints'>>(position: P, instant: Second): P {
  const midnight = position.checkpoints.findLast((each) => isMidnight(each) && each.at <= instant)
  if (!midnight) return position
  const later = position.checkpoints.filter(({ at }) => at > midnight.at)
  const checkpoints = later.map(({ at, rows }) => ({ at, rows: byFact((name) => rows[name] - midnight.rows[name]) }))
  return { ...position, since: midnight.at, checkpoints }
}

export const isMidnight = ({ at }: Pick<Checkpoint, 'at'>): boolean => at % SECONDS_PER_DAY === 0
