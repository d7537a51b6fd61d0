import type { FactName } from '../../tables/index.ts'
import type { Second } from '../../time.ts'

/** How many rows of the timeline have been handed to Pub/Sub, counted from `since`. Both are functions of the instant alone. */
export interface Checkpoint {
  at: Second
  rows: Record<FactName, number>
}

/** How far the stream is: everything before `position` was accepted by Pub/Sub. */
export interface Position {
  world: string
  since: Second
  position: Second
  /** some instants up to `position`, which is the last of them */
  checkpoints: Checkpoint[]
}
