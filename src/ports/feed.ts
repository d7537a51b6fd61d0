import type { Second } from '../time.ts'

export interface SaleLine {
  second: Second
  product: string
  /** `City, ST` */
  location: string
  quantity: number
  revenueCents: number
}

/** The events that a stream has delivered since the last call. */
export interface News {
  /** Every event before it was delivered. */
  position: Second
  /** A batch that does not belong to this stream, and why; it counts for nothing here. */
  trouble?: string
  /** Sale lines since the previous call; 0 the first time. */
  lines: number
  /** The newest sale lines, newest first. */
  last: SaleLine[]
}

/** Follows a stream of any process through its files, without its help and without disturbing it. */
export interface Feed extends AsyncDisposable {
  /** Undefined if nothing was ever streamed. Cheap if nothing has changed. */
  news(): Promise<News | undefined>
}
