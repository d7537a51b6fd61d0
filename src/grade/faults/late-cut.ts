import { type Cut, cutBetween, leastOf, type Spread, total } from './spread.ts'
import type { Sides } from './tally.ts'

/** Where late rows stop being kept, and by which measure. */
export interface LateCut extends Cut {
  by: 'delay' | 'lag'
  /** Every missing row is older than the newest time that had arrived, and no length separates them from the others. */
  isMark?: boolean
}

/** The cut of the measure that explains more, or a high-water mark; undefined if nothing separates the missing rows. */
export function lateCutIn(measures: { delay: Sides; lag: Sides }): LateCut | undefined {
  const cuts = (['delay', 'lag'] as const).flatMap((by): LateCut[] => {
    const cut = delayCut(measures[by])
    return cut ? [{ ...cut, by }] : []
  })
  const errors = (cut: Cut) => cut.crossed - cut.above
  const [late] = cuts.toSorted((a, b) => errors(a) - errors(b))
  return markIn(measures.lag.dropped, late) ?? late
}

/** The length of time that separates rows that were found from rows that are missing. */
export function delayCut({ kept, dropped }: Sides): Cut | undefined {
  const cut = cutBetween(kept, dropped)
  return cut && cut.to > 0 ? cut : undefined
}

/** Fewer rows are no pattern. */
const MANY = 10
/** Seconds. What drops only rows that lie further behind has a watermark, if a soft one. */
const NEAR = 600

/**
 * A consumer that loads from time to time, and takes only what is newer than what it has, loses late rows of any length,
 * those that arrive between two loads: none that is as new as the newest one.
 */
function markIn(dropped: Spread, late: LateCut | undefined): LateCut | undefined {
  const n = total(dropped)
  if (n < MANY || dropped.n[0] > 0 || leastOf(dropped) > NEAR || (late && late.above >= late.below)) return undefined
  return { by: 'lag', isMark: true, from: 0, to: leastOf(dropped), above: n, below: 0, crossed: 0 }
}
