import { joined, mart, sql } from '../../ports/index.ts'
import { compareWholeMonths } from '../comparison.ts'
import type { Filters } from '../filters.ts'
import { growth } from '../growth.ts'
import { type Days, type Extent, monthsOf, periodText } from '../period.ts'
import { boundsOf, daysOf, divisorIn, type Panel, PLACE, parametersOf, productsOf, WHEN } from './panel.ts'

const MOST_PRODUCTS = 100

/** The products that sell most in whole months. Of a store, those of its location: no model has the sales of its products. */
export const products: Panel<'products'> = {
  needs: [...WHEN, ...PLACE, 'compare', 'per'],

  ask({ filters: chosen, extent }) {
    const { filters, compared } = monthsAsked(chosen, extent)
    const asked = { filters, extent }
    const isIn = (name: string) =>
      daysOf('sold.month', name, name === 'period' ? filters : { ...filters, month: undefined })
    const centsIn = (name: string) => sql`cast(sum(case when ${isIn(name)} then revenue else 0 end) * 100 as bigint)`
    const unitsIn = (name: string) => sql`cast(sum(case when ${isIn(name)} then units else 0 end) as bigint)`
    const ranges = compared ? ['period', 'now', 'before'] : ['period']
    // One scan for all ranges, which does nothing but add: the ranges are told apart in what it returns.
    return {
      sql: sql`with monthly as (
  select sold.month, sold.product_id, sum(sold.revenue) as revenue, sum(sold.units) as units
  from ${mart('monthly_product_sales')} as sold
  where (${joined(
    ranges.map((name) => sql`(${isIn(name)})`),
    ' or ',
  )})${productsOf(filters, 'sold')}
  group by 1, 2
), sold as (
  select sold.product_id, ${centsIn('period')} as revenue_cents, ${unitsIn('period')} as units,
    ${compared ? sql`${centsIn('now')} as now_cents, ${centsIn('before')} as before_cents` : sql`0 as now_cents, 0 as before_cents`}
  from monthly as sold
  group by 1
), ranked as (
  select product_id, revenue_cents, units, now_cents, before_cents,
    cast(sum(revenue_cents) over () as bigint) as all_cents,
    row_number() over (order by revenue_cents desc, product_id) as place, count(*) over () as products
  from sold
  where units > 0
)
select ranked.product_id, product.product_name, product.category, ranked.revenue_cents, ranked.units, ranked.now_cents,
  ranked.before_cents, ranked.all_cents, ranked.products
from ranked
inner join ${mart('dim_product')} as product on product.product_id = ranked.product_id
where ranked.place <= ${MOST_PRODUCTS}
order by ranked.place`,
      parameters: {
        ...parametersOf(asked),
        ...(compared && { ...boundsOf('now', compared.now), ...boundsOf('before', compared.before) }),
      },
    }
  },

  read(rows, { filters: chosen, extent }) {
    const { filters, compared } = monthsAsked(chosen, extent)
    const asked = { filters, extent }
    const centsIn = (cents: unknown, days: Days) => Number(cents ?? 0) / divisorIn(asked, days)
    const days = divisorIn(asked)
    return {
      per: filters.per,
      period: periodText(filters, extent),
      all: Number(rows[0]?.products ?? 0),
      nowText: compared?.nowText,
      beforeText: compared?.beforeText,
      rows: rows.map((row) => {
        const revenueCents = Number(row.revenue_cents)
        return {
          product: String(row.product_id),
          name: String(row.product_name),
          category: String(row.category),
          revenueCents: revenueCents / days,
          units: Number(row.units) / days,
          share: revenueCents / Number(row.all_cents),
          change: compared && growth(centsIn(row.now_cents, compared.now), centsIn(row.before_cents, compared.before)),
        }
      }),
    }
  },
}

function monthsAsked(chosen: Filters, extent: Extent) {
  const filters = monthsOf(chosen, extent)
  return { filters, compared: compareWholeMonths(filters, extent) }
}
