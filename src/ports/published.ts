import type { Second } from '../time.ts'

/** One instant of the timeline: what was delivered before it. */
export interface Cut {
  /** end of history, exclusive: the midnight after the last day every block has parts for */
  history: Second
  /** end of the live stream, exclusive; equals `history` when nothing was streamed */
  live: Second
}

export interface Published {
  world: string
  /** where its raw views look for the lake */
  lake: string
  /** the generation that its raw views follow */
  generation: number
  /** what raw held when it was published; raw of an open generation has gone on since */
  raw: Cut
  /** what staging and marts were built from; undefined before the first transform */
  marts: Cut | undefined
}

export type Row = Record<string, string | number | bigint | boolean | null>
