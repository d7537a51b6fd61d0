import type { FactName, WorldSchema } from '../tables/index.ts'
import type { Second } from '../time.ts'

/**
 * Text of a row: a line of CSV, a line of NDJSON, or an event, which is a line of NDJSON whose money is text, so that no
 * reader rounds it.
 */
export type EventForm = 'csv' | 'ndjson' | 'event'

/** Consecutive events as text. The next page overwrites it. */
export interface EventPage {
  readonly n: number
  /** One line per event, in timeline order. */
  readonly bytes: Uint8Array
  /** Event i is `bytes` from `starts[i]` to `starts[i + 1] - 1`, where its line break is. */
  readonly starts: Int32Array
  /** Its table, an index into `facts`. */
  readonly tables: Uint8Array
  /** Its store number − 1. */
  readonly stores: Int32Array
}

/**
 * The events of [from, to), both tables, in timeline order: by second, store, table, and number. A stream with faults
 * has what arrives in that time instead, in order of arrival.
 */
export interface EventBatch {
  readonly from: Second
  readonly to: Second
  /** Where the events of the destination begin, to be recorded with the position. */
  readonly since: Second
  readonly rows: Readonly<Record<FactName, number>>
  /** Starts at the first event each time, so that a failed delivery can be repeated. Without a table: of both. */
  pages(form: EventForm, table?: FactName): Iterable<EventPage>
}

/** The world whose events are delivered, as far as a destination needs to know it. */
export interface EventSource {
  /**
   * The world's id; with faults, `ID+DIGEST of the profile`, so that a destination never mixes them with others; of one
   * shard of the stores, `ID#3/8`, so that each has a position.
   */
  readonly world: string
  /** The same without the shard: what consumers see, because an id is the same event, whichever shard delivers it. */
  readonly origin: string
  readonly schema: WorldSchema
  /** Its events have `op` and `version` behind their columns. */
  readonly versions?: boolean
  /** Number of characters of an id, the same for every event of both tables. */
  readonly idLength: number
  readonly storeCount: number
  /** The key of a store, by its number − 1: `S0412`. */
  storeId(store: number): string
}

/**
 * A place that takes live events, beside or instead of the target. It keeps its own position, so that every destination
 * is at a place of its own. Events of a store arrive in order. They repeat only after a failure, and none is skipped.
 */
export interface Destination extends AsyncDisposable {
  /** Its name for people, without secrets: `kafka://localhost:9092`. */
  readonly location: string
  /**
   * Everything before it is safe there, and the next run begins at it. Undefined if it records no position, or no
   * event of this world was delivered.
   */
  readonly position: Second | undefined
  /** Where its events begin; recorded with the position. */
  readonly since: Second | undefined
  /** Why it does not take events at the moment: `connect ECONNREFUSED 127.0.0.1:9092`. Undefined while it takes them. */
  readonly trouble: string | undefined
  /** Batches that readers see, if it gathers deliveries into batches of its own. */
  readonly batches?: number
  /**
   * Delivers the batch that follows the one before. Resolves when it can take the next one, which may be before the
   * events are safe: `position` says what is. Waits while the destination is slow or away, and rejects when waiting
   * cannot help.
   */
  deliver(batch: EventBatch): Promise<void>
  /** Resolves when everything that was delivered is safe, and `position` is the end of it. */
  flush(): Promise<void>
}

/**
 * What was sent again: a stream ended before it recorded that what arrives in [from, to) is safe, and the next one began
 * at `from`. `to` is an upper bound. `at`: when that one started, by the system clock.
 */
export interface Repeat {
  at: string
  from: Second
  to: Second
}

/** What a destination records of the events that it was sent. `repeats`: the latest ones; none if each is there once. */
export interface Progress extends Pick<Destination, 'since' | 'position'> {
  readonly repeats?: readonly Repeat[] | undefined
}

/** Opens a destination for a world. `signal` ends its waiting. Rejects within ten seconds if nothing answers. */
export type OpenDestination = (source: EventSource, signal: AbortSignal | undefined) => Promise<Destination>
