import type { Day } from '../../time.ts'
import { sameSums, type TotalSums } from '../../truth/checksum.ts'
import { type SumRow, sumsOf } from '../../truth/sql.ts'

export interface WrongDays {
  /** Days of which rows differ. */
  days: Day[]
  /** Other keys that rows were found with; null: rows without one. */
  strange: (string | null)[]
}

/**
 * Days on which the actual data differs from the expected data, or that the expected data lacks. A key may occur in
 * several rows of `found`. `keyOf`: the key of a day. `quick`: compare row counts only.
 */
export function wrongDays(
  found: readonly SumRow[],
  truth: readonly TotalSums[],
  { from, keyOf }: { from: Day; keyOf: (day: Day) => string },
  quick = false,
): WrongDays {
  const byKey = new Map<string | null, TotalSums>()
  for (const row of found) {
    const key = row.key === null ? null : String(row.key)
    const [sums, known] = [sumsOf(row), byKey.get(key) ?? sumsOf(undefined)]
    byKey.set(key, { rows: known.rows + sums.rows, a: known.a + sums.a, b: known.b + sums.b })
  }
  const days: Day[] = []
  truth.forEach((expected, i) => {
    const key = keyOf(from + i)
    const have = byKey.get(key) ?? sumsOf(undefined)
    byKey.delete(key)
    if (quick ? have.rows !== expected.rows : !sameSums(have, expected)) days.push(from + i)
  })
  // Shards add their rows in another order.
  const strange = [...byKey.keys()].sort((a, b) => Number(a === null) - Number(b === null) || (a! < b! ? -1 : 1))
  return { days, strange }
}
