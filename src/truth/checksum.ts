/**
 * An additive checksum of rows. A row is a list of non-negative integers; p = Σ value × weight mod 2^31 − 1, and the
 * checksum sums p² mod 2^31 − 1. The square makes it a checksum of rows: a plain weighted sum would not notice a value
 * that moved from one row to another. Two sets of weights give two sums. It is additive, so any grouping and order
 * gives the same result. All of it fits 64-bit integers, so the same SQL works in DuckDB and BigQuery, and 53-bit ones,
 * so it works here.
 */
export const MODULUS = 2_147_483_647

/**
 * Two weights per column, below 2^20: 32-bit value × weight, summed over all columns, stays below 2^53. They never
 * change; any odd numbers would do.
 */
const CHOSEN: readonly (readonly [number, number])[] = [
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
const drawn = (column: number, side: 0 | 1): number => {
  let word = Math.imul((column << 1) | side, 0x9e37_79b1)
  word = Math.imul(word ^ (word >>> 15), 0x85eb_ca6b)
  return ((word ^ (word >>> 13)) & 0xf_ffff) | 0x2_0001
}
/** The first ones were chosen; the others are drawn. */
const WEIGHTS = Array.from({ length: 64 }, (_, i): readonly [number, number] => CHOSEN[i] ?? [drawn(i, 0), drawn(i, 1)])
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

/** A row on one side: its integers, weighted and squared. */
function side(values: readonly number[], of: 0 | 1): number {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += values[i] * WEIGHTS[i][of]
  return squared(reduce(sum))
}

/** The checksum of one row. */
export const rowSums = (values: readonly number[]): [number, number] => [side(values, 0), side(values, 1)]

/** Number of rows and their sums. */
export interface Sums {
  rows: number
  a: number
  b: number
}

export const noSums = (): Sums => ({ rows: 0, a: 0, b: 0 })

export function addRow(sums: Sums, values: readonly number[]): void {
  sums.rows++
  sums.a += side(values, 0)
  sums.b += side(values, 1)
}

/**
 * Up to four million rows per group before a sum could exceed 2^53; blocks are summed separately, and added as bigints.
 */
export interface TotalSums {
  rows: bigint
  a: bigint
  b: bigint
}

export function addSums(all: readonly (Sums | TotalSums)[]): TotalSums {
  const sum = (key: keyof TotalSums) => all.reduce((n, sums) => n + BigInt(sums[key]), 0n)
  return { rows: sum('rows'), a: sum('a'), b: sum('b') }
}

const PRIME = BigInt(MODULUS)
/** Sums are defined mod 2^31 − 1: some queries take the modulo once per group, not once per row. */
export const sameSums = (x: TotalSums, y: TotalSums): boolean =>
  x.rows === y.rows && (x.a - y.a) % PRIME === 0n && (x.b - y.b) % PRIME === 0n
