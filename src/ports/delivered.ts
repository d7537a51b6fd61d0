import type { FactName } from '../tables/index.ts'
import type { Cut } from './published.ts'

/**
 * Which rows of raw count, if rows arrive in any order, more than once, and along with rows that are not of this world.
 */
export interface Delivered {
  /** Every published event before its `live` has arrived. */
  cut: Cut
  /** The SQL condition that rows of this world meet. */
  where: Readonly<Record<FactName, string>>
}
