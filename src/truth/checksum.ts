/**
 * An additive checksum of rows: a row is a list of non-negative integers; p = Σ value × weight mod 2^31 − 1, and what is summed is
 * p² mod 2^31 − 1. The square is what makes it a checksum of rows: a plain weighted sum would not notice a value that moved from one
 * row to another. Two sets of weights, so two sums. Additive, so the same over any grouping and order; all of it fits 64-bit
 * integers, so the same text works in DuckDB and BigQuery, and 53-bit ones, so it works here.
 */
export const MODULUS = 2_147_483_647

/** Two weights a column, below 2^20: 32-bit value × weight, summed over all columns, stays below 2^53. Fixed for ever; any odd numbers would do. */
const WEIGHTS: readonly (readonly [number, number])[] = [
  [786_433, 523_987],
  [611_953, 917_513],
  [1_000_003, 377_281],
  [422_353, 802_661],
  [263_167, 689_981],
  [938_881, 154_991],
  [159_779, 994_073],
  [867_719, 266_663],
  [344_957, 713_131],
  [719_981, 431_881],
  [528_527, 631_717],
  [997_649, 205_657],
  [193_603, 858_433],
  [652_969, 314_159],
]
export const weightsOf = (column: number, side: 0 | 1): number => WEIGHTS[column][side]

/** x mod 2^31 − 1, for 0 ≤ x < 2^53. */
export function reduce(x: number): number {
  const high = Math.floor(x / 2_147_483_648)
  const folded = high + (x - high * 2_147_483_648)
  return folded >= MODULUS ? folded - MODULUS : folded
}

/** p² mod 2^31 − 1, in steps that stay below 2^53. */
export function squared(p: number): number {
  const high = Math.floor(p / 65_536)
  return reduce(reduce(p * high) * 65_536 + p * (p - high * 65_536))
}

/** The checksum of one row. */
export function rowSums(values: readonly number[]): [number, number] {
  let [a, b] = [0, 0]
  values.forEach((value, i) => {
    a += value * WEIGHTS[i][0]
    b += value * WEIGHTS[i][1]
  })
  return [squared(reduce(a)), squared(reduce(b))]
}

/** Rows counted and summed. */
export interface Sums {
  rows: number
  a: number
  b: number
}

export const noSums = (): Sums => ({ rows: 0, a: 0, b: 0 })

export function addRow(sums: Sums, values: readonly number[]): void {
  const [a, b] = rowSums(values)
  sums.rows++
  sums.a += a
  sums.b += b
}

/** Up to four million rows a group before a sum could pass 2^53; blocks are summed apart, and added as bigints. */
export interface TotalSums {
  rows: bigint
  a: bigint
  b: bigint
}

const PRIME = BigInt(MODULUS)
/** Sums mean what they are mod 2^31 − 1: some queries take the modulo once a group, not once a row. */
export const sameSums = (x: TotalSums, y: TotalSums): boolean =>
  x.rows === y.rows && (x.a - y.a) % PRIME === 0n && (x.b - y.b) % PRIME === 0n
