import type { GradeDifference, GradeVerdict, Outcome } from './result.ts'

/** Differences that a verdict, or a line about a fault, lists. */
export const SHOWN = 20

/** A line of a result, with its first differences. */
export const verdict = (
  name: string,
  outcome: Outcome,
  sentence: string,
  differences: readonly GradeDifference[] = [],
): GradeVerdict => ({ name, outcome, sentence, differences: differences.slice(0, SHOWN) })

export const notAsked = (name: string, why: string): GradeVerdict => verdict(name, 'not asked', why)
