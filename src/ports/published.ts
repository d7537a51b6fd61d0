import type { Second } from '../time.ts'
import type { OwnPanel } from './own-panel.ts'
import type { Shard } from './workspace.ts'

/** An instant of the timeline: everything before it was delivered. */
export interface Cut {
  /** End of history, exclusive: the midnight after the last day for which every block has parts. */
  history: Second
  /** End of the live stream, exclusive; equals `history` if nothing was streamed. */
  live: Second
}

export interface Published {
  world: string
  /** The lake that its raw views read. */
  lake: string
  /** The generation that its raw views follow. */
  generation: number
  /** The content of raw at the time of the publish; raw of an open generation has advanced since. */
  raw: Cut
  /** The data that staging and marts were built from; undefined before the first transform. */
  marts: Cut | undefined
  /** The streams of shards that raw is from; undefined if one stream has all stores. `raw.live` is the slowest one's. */
  shards?: readonly ShardAt[] | undefined
  /** The panels that the user's project asks the dashboard for, in the order of their tables. */
  panels?: readonly OwnPanel[] | undefined
}

/** How far a shard of a stream is. */
export interface ShardAt {
  shard: Shard
  position: Second
  /** Some process has streamed it. Before that, it is where shards began. */
  started: boolean
}

export type Row = Record<string, string | number | bigint | boolean | null>
