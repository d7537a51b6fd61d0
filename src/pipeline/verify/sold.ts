import type { Dialect, Row } from '../../ports/index.ts'
import type { TruthCut } from '../../truth/block-truth.ts'
import { instant } from '../../truth/sql.ts'
import type { MeasureContext } from './check.ts'

/** Lines, units, and revenue of each day, by the line-level model. `only`: of the rows that meet this condition. */
export const soldByDay = (dialect: Dialect, cut: TruthCut, only?: string): string => `
SELECT event_date AS day, COUNT(*) AS lines, SUM(quantity) AS units, ${dialect.whole('SUM(revenue) * 100')} AS cents
FROM ${dialect.relation('marts', 'mv_retail_transactions')} WHERE ${dialect.column('timestamp')} < ${instant(dialect, cut.model ?? cut.raw)}${only ? ` AND ${only}` : ''} GROUP BY event_date ORDER BY 1`

export const measureSold = async ({ reader, cut, share }: MeasureContext): Promise<Row[]> =>
  joinSold([await reader.query(soldByDay(reader.dialect, cut, share?.condition))])

/** The days of all shards, each once. */
export function joinSold(shards: readonly (readonly Row[])[]): Row[] {
  const days = new Map<string, { day: string; lines: bigint; units: bigint; cents: bigint }>()
  for (const { day, lines, units, cents } of shards.flat()) {
    const key = String(day)
    const sum = days.get(key) ?? { day: key, lines: 0n, units: 0n, cents: 0n }
    sum.lines += BigInt(lines ?? 0)
    sum.units += BigInt(units ?? 0)
    sum.cents += BigInt(cents ?? 0)
    days.set(key, sum)
  }
  return [...days.values()].sort((a, b) => (a.day < b.day ? -1 : 1))
}
