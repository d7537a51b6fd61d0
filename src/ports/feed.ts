import type { Second } from '../time.ts'

export interface SaleLine {
  second: Second
  product: string
  /** `City, ST` */
  location: string
  quantity: number
  revenueCents: number
}

/** What a stream has delivered since one looked last. */
export interface News {
  /** every event before it was delivered */
  position: Second
  /** sale lines that came since the call before; 0 the first time */
  lines: number
  /** the newest sale lines, newest first */
  last: SaleLine[]
}

/** Follows a stream of any process by what it leaves, without its help and without disturbing it. */
export interface Feed extends AsyncDisposable {
  /** Undefined when nothing was ever streamed. Cheap when nothing came. */
  news(): Promise<News | undefined>
}
