import type { Checkpoint } from '../../ports/index.ts'

/** Checkpoints are two seconds of the clock apart, so these are half a minute; a loader is not further behind than that, mostly. */
const NEWEST = 16
const MOST = 32

/** Adds the newest; of the old ones, every second goes when they are too many. */
export function addCheckpoint(all: readonly Checkpoint[], next: Checkpoint): Checkpoint[] {
  const before = all.filter(({ at }) => at < next.at)
  const old = Math.max(0, before.length - NEWEST)
  return [...before.filter((_, i) => before.length < MOST || i >= old || i % 2 === 0), next]
}
