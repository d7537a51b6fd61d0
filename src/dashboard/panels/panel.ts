import type { Row, Statement } from '../../ports/index.ts'
import { formatDay, monthOf } from '../../time.ts'
import type { Filters } from '../filters.ts'
import type { PanelData, PanelName, Sales } from '../panel-data.ts'
import { type Days, type Extent, isWholeMonths, periodOf, wholeMonth } from '../period.ts'

export interface Asked {
  filters: Filters
  extent: Extent
}

/** One view: one statement over the marts, and what its rows say. */
export interface Panel<N extends PanelName> {
  /** filters that change its answer; whatever else is chosen, it is the same */
  needs: readonly (keyof Filters)[]
  ask(asked: Asked): Statement
  read(rows: readonly Row[], asked: Asked): PanelData[N]
}

export const SUMS = `cast(sum(sale.revenue) * 100 as bigint) as revenue_cents,
  cast(sum(sale.units) as bigint) as units, cast(sum(sale.lines) as bigint) as lines`

export const salesOf = (row: Row): Sales => ({
  revenueCents: Number(row.revenue_cents),
  units: Number(row.units),
  lines: Number(row.lines),
})

/** What the filters bind, for every statement; an adapter binds those that a statement names. */
export function parametersOf({ filters, extent }: Asked): Record<string, string | number> {
  const period = periodOf(filters, extent)
  return {
    from: formatDay(wholeMonth(monthOf(period.from)).from),
    to: formatDay(period.to),
    month: filters.month ?? 0,
    location: filters.location ?? '',
    state: filters.state ?? '',
  }
}

/** `marts.monthly_sales as sale`, in the period and place of the filters. */
export const monthsInPeriod = ({ filters }: Asked): string => `marts.monthly_sales as sale
where sale.month >= cast(@from as date) and sale.month < cast(@to as date)${
  filters.year === undefined && filters.month !== undefined ? ' and extract(month from sale.month) = @month' : ''
}${placeOf(filters, 'sale')}`

/** Sales of some days, from the smallest model that has them; `name` tells its parameters from others. */
export function salesIn(
  name: string,
  days: Days,
  filters: Filters,
): { from: string; parameters: Record<string, string> } {
  const whole = isWholeMonths(days)
  const column = whole ? 'month' : 'day'
  return {
    from: `(
    select ${whole ? '' : 'store.'}location, revenue, units, lines
    from ${whole ? 'marts.monthly_sales as sold' : 'marts.daily_sales as sold inner join marts.dim_store as store on store.store_id = sold.store_id'}
    where sold.${column} >= cast(@${name}_from as date) and sold.${column} < cast(@${name}_to as date)${placeOf(filters, whole ? 'sold' : 'store')}
  ) as sale`,
    parameters: { [`${name}_from`]: formatDay(days.from), [`${name}_to`]: formatDay(days.to) },
  }
}

export function placeOf({ location, state }: Filters, relation: string): string {
  if (location !== undefined) return ` and ${relation}.location = @location`
  return state === undefined ? '' : ` and ${relation}.state = @state`
}
