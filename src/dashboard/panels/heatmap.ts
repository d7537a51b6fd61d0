import { sql } from '../../ports/index.ts'
import { formatMonth } from '../../time.ts'
import { isPartial, monthInPeriod, monthsShown } from '../coverage.ts'
import { divisorIn, monthNumber, type Panel, parametersOf, SUMS, salesInPeriod, WHEN, WHERE } from './panel.ts'

const MOST_LOCATIONS = 20
/** The states and the District of Columbia. */
const MOST_STATES = 51

/**
 * Revenue by month × location, or month × state. A thousand rows would be unreadable, so only the first twenty
 * locations.
 */
export const heatmap: Panel<'heatmap'> = {
  needs: [...WHEN, ...WHERE, 'rows', 'per'],

  ask(asked) {
    const byState = asked.filters.rows === 'states'
    return {
      sql: sql`with cells as (
  select sale.${byState ? 'state' : 'location'} as name, ${monthNumber('sale.day')} as month, ${SUMS}
  from ${salesInPeriod(asked)}
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
    const { filters, extent } = asked
    const shown = monthsShown(filters, extent)
    const months = shown.map(formatMonth)
    const days = shown.map((month) => divisorIn(asked, monthInPeriod(month, filters, extent)))
    const allDays = divisorIn(asked)
    const byName = new Map<string, { name: string; totalCents: number; revenueCents: (number | null)[] }>()
    for (const row of rows) {
      const name = String(row.name)
      const line = byName.get(name) ?? {
        name,
        totalCents: Number(row.total_cents) / allDays,
        revenueCents: months.map(() => null),
      }
      const at = shown.indexOf(Number(row.month))
      if (at >= 0) line.revenueCents[at] = Number(row.revenue_cents) / days[at]
      byName.set(name, line)
    }
    const partial = shown.filter((month) => isPartial(month, filters, extent)).map(formatMonth)
    return {
      per: filters.per,
      months,
      partial,
      by: filters.rows,
      all: Number(rows[0]?.names ?? 0),
      rows: [...byName.values()],
    }
  },
}
