import { mart, sql } from '../../ports/index.ts'
import { compareWholeMonths } from '../comparison.ts'
import { daysCovered, daysInPeriod } from '../coverage.ts'
import type { Filters } from '../filters.ts'
import { type Days, type Extent, monthsOf, periodText } from '../period.ts'
import {
  divided,
  divisorOf,
  type Panel,
  PLACE,
  parametersOf,
  SUMS,
  salesIn,
  salesInPeriod,
  salesOf,
  WHEN,
} from './panel.ts'

const MOST_PRODUCTS = 100

/** The products that sell most in whole months. Of a store, those of its location: no model has the sales of its products. */
export const products: Panel<'products'> = {
  needs: [...WHEN, ...PLACE, 'compare', 'per'],

  ask({ filters: chosen, extent }) {
    const { filters, compared } = monthsAsked(chosen, extent)
    const asked = { filters, extent }
    const now = compared && salesIn('now', compared.now, filters, 'products')
    const before = compared && salesIn('before', compared.before, filters, 'products')
    return {
      sql: sql`with sold as (
  select sale.product_id, ${SUMS}
  from ${salesInPeriod(asked, 'products')}
  group by 1
), ranked as (
  select product_id, revenue_cents, units, lines, cast(sum(revenue_cents) over () as bigint) as all_cents,
    row_number() over (order by revenue_cents desc, product_id) as place, count(*) over () as products
  from sold
)${
        now && before
          ? sql`, now as (
  select sale.product_id, ${SUMS}\nfrom ${now.from}\ngroup by 1
), before as (
  select sale.product_id, ${SUMS}\nfrom ${before.from}\ngroup by 1
)`
          : ''
      }
select ranked.product_id, product.product_name, product.category, ranked.revenue_cents, ranked.units, ranked.lines,
  ranked.all_cents, ranked.products, ${now ? 'now.revenue_cents as now_cents, before.revenue_cents as before_cents' : '0 as now_cents, 0 as before_cents'}
from ranked
inner join ${mart('dim_product')} as product on product.product_id = ranked.product_id${
        now
          ? sql`
left join now on now.product_id = ranked.product_id
left join before on before.product_id = ranked.product_id`
          : ''
      }
where ranked.place <= ${MOST_PRODUCTS}
order by ranked.place`,
      parameters: { ...parametersOf(asked), ...now?.parameters, ...before?.parameters },
    }
  },

  read(rows, { filters: chosen, extent }) {
    const { filters, compared } = monthsAsked(chosen, extent)
    const centsOf = (cents: unknown, days: Days) => Number(cents ?? 0) / divisorOf(filters, daysCovered(days, extent))
    const days = divisorOf(filters, daysInPeriod(filters, extent))
    return {
      per: filters.per,
      period: periodText(filters, extent),
      all: Number(rows[0]?.products ?? 0),
      nowText: compared?.nowText,
      beforeText: compared?.beforeText,
      rows: rows.map((row) => {
        const before = compared ? centsOf(row.before_cents, compared.before) : 0
        const sales = salesOf(row)
        return {
          product: String(row.product_id),
          name: String(row.product_name),
          category: String(row.category),
          ...divided(sales, days),
          share: sales.revenueCents / Number(row.all_cents),
          change: compared && before > 0 ? centsOf(row.now_cents, compared.now) / before - 1 : undefined,
        }
      }),
    }
  },
}

function monthsAsked(chosen: Filters, extent: Extent) {
  const filters = monthsOf(chosen, extent)
  return { filters, compared: compareWholeMonths(filters, extent) }
}
