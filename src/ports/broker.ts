import type { FactName } from '../tables/index.ts'
import type { Second } from '../time.ts'
import type { Repeat } from './destination.ts'
import type { Shard } from './workspace.ts'

/** One event as published: a JSON object whose keys are the columns of its table. */
export interface EventMessage {
  /** Empty if a fault has broken it. */
  id: string
  /** Bytes, if a fault may have broken its text. */
  data: string | Uint8Array
}

/**
 * How many rows of the timeline were published before an instant, counted from `since`. Both depend only on the
 * instant.
 */
export interface Checkpoint {
  at: Second
  rows: Record<FactName, number>
}

/**
 * The progress of a stream of all stores, or of one shard of them: everything before `position` was accepted, which may
 * lie within a second.
 */
export interface Position {
  world: string
  since: Second
  position: Second
  /** Several whole seconds up to `position`, whose second is the last of them. */
  checkpoints: Checkpoint[]
  /** Rows after the last checkpoint; undefined if `position` is a whole second. */
  rest?: Record<FactName, number> | undefined
  /**
   * The faults that its events were sent with, by their digest, and the instant before which every copy of every event
   * was published. Then the only checkpoint is that instant, and counts the ids that a right reader has in the end.
   */
  faults?: FaultsSent | undefined
  /**
   * Of the stream of all stores: from `position` on, a midnight, shards stream, each with a position of its own. Of a
   * shard: the split that it belongs to; after another split, it is out of date.
   */
  split?: Split | undefined
}

/** The shards that share the stores; `count` is 0 when one stream has taken over. `nth`: splits are counted, so that each is another one. */
export interface Split {
  count: number
  nth: number
}

export interface FaultsSent {
  profile: string
  drained: Second
  /** Copies that arrive before it may have been sent; undefined: none after the position. */
  sending?: Second | undefined
  /** What a stream that was killed made the next one send again. */
  repeats?: readonly Repeat[] | undefined
}

/** A message to be loaded. If it is neither acked nor nacked, it is delivered again after its deadline. */
export interface Delivery {
  messageId: string
  data: Uint8Array
  attributes: Readonly<Record<string, string>>
  ack(): void
  nack(): void
}

/**
 * Carries live events on targets whose lake does not hold them. At least once and in no order: what is not acked comes
 * back, and a publisher may repeat itself, so readers keep one row per id.
 */
export interface Broker extends AsyncDisposable {
  /** Its display name. */
  readonly product: string
  /** Publishes messages; resolves when all are accepted. A full broker makes the publisher wait. */
  publish(table: FactName, world: string, messages: Iterable<EventMessage>): Promise<void>
  /** Of the stream of all stores, or of a shard; undefined before the first one. */
  position(shard?: Shard): Promise<Position | undefined>
  /** Replaces the position that this process read or wrote last; throws `busy` if another stream has written since. */
  savePosition(position: Position, shard?: Shard): Promise<void>
  /**
   * Yields deliveries until closed, and never holds more than `messages` of them that are neither acked nor nacked.
   * `dead_letter`: the messages that the broker has given up on.
   */
  subscribe(
    table: AppendTable,
    messages: number,
    onDelivery: (delivery: Delivery) => void,
    onError: (error: unknown) => void,
  ): Subscription
  subscriptionOf(table: AppendTable): string
  /** What a message that the broker has given up on says about its origin; undefined if it says nothing. */
  originOf(attributes: Delivery['attributes']): Origin | undefined
  /** The subscriptions of facts that do not exist; undefined if this process may not look. */
  lostSubscriptions(): Promise<string[] | undefined>
}

/** Where the broker gave up on a message. */
export interface Origin {
  subscription: string
  /** Undefined if it is no subscription of ours. */
  table: FactName | undefined
  attempts: number
}

export interface Subscription {
  /** No delivery follows; all acks are sent. */
  close(): Promise<void>
}

export type AppendTable = FactName | 'dead_letter'
/**
 * Cells in the form that BigQuery's writer takes: microseconds for an instant, text for money and JSON, base64 for
 * bytes.
 */
export type AppendRow = Record<string, string | number | null>

export interface Appender extends AsyncDisposable {
  /**
   * Makes the rows visible together, and resolves only when it is certain that they are. Resolves to the rows that the
   * warehouse rejected, with the reason; the others are visible. Throws if the outcome is unknown or the write is
   * impossible.
   */
  append(table: AppendTable, rows: readonly AppendRow[], signal: AbortSignal): Promise<Map<number, string>>
}
