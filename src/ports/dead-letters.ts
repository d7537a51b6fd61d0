import type { FactName } from '../tables/index.ts'
import type { Appender } from './broker.ts'
import type { Dialect } from './dialect.ts'
import type { Unable } from './target.ts'

/** open: nobody has dealt with it. replayed: it was published again. dropped: somebody said that it is not needed. */
export const LETTER_STATES = ['open', 'replayed', 'dropped'] as const
export type LetterState = (typeof LETTER_STATES)[number]

/** A message that is not in its table. */
export interface DeadLetter {
  /** Message id in the broker, unique within a subscription. */
  id: string
  /** The subscription that delivered it. */
  subscription: string
  /** The table that it was sent to; undefined if nothing says so. */
  table: FactName | undefined
  receivedAt: string
  reason: string
  /** The event of this world that it carries, and its instant; undefined if it does not carry one. */
  event: { id: string; at: string } | undefined
  attributes: Readonly<Record<string, string>>
  data: Uint8Array
  state: LetterState
  /** How it got its state; undefined while it is open. */
  marked: { at: string; by: string; note: string | undefined } | undefined
}

/** A relation with the given columns of every letter once, as it was marked last. */
export const latestLetters = ({ relation }: Pick<Dialect, 'relation'>, columns: readonly string[]): string =>
  `(SELECT * FROM (SELECT ${columns.join(', ')}, ROW_NUMBER() OVER (PARTITION BY subscription, message_id ORDER BY state IS NULL, marked_at DESC, received_at) AS copy
FROM ${relation('raw', 'dead_letter')}) AS marked WHERE copy = 1)`

/** Which letters; without a field, all. */
export interface LetterFilter {
  state?: LetterState | undefined
  table?: FactName | undefined
  ids?: readonly string[] | undefined
}

/** Letters of one state and table. */
export interface LetterCount {
  state: LetterState
  /** Undefined: nothing says which table they were sent to. */
  table: FactName | undefined
  letters: number
  /** When the first one was received. */
  since: string
}

/** Whether messages can be rejected on their way to raw, and where those that were are kept. */
export type DeadLetters =
  | {
      readonly can: true
      /** Its display name. */
      readonly location: string
      /** Writes rows of the table `dead_letter`, and of facts. */
      openAppender(): Promise<Appender>
      count(): Promise<LetterCount[]>
      /** At most `limit` letters, ordered by receipt, that follow `after`. */
      read(filter: LetterFilter, limit: number, after?: DeadLetter): Promise<DeadLetter[]>
      /** Who marks letters: the account or the person. */
      readonly self: string
    }
  | Unable
