import { bound, mart, type Row, type Sql, type Statement, sql } from '../../ports/index.ts'
import { formatDay } from '../../time.ts'
import type { Compared } from '../comparison.ts'
import { daysCovered, daysInPeriod } from '../coverage.ts'
import type { Filters } from '../filters.ts'
import type { PanelData, PanelName, Sales } from '../panel-data.ts'
import { type Days, type Extent, isDays, isEveryYear, isWholeMonths, monthsAround, periodOf } from '../period.ts'

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

export const NO_SALES: Sales = { revenueCents: 0, units: 0, lines: 0 }

/** What a sum over this many days is divided by: their number, if the filters ask for an average day. */
export const divisorOf = ({ per }: Filters, days: number): number => (per === 'day' ? days : 1)

/** The same for those of the days, or of the whole period, that have data. */
export const divisorIn = ({ filters, extent }: Asked, days?: Days): number =>
  divisorOf(filters, days ? daysCovered(days, extent) : daysInPeriod(filters, extent))

export const divided = ({ revenueCents, units, lines }: Sales, divisor: number): Sales => ({
  revenueCents: revenueCents / divisor,
  units: units / divisor,
  lines: lines / divisor,
})

/** The filters that say when and where; each panel adds what else it needs. */
export const WHEN = ['year', 'month', 'from', 'to'] as const
export const PLACE = ['location', 'state', 'store', 'category'] as const
export const WHERE = [...PLACE, 'product'] as const

/** Bound values of the filters for every statement; an adapter binds the ones that a statement names. */
export function parametersOf({ filters, extent }: Asked): Record<string, string | number> {
  return {
    ...boundsOf('period', periodSummed({ filters, extent })),
    month: filters.month ?? 0,
    location: filters.location ?? '',
    state: filters.state ?? '',
    store: filters.store ?? '',
    category: filters.category ?? '',
    product: filters.product ?? '',
  }
}

/** The days to sum. A month of which the data has only a part is summed as a whole one: no other data is in it. */
function periodSummed({ filters, extent }: Asked): Days {
  const days = periodOf(filters, extent)
  return isDays(filters, extent) ? days : monthsAround(days)
}

export const boundsOf = (name: string, { from, to }: Days): Record<string, string> => ({
  [`${name}_from`]: formatDay(from),
  [`${name}_to`]: formatDay(to),
})

/**
 * What rows of sales say besides revenue, units, and lines: their day and category, and their location and state, or
 * their store. Less is faster.
 */
type Detail = 'days' | 'places' | 'stores'

/** The sales that the filters select, as `sale`; see `salesIn`. */
export const salesInPeriod = (asked: Asked, detail: Detail = 'places'): Sql =>
  soldIn('period', periodSummed(asked), asked.filters, detail)

/** The same by day, also where months would do. */
export const salesByDay = (asked: Asked): Sql => dailySales('period', asked.filters, 'days')

/**
 * Sales of a range of days, from the smallest model that has them; `day` is the first of its month in models of months.
 * `name` distinguishes its parameters from others.
 */
export const salesIn = (
  name: string,
  days: Days,
  filters: Filters,
  detail: Detail = 'places',
): { from: Sql; parameters: Record<string, string> } => ({
  from: soldIn(name, days, { ...filters, month: undefined }, detail),
  parameters: boundsOf(name, days),
})

/** The sales of both compared ranges; none without a comparison. */
export const salesCompared = (compared: Compared | undefined, filters: Filters, detail: Detail) =>
  compared === undefined
    ? []
    : (['now', 'before'] as const).map((part) => ({ part, ...salesIn(part, compared[part], filters, detail) }))

const soldIn = (name: string, days: Days, filters: Filters, detail: Detail): Sql =>
  filters.product === undefined ? categorySales(name, days, filters, detail) : productSales(name, filters)

/** Of one product, by month and location. */
const productSales = (name: string, filters: Filters): Sql => sql`(
    select sold.month as day, sold.location, sold.state, sold.category, sold.revenue, sold.units, sold.lines
    from ${mart('monthly_product_sales')} as sold
    where ${daysOf('sold.month', name, filters)} and sold.product_id = ${bound('product')}${productsOf(filters, 'sold')}
  ) as sale`

/** The place and category of sales by product; of a store, those of its location. */
export const productsOf = (filters: Filters, relation: string): Sql =>
  sql`${besideOf(filters, relation)}${categoryOf(filters, relation)}`

const categorySales = (name: string, days: Days, filters: Filters, detail: Detail): Sql =>
  detail !== 'stores' && filters.store === undefined && isWholeMonths(days)
    ? sql`(
    select sold.month as day, sold.location, sold.state, sold.category, sold.revenue, sold.units, sold.lines
    from ${mart('monthly_sales')} as sold
    where ${daysOf('sold.month', name, filters)}${placeOf(filters, 'sold')}${categoryOf(filters, 'sold')}
  ) as sale`
    : dailySales(name, filters, detail)

const dailySales = (name: string, filters: Filters, detail: Detail): Sql => sql`(
    select sold.day, ${detail === 'days' ? '' : 'store.store_id, store.location, store.state, '}sold.category, sold.revenue, sold.units, sold.lines
    from ${mart('daily_sales')} as sold${detail === 'days' ? '' : sql` ${storeOf('sold')}`}
    where ${daysOf('sold.day', name, filters)}${detail === 'days' ? storesOf(filters, 'sold') : detail === 'stores' ? besideOf(filters, 'store') : placeOf(filters, 'store')}${categoryOf(filters, 'sold')}
  ) as sale`

export const daysOf = (day: string, name: string, filters: Filters): Sql =>
  sql`${day} >= cast(${bound(`${name}_from`)} as date) and ${day} < cast(${bound(`${name}_to`)} as date)${
    isEveryYear(filters) ? sql` and extract(month from ${day}) = ${bound('month')}` : ''
  }`

/** The stores of the place; of a chosen store, those of its location, so that one can go on to the next. */
const besideOf = (filters: Filters, relation: string): Sql =>
  filters.store === undefined
    ? placeOf(filters, relation)
    : sql` and ${relation}.location in (select location from ${mart('dim_store')} where store_id = ${bound('store')})`

/** The place of rows of stores, without a join. */
export function storesOf(filters: Filters, relation: string): Sql {
  const { location, state, store } = filters
  if (store !== undefined) return sql` and ${relation}.store_id = ${bound('store')}`
  if (location === undefined && state === undefined) return sql``
  return sql` and ${relation}.store_id in (select store_id from ${mart('dim_store')} as store where true${placeOf(filters, 'store')})`
}

/** The store of each row of `relation`. */
export const storeOf = (relation: string): Sql =>
  sql`inner join ${mart('dim_store')} as store on store.store_id = ${relation}.store_id`

/** The number of a month, as `Month` counts. */
export const monthNumber = (day: string): string => `extract(year from ${day}) * 12 + extract(month from ${day}) - 1`

export function placeOf({ location, state, store }: Filters, relation: string): Sql {
  if (store !== undefined) return sql` and ${relation}.store_id = ${bound('store')}`
  if (location !== undefined) return sql` and ${relation}.location = ${bound('location')}`
  return state === undefined ? sql`` : sql` and ${relation}.state = ${bound('state')}`
}

export const categoryOf = ({ category }: Filters, relation: string): Sql =>
  category === undefined ? sql`` : sql` and ${relation}.category = ${bound('category')}`
