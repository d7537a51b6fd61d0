import { sql } from '../../ports/index.ts'
import { formatMonth, type Month, monthOf } from '../../time.ts'
import { periodOf } from '../period.ts'
import { type Asked, monthsInPeriod, type Panel, parametersOf, SUMS } from './panel.ts'

const MOST_LOCATIONS = 20
/** The states and the District of Columbia. */
const MOST_STATES = 51

/**
 * Revenue by month × location, or month × state. A thousand rows would be unreadable, so only the first twenty
 * locations.
 */
export const heatmap: Panel<'heatmap'> = {
  needs: ['year', 'month', 'location', 'state', 'rows'],

  ask(asked) {
    const byState = asked.filters.rows === 'states'
    return {
      sql: sql`with cells as (
  select sale.${byState ? 'state' : 'location'} as name, cast(sale.month as string) as month, ${SUMS}
  from ${monthsInPeriod(asked)}
  group by 1, 2
), ranked as (
  select name, cast(sum(revenue_cents) as bigint) as total_cents,
    row_number() over (order by sum(revenue_cents) desc, name) as place, count(*) over () as names
  from cells
  group by name
)
select cells.name, cells.month, cells.revenue_cents, ranked.total_cents, ranked.names
from cells inner join ranked on ranked.name = cells.name
where ranked.place <= ${byState ? MOST_STATES : MOST_LOCATIONS}
order by ranked.place, cells.month`,
      parameters: parametersOf(asked),
    }
  },

  read(rows, asked) {
    const months = monthsShown(asked)
    const byName = new Map<string, { name: string; totalCents: number; revenueCents: (number | null)[] }>()
    for (const row of rows) {
      const name = String(row.name)
      const line = byName.get(name) ?? {
        name,
        totalCents: Number(row.total_cents),
        revenueCents: months.map(() => null),
      }
      const at = months.indexOf(String(row.month).slice(0, 7))
      if (at >= 0) line.revenueCents[at] = Number(row.revenue_cents)
      byName.set(name, line)
    }
    return { months, by: asked.filters.rows, all: Number(rows[0]?.names ?? 0), rows: [...byName.values()] }
  },
}

/** Every calendar month of the period that the data reaches, so that a month without sales is a gap and not omitted. */
function monthsShown({ filters, extent }: Asked): string[] {
  const period = periodOf(filters, extent)
  const last = Math.min(monthOf(period.to - 1), monthOf(Math.floor((extent.dataTo - 1) / 86_400)))
  const months: Month[] = []
  for (let at = Math.max(monthOf(period.from), monthOf(extent.first)); at <= last; at++)
    if (filters.month === undefined || (at % 12) + 1 === filters.month) months.push(at)
  return months.map(formatMonth)
}
