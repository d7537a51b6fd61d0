import { sql } from '../../ports/index.ts'
import { type Day, firstDayOf, formatDay, monthOf, parseDay, weekdayOf } from '../../time.ts'
import { daysCovered } from '../coverage.ts'
import type { Filters, Grain } from '../filters.ts'
import type { Sales } from '../panel-data.ts'
import { type Days, type Extent, isEveryYear, periodOf, wholeMonth } from '../period.ts'
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
    const points = startsOf(by, asked).map((start) => {
      const whole = { from: start, to: nextOf(by, start) }
      const days = chosenDays(whole, asked)
      const covered = daysCovered(days, extent)
      const sales = sold.get(start) ?? NO_SALES
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

/** The chosen one, or one that fits the period. */
function grainOf({ filters, extent }: Asked): Grain {
  if (filters.by !== undefined) return filters.by
  const { from, to } = withinData(periodOf(filters, extent), extent)
  return to - from <= MOST_DAYS ? 'day' : to - from <= MOST_WEEK_DAYS ? 'week' : 'month'
}

function startsOf(by: Grain, { filters, extent }: Asked): Day[] {
  const { from, to } = withinData(periodOf(filters, extent), extent)
  const starts: Day[] = []
  for (let at = startOf(by, from); at < to; at = nextOf(by, at)) if (isChosen(by, at, filters)) starts.push(at)
  return starts
}

/** A month of every year selects the days, and the weeks with days, of that month. */
function isChosen(by: Grain, start: Day, filters: Filters): boolean {
  if (!isEveryYear(filters)) return true
  return [start, nextOf(by, start) - 1].some((day) => (monthOf(day) % 12) + 1 === filters.month)
}

/** The selected days of a point. */
function chosenDays({ from, to }: Days, { filters, extent }: Asked): Days {
  const month = [monthOf(from), monthOf(to - 1)].find((at) => (at % 12) + 1 === filters.month)
  const period = isEveryYear(filters) && month !== undefined ? wholeMonth(month) : periodOf(filters, extent)
  return { from: Math.max(from, period.from), to: Math.min(to, period.to) }
}

const withinData = ({ from, to }: Days, { first, dataTo }: Extent): Days => ({
  from: Math.max(from, first),
  to: Math.min(to, Math.ceil(dataTo / 86_400)),
})

function startOf(by: Grain, day: Day): Day {
  if (by === 'day') return day
  return by === 'week' ? day - weekdayOf(day) : firstDayOf(monthOf(day))
}

function nextOf(by: Grain, start: Day): Day {
  if (by === 'day') return start + 1
  return by === 'week' ? start + 7 : firstDayOf(monthOf(start) + 1)
}

const added = (a: Sales, b: Sales): Sales => ({
  revenueCents: a.revenueCents + b.revenueCents,
  units: a.units + b.units,
  lines: a.lines + b.lines,
})
