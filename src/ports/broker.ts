import type { FactName } from '../tables/index.ts'
import type { Second } from '../time.ts'

/** One event as it travels: a JSON object whose keys are the columns of its table. */
export interface EventMessage {
  id: string
  data: string
}

/** How many rows of the timeline were handed over before an instant, counted from `since`. Both are functions of the instant alone. */
export interface Checkpoint {
  at: Second
  rows: Record<FactName, number>
}

/** How far the stream is: everything before `position` was accepted. */
export interface Position {
  world: string
  since: Second
  position: Second
  /** some instants up to `position`, which is the last of them */
  checkpoints: Checkpoint[]
}

/** A message on its way to the warehouse. What is neither acked nor nacked comes again when its time is over. */
export interface Delivery {
  messageId: string
  data: Uint8Array
  attributes: Readonly<Record<string, string>>
  ack(): void
  nack(): void
}

/**
 * Where live events go that the lake does not show by itself. At least once and in no order: what is not acked comes back, and a
 * publisher may repeat itself, so readers keep one row per id.
 */
export interface Broker extends AsyncDisposable {
  /** Hands messages over; resolves when all are accepted. A full broker makes the publisher wait. */
  publish(table: FactName, world: string, messages: Iterable<EventMessage>): Promise<void>
  /** Undefined before the first stream. */
  position(): Promise<Position | undefined>
  /** Writes over the position that this process read or wrote last; `busy` when another stream wrote since. */
  savePosition(position: Position): Promise<void>
  /** Gives deliveries until closed, and never holds more than `messages` of them that are neither acked nor nacked. */
  subscribe(
    table: FactName,
    messages: number,
    onDelivery: (delivery: Delivery) => void,
    onError: (error: unknown) => void,
  ): Subscription
  subscriptionOf(table: FactName): string
}

export interface Subscription {
  /** No delivery comes after it; acks that were given are sent. */
  close(): Promise<void>
}

export type AppendTable = FactName | 'dead_letter'
/** Cells as BigQuery's writer takes them: microseconds for an instant, text for money and JSON, base64 for bytes. */
export type AppendRow = Record<string, string | number | null>

export interface Appender extends AsyncDisposable {
  /**
   * Makes the rows visible together; it is known, when it resolves, that they are. Resolves to the rows that the warehouse refused,
   * with its reason; the others are there. Throws when it is not known or not possible.
   */
  append(table: AppendTable, rows: readonly AppendRow[], signal: AbortSignal): Promise<Map<number, string>>
}
