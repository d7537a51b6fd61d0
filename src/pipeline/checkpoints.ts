import type { Checkpoint } from '../ports/index.ts'

const MOST = 32

/** Adds the newest and lets go of every second of the old ones when they are too many. */
export function addCheckpoint(all: readonly Checkpoint[], next: Checkpoint): Checkpoint[] {
  const before = all.filter(({ at }) => at < next.at)
  const kept = before.length < MOST ? before : before.filter((_, i) => i % 2 === 0 || i >= before.length - MOST / 4)
  return [...kept, next]
}
