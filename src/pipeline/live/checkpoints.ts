import type { Checkpoint } from '../../ports/index.ts'

/** Checkpoints are two seconds of real time apart, so these cover half a minute; a loader is rarely further behind. */
const NEWEST = 16
const MOST = 32

/** Adds the newest. If there are too many, drops every second one of the old ones. */
export function addCheckpoint(all: readonly Checkpoint[], next: Checkpoint): Checkpoint[] {
  const before = all.filter(({ at }) => at < next.at)
  const old = Math.max(0, before.length - NEWEST)
  return [...before.filter((_, i) => before.length < MOST || i >= old || i % 2 === 0), next]
}
