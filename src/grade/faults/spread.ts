/** Values below this have a bucket each; larger ones share buckets of about 2 %. */
const EXACT = 64
const PER_OCTAVE = 32
const BUCKETS = EXACT + PER_OCTAVE * 20

const bucketOf = (value: number): number =>
  value < EXACT ? value : Math.min(BUCKETS - 1, EXACT + Math.floor(Math.log2(value / EXACT) * PER_OCTAVE))

/** How many seconds, of many rows: counts by size, with the least and the most of each bucket. Plain data, for threads. */
export interface Spread {
  n: Int32Array
  least: Int32Array
  most: Int32Array
}

export const noSpread = (): Spread => ({
  n: new Int32Array(BUCKETS),
  least: new Int32Array(BUCKETS).fill(2 ** 31 - 1),
  most: new Int32Array(BUCKETS).fill(-1),
})

/** Adds whole seconds, at least 0. */
export function addTo({ n, least, most }: Spread, seconds: number): void {
  const at = bucketOf(seconds)
  n[at]++
  if (seconds < least[at]) least[at] = seconds
  if (seconds > most[at]) most[at] = seconds
}

export function merge(into: Spread, from: Spread): void {
  for (let at = 0; at < BUCKETS; at++) {
    into.n[at] += from.n[at]
    into.least[at] = Math.min(into.least[at], from.least[at])
    into.most[at] = Math.max(into.most[at], from.most[at])
  }
}

export const total = ({ n }: Spread): number => n.reduce((sum, count) => sum + count, 0)
export const leastOf = ({ least }: Spread): number => least.reduce((a, b) => Math.min(a, b), 2 ** 31 - 1)
export const mostOf = ({ most }: Spread): number => most.reduce((a, b) => Math.max(a, b), -1)

/** Where one spread ends and the other one begins. */
export interface Cut {
  /** The most of the low one below the cut; −1: none is below. The least of the high one above it. */
  from: number
  to: number
  /** The high ones above the cut, and those that lie below it. */
  above: number
  below: number
  /** The low ones above the cut: with some, it is soft. */
  crossed: number
}

/**
 * The cut that separates two spreads best: `low` below, `high` above. Undefined if more than one in five above it is of
 * the low ones.
 */
export function cutBetween(low: Spread, high: Spread): Cut | undefined {
  let best: Cut | undefined
  let [lowAbove, highAbove, to] = [0, 0, 2 ** 31 - 1]
  const highs = total(high)
  // From the largest bucket down: a cut lies at its lower end, or within it.
  const offer = (from: number) => {
    const score = (cut: Cut) => cut.above - cut.crossed
    const cut = { from, to, above: highAbove, below: highs - highAbove, crossed: lowAbove }
    if (highAbove > 0 && (!best || score(cut) > score(best))) best = cut
  }
  const below = new Int32Array(BUCKETS + 1).fill(-1)
  for (let at = 0; at < BUCKETS; at++) below[at + 1] = Math.max(below[at], low.most[at])
  for (let at = BUCKETS - 1; at >= 0; at--) {
    if (high.n[at] === 0 && low.n[at] === 0) continue
    highAbove += high.n[at]
    if (high.n[at] > 0) to = Math.min(to, high.least[at])
    if (high.n[at] > 0 && low.most[at] < high.least[at]) offer(below[at + 1])
    lowAbove += low.n[at]
    offer(below[at])
  }
  return best && best.crossed * 5 <= best.above + best.crossed ? best : undefined
}
