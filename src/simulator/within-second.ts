import { facts } from '../tables/index.ts'
import { MICROS_PER_SECOND, microsOf, type Second } from '../time.ts'

/** The events of one fact, store, and second. */
export interface Simultaneous {
  /** Number of stores in the world. */
  stores: number
  /** Store number − 1. */
  store: number
  /** Index into `facts`. */
  fact: number
  n: number
}

/**
 * When event i of these happens: microseconds after the second. Rows have whole seconds, but a position may lie between
 * two events of one second: deliveries are hundreds of movements of the same second, and a stream at a slow rate must
 * not release them at once.
 *
 * Each store has a share of every second, and each of its facts a share of that, so these instants are in timeline
 * order: by store, fact, and number. They depend on the store alone, so that each block can be divided at an instant
 * without the others. Names of batches contain such instants: a change of this function is a change of the timeline, and
 * raises GENERATOR_VERSION.
 */
export const microOf = ({ stores, store, fact, n }: Simultaneous, i: number): number =>
  Math.floor(((store + (fact + (i + 0.5) / n) / facts.length) / stores) * MICROS_PER_SECOND)

/** How many of these events happen before an instant of their second; none for a whole second. */
export function countBefore(events: Simultaneous, before: Second): number {
  const micro = microsOf(before)
  let i = 0
  while (i < events.n && microOf(events, i) < micro) i++
  return i
}

/** Rows of a fact of one store and day: [from, end) of a column batch, in time order. */
interface Rows extends Omit<Simultaneous, 'n'> {
  from: number
  end: number
  /** The second at which the day begins. */
  midnight: Second
}

/**
 * The end of those rows that happen before an instant. `seconds`: the seconds of the day of all rows. It is called per
 * store and day, so it copies `rows` only if the instant lies within a second.
 */
export function endBefore(seconds: ArrayLike<number>, rows: Rows, before: Second): number {
  const { from, midnight } = rows
  let to = rows.end
  while (to > from && midnight + seconds[to - 1] >= before) to--
  if (Number.isInteger(before)) return to
  const second = Math.floor(before) - midnight
  let first = to
  while (first > from && seconds[first - 1] === second) first--
  return first + countBefore({ ...rows, n: to - first }, before)
}
