import { sql } from '../../ports/index.ts'
import type { TopData } from '../panel-data.ts'
import { divisorIn, type Panel, parametersOf, SUMS, salesInPeriod, WHEN, WHERE } from './panel.ts'

const PLACES = 3

/** The locations that sell most in each category, and their share of it. */
export const top: Panel<'top'> = {
  needs: [...WHEN, ...WHERE, 'per'],

  ask: (asked) => ({
    sql: sql`with sold as (
  select sale.category, sale.location, ${SUMS}
  from ${salesInPeriod(asked)}
  group by 1, 2
), ranked as (
  select category, location, revenue_cents,
    cast(sum(revenue_cents) over (partition by category) as bigint) as category_cents,
    row_number() over (partition by category order by revenue_cents desc, location) as place
  from sold
)
select category, location, revenue_cents, category_cents
from ranked
where place <= ${PLACES}
order by category_cents desc, category, place`,
    parameters: parametersOf(asked),
  }),

  read(rows, asked) {
    const days = divisorIn(asked)
    const categories: TopData['categories'] = []
    for (const row of rows) {
      const category = String(row.category)
      if (categories.at(-1)?.category !== category)
        categories.push({ category, revenueCents: Number(row.category_cents) / days, top: [] })
      const of = categories[categories.length - 1]
      const revenueCents = Number(row.revenue_cents) / days
      of.top.push({ location: String(row.location), revenueCents, share: revenueCents / of.revenueCents })
    }
    return { per: asked.filters.per, categories }
  },
}
