import { bound, joined, mart, type Row, type Sql, sql } from '../../ports/index.ts'
import { monthOf } from '../../time.ts'
import type { Sales } from '../panel-data.ts'
import { compare, isWholeMonths, periodOf } from '../period.ts'
import { type Asked, monthsInPeriod, type Panel, parametersOf, SUMS, salesIn, salesOf } from './panel.ts'

/** Totals of the period and of its comparison period, and their trend. */
export const kpi: Panel<'kpi'> = {
  needs: ['year', 'month', 'location', 'state', 'compare'],

  ask(asked) {
    const { filters, extent } = asked
    const compared = compare(filters, extent)
    const parts = compared && [
      { part: 'now', ...salesIn('now', compared.now, filters) },
      { part: 'before', ...salesIn('before', compared.before, filters) },
    ]
    return {
      sql: joined(
        [
          sql`select 'total' as part, '' as moment, ${SUMS}\nfrom ${monthsInPeriod(asked)}`,
          trendOf(asked),
          ...(parts ?? []).map(({ part, from }) => sql`select '${part}' as part, '' as moment, ${SUMS}\nfrom ${from}`),
        ],
        '\nunion all\n',
      ),
      parameters: Object.assign(parametersOf(asked), ...(parts ?? []).map(({ parameters }) => parameters)),
    }
  },

  read(rows, { filters, extent }) {
    const of = (part: string): Sales => salesOf(rows.find((row) => row.part === part) ?? NO_SALES)
    const compared = compare(filters, extent)
    return {
      total: of('total'),
      compared: compared && {
        now: of('now'),
        before: of('before'),
        nowText: compared.nowText,
        beforeText: compared.beforeText,
      },
      trend: rows
        .filter(({ part }) => part === 'trend')
        .map((row) => ({ at: String(row.moment), ...salesOf(row) }))
        .sort((a, b) => (a.at < b.at ? -1 : 1)),
    }
  },
}

const NO_SALES: Row = { revenue_cents: 0, units: 0, lines: 0 }

function trendOf(asked: Asked): Sql {
  const period = periodOf(asked.filters, asked.extent)
  const oneMonth = isWholeMonths(period)
    ? monthOf(period.from) === monthOf(period.to - 1)
    : period.to - period.from < 62
  if (!oneMonth)
    return sql`select 'trend' as part, cast(sale.month as string) as moment, ${SUMS}\nfrom ${monthsInPeriod(asked)}\ngroup by 1, 2`
  const { location, state, month, year } = asked.filters
  const place =
    location !== undefined
      ? sql`location = ${bound('location')}`
      : state !== undefined
        ? sql`state = ${bound('state')}`
        : undefined
  return sql`select 'trend' as part, cast(sale.day as string) as moment, ${SUMS}
from ${mart('daily_sales')} as sale
where sale.day >= cast(${bound('from')} as date) and sale.day < cast(${bound('to')} as date)${
    month !== undefined && year === undefined ? sql` and extract(month from sale.day) = ${bound('month')}` : ''
  }${place ? sql` and sale.store_id in (select store_id from ${mart('dim_store')} where ${place})` : ''}
group by 1, 2`
}
