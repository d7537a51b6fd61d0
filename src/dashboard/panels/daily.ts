import { bound, mart, sql } from '../../ports/index.ts'
import { type Day, formatDay, monthOf, parseDay } from '../../time.ts'
import { growth } from '../growth.ts'
import { isEveryYear, isOfMonth, periodOf, wholeDaysTo } from '../period.ts'
import {
  type Asked,
  categoryOf,
  type Panel,
  PLACE,
  parametersOf,
  placeOf,
  salesInPeriod,
  storeOf,
  WHEN,
} from './panel.ts'

/** More lines than this are unreadable. */
export const MOST_SERIES = 5

/** Revenue of each day against the calendar day before, for the locations with the highest revenue. Whole days only, and all products. */
export const daily: Panel<'daily'> = {
  needs: [...WHEN, ...PLACE],

  ask(asked) {
    const { from } = daysShown(asked)
    return {
      sql: sql`with first as (
  select sale.location
  from ${salesInPeriod(asked)}
  group by sale.location
  order by sum(sale.revenue) desc, sale.location
  limit ${MOST_SERIES}
)
select location, cast(day as string) as day, revenue_cents
from (
select store.location, sale.day, cast(sum(sale.revenue) * 100 as bigint) as revenue_cents
from ${mart('daily_sales')} as sale
${storeOf('sale')}
where sale.day >= cast(${bound('day_before')} as date) and sale.day < cast(${bound('period_to')} as date)${
        isEveryYear(asked.filters)
          ? sql` and (extract(month from sale.day) = ${bound('month')} or extract(month from sale.day + 1) = ${bound('month')})`
          : ''
      } and store.location in (select location from first)${placeOf(asked.filters, 'store')}${categoryOf(asked.filters, 'sale')}
group by 1, 2
) as sold`,
      parameters: { ...parametersOf(asked), day_before: formatDay(from - 1) },
    }
  },

  read(rows, asked) {
    const days = daysOf(asked)
    const byName = new Map<string, Map<Day, number>>()
    for (const row of rows) {
      const name = String(row.location)
      const of = byName.get(name) ?? new Map<Day, number>()
      of.set(parseDay(String(row.day)) ?? 0, Number(row.revenue_cents))
      byName.set(name, of)
    }
    const series = [...byName].map(([name, revenue]) => ({
      name,
      revenueCents: days.map((day) => revenue.get(day) ?? null),
      change: days.map((day) => growth(revenue.get(day), revenue.get(day - 1)) ?? null),
    }))
    const total = (line: (typeof series)[number]) =>
      line.revenueCents.reduce<number>((sum, cents) => sum + (cents ?? 0), 0)
    series.sort((a, b) => total(b) - total(a) || (a.name < b.name ? -1 : 1))
    return { days: days.map(formatDay), series }
  },
}

function daysShown({ filters, extent }: Asked) {
  const { from, to } = periodOf(filters, extent)
  return { from: Math.max(from, extent.first), to: Math.min(to, wholeDaysTo(extent)) }
}

function daysOf(asked: Asked): Day[] {
  const { from, to } = daysShown(asked)
  const days = Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
  return days.filter((day) => isOfMonth(monthOf(day), asked.filters))
}
