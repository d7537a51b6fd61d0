import type { Row } from '../../ports/index.ts'
import { monthOf } from '../../time.ts'
import type { Sales } from '../panel-data.ts'
import { compare, isWholeMonths, periodOf } from '../period.ts'
import { type Asked, monthsInPeriod, type Panel, parametersOf, SUMS, salesIn, salesOf } from './panel.ts'

/** Totals of the period, of what it is compared with, and their course. */
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
      sql: [
        `select 'total' as part, '' as moment, ${SUMS}\nfrom ${monthsInPeriod(asked)}`,
        trendOf(asked),
        ...(parts ?? []).map(({ part, from }) => `select '${part}' as part, '' as moment, ${SUMS}\nfrom ${from}`),
      ].join('\nunion all\n'),
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

function trendOf(asked: Asked): string {
  const period = periodOf(asked.filters, asked.extent)
  const oneMonth = isWholeMonths(period)
    ? monthOf(period.from) === monthOf(period.to - 1)
    : period.to - period.from < 62
  if (!oneMonth)
    return `select 'trend' as part, cast(sale.month as string) as moment, ${SUMS}\nfrom ${monthsInPeriod(asked)}\ngroup by 1, 2`
  const { location, state, month, year } = asked.filters
  const place = location !== undefined ? 'location = @location' : state !== undefined ? 'state = @state' : undefined
  return `select 'trend' as part, cast(sale.day as string) as moment, ${SUMS}
from marts.daily_sales as sale
where sale.day >= cast(@from as date) and sale.day < cast(@to as date)${
    month !== undefined && year === undefined ? ' and extract(month from sale.day) = @month' : ''
  }${place ? ` and sale.store_id in (select store_id from marts.dim_store where ${place})` : ''}
group by 1, 2`
}
