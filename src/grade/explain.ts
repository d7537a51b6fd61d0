import type { GradeDifference } from './result.ts'

/**
 * Answers which fault of a profile explains a difference; undefined: none does. It is asked once for each difference
 * that was looked at, in the order in which they are reported.
 */
export type Explain = (difference: GradeDifference) => string | undefined

/** Without faults, nothing explains a difference. */
export const explainNothing: Explain = () => undefined
