import { sql } from '../../ports/index.ts'
import { type Day, formatDay, monthOf, parseDay } from '../../time.ts'
import { daysCovered } from '../coverage.ts'
import type { Grain } from '../filters.ts'
import { nextOf, startOf } from '../grain.ts'
import type { Sales } from '../panel-data.ts'
import { type Days, type Extent, endDay, isEveryYear, isOfMonth, periodOf, wholeMonth } from '../period.ts'
import {
  type Asked,
  divided,
  divisorOf,
  NO_SALES,
  type Panel,
  parametersOf,
  SUMS,
  salesByDay,
  salesInPeriod,
  salesOf,
  WHEN,
  WHERE,
} from './panel.ts'

/** More points than these are a band, not a line. */
const [MOST_DAYS, MOST_WEEK_DAYS] = [92, 731]

/** Revenue over time, by day, week, or month. */
export const timeline: Panel<'timeline'> = {
  needs: [...WHEN, ...WHERE, 'by', 'per'],

  ask(asked) {
    const source = grainOf(asked) === 'month' ? salesInPeriod(asked, 'days') : salesByDay(asked)
    return {
      sql: sql`select cast(day as string) as day, revenue_cents, units, lines
from (select sale.day, ${SUMS}\nfrom ${source}\ngroup by 1) as sold
order by 1`,
      parameters: parametersOf(asked),
    }
  },

  read(rows, asked) {
    const { filters, extent } = asked
    const by = grainOf(asked)
    const sold = new Map<Day, Sales>()
    for (const row of rows) {
      const at = startOf(by, parseDay(String(row.day).slice(0, 10)) ?? 0)
      sold.set(at, added(sold.get(at) ?? NO_SALES, salesOf(row)))
    }
    const points = wholesOf(by, asked).flatMap((whole) => {
      const days = chosenDays(whole, asked)
      if (!days) return []
      const covered = daysCovered(days, extent)
      const sales = sold.get(whole.from) ?? NO_SALES
      return {
        from: formatDay(days.from),
        to: formatDay(days.to - 1),
        partial: covered < whole.to - whole.from,
        ...divided(sales, divisorOf(filters, covered)),
      }
    })
    return { per: filters.per, by, points }
  },
}

/** The chosen one, or one that fits the period; sales of a product are by month. */
function grainOf({ filters, extent }: Asked): Grain {
  if (filters.product !== undefined) return 'month'
  if (filters.by !== undefined) return filters.by
  const { from, to } = withinData(periodOf(filters, extent), extent)
  return to - from <= MOST_DAYS ? 'day' : to - from <= MOST_WEEK_DAYS ? 'week' : 'month'
}

/** The days, weeks, or months of the period. */
function wholesOf(by: Grain, { filters, extent }: Asked): Days[] {
  const { from, to } = withinData(periodOf(filters, extent), extent)
  const wholes: Days[] = []
  for (let at = startOf(by, from); at < to; at = nextOf(by, at)) wholes.push({ from: at, to: nextOf(by, at) })
  return wholes
}

/** The selected days of a point; a month of every year selects none of most of them. */
function chosenDays({ from, to }: Days, { filters, extent }: Asked): Days | undefined {
  let period: Days = periodOf(filters, extent)
  if (isEveryYear(filters)) {
    const month = [monthOf(from), monthOf(to - 1)].find((at) => isOfMonth(at, filters))
    if (month === undefined) return undefined
    period = wholeMonth(month)
  }
  return { from: Math.max(from, period.from), to: Math.min(to, period.to) }
}

const withinData = ({ from, to }: Days, extent: Extent): Days => ({
  from: Math.max(from, extent.first),
  to: Math.min(to, endDay(extent)),
})

const added = (a: Sales, b: Sales): Sales => ({
  revenueCents: a.revenueCents + b.revenueCents,
  units: a.units + b.units,
  lines: a.lines + b.lines,
})
