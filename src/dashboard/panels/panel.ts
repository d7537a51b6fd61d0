import { bound, mart, type Row, type Sql, type Statement, sql } from '../../ports/index.ts'
import { formatDay, monthOf } from '../../time.ts'
import type { Filters } from '../filters.ts'
import type { PanelData, PanelName, Sales } from '../panel-data.ts'
import { type Days, type Extent, isWholeMonths, periodOf, wholeMonth } from '../period.ts'

export interface Asked {
  filters: Filters
  extent: Extent
}

/** A view: one statement over the marts, and how to read its rows. */
export interface Panel<N extends PanelName> {
  /** Filters that change its answer; other filters do not affect it. */
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

/** Bound values of the filters for every statement; an adapter binds the ones that a statement names. */
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

/** `marts.monthly_sales as sale`, restricted to the period and place of the filters. */
export const monthsInPeriod = ({ filters }: Asked): Sql => sql`${mart('monthly_sales')} as sale
where sale.month >= cast(${bound('from')} as date) and sale.month < cast(${bound('to')} as date)${
  filters.year === undefined && filters.month !== undefined
    ? sql` and extract(month from sale.month) = ${bound('month')}`
    : ''
}${placeOf(filters, 'sale')}`

/** Sales of a range of days, from the smallest model that has them; `name` distinguishes its parameters from others. */
export function salesIn(name: string, days: Days, filters: Filters): { from: Sql; parameters: Record<string, string> } {
  const whole = isWholeMonths(days)
  const column = whole ? 'month' : 'day'
  return {
    from: sql`(
    select ${whole ? '' : 'store.'}location, revenue, units, lines
    from ${whole ? sql`${mart('monthly_sales')} as sold` : sql`${mart('daily_sales')} as sold inner join ${mart('dim_store')} as store on store.store_id = sold.store_id`}
    where sold.${column} >= cast(${bound(`${name}_from`)} as date) and sold.${column} < cast(${bound(`${name}_to`)} as date)${placeOf(filters, whole ? 'sold' : 'store')}
  ) as sale`,
    parameters: { [`${name}_from`]: formatDay(days.from), [`${name}_to`]: formatDay(days.to) },
  }
}

export function placeOf({ location, state }: Filters, relation: string): Sql {
  if (location !== undefined) return sql` and ${relation}.location = ${bound('location')}`
  return state === undefined ? sql`` : sql` and ${relation}.state = ${bound('state')}`
}
