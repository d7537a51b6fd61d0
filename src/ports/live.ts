import type { Second } from '../time.ts'
import type { Appender, Broker } from './broker.ts'
import type { LakeBatch } from './lake.ts'

/** How live events reach the warehouse. */
export type Live = LiveByLake | LiveByBroker

/** Through the lake: a batch is in raw as soon as it is written. */
export interface LiveByLake {
  readonly by: 'lake'
  /**
   * Merges batches, given in order, into the rolled batch of [from, to). Readers see no difference until the next
   * publish.
   */
  roll(batches: readonly LakeBatch[], from: Second, to: Second): Promise<void>
}

/** Through a broker; the lake holds only history. */
export interface LiveByBroker {
  readonly by: 'broker'
  readonly broker: Broker
  readonly arrival: (Loading & { openAppender(): Promise<Appender> }) | ByItself
  /** A running stream costs money: a forgotten one ends after this many milliseconds. */
  readonly stopAfterMs: number
}

/** What moves events from the broker to raw. */
export type Arrival = Loading | ByItself

/** `retail load` does. */
export interface Loading {
  readonly by: 'load'
  /** The subscriptions that it reads, and the dataset that it writes. */
  readonly from: readonly string[]
  readonly into: string
}

/** The broker, or a service beside it. */
export interface ByItself {
  readonly by: 'itself'
  /** Its name: `a BigQuery subscription`. */
  readonly what: string
  /** The setting in retail.yaml that selects it. */
  readonly setting: string
}
