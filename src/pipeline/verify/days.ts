import { type Day, parseDay } from '../../time.ts'
import { sameSums, type TotalSums } from '../../truth/checksum.ts'
import { type SumRow, sumsOf } from '../../truth/sql.ts'

/**
 * Days on which the actual data differs from the expected data, or that the expected data lacks. `quick`: compare row
 * counts only.
 */
export function wrongDays(found: readonly SumRow[], truth: readonly TotalSums[], from: Day, quick = false): Day[] {
  const byDay = new Map(found.map((row) => [parseDay(String(row.key))!, sumsOf(row)]))
  const wrong: Day[] = []
  truth.forEach((expected, i) => {
    const have = byDay.get(from + i) ?? sumsOf(undefined)
    byDay.delete(from + i)
    if (quick ? have.rows !== expected.rows : !sameSums(have, expected)) wrong.push(from + i)
  })
  return [...wrong, ...byDay.keys()]
}
