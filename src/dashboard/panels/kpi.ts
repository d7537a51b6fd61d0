import { joined, type Sql, sql } from '../../ports/index.ts'
import { firstDayOf, formatDay, monthOf, parseDay } from '../../time.ts'
import { compare } from '../comparison.ts'
import { daysCovered, daysInPeriod, monthInPeriod } from '../coverage.ts'
import type { Sales } from '../panel-data.ts'
import { isWholeMonths, periodOf, wholeMonth } from '../period.ts'
import {
  type Asked,
  divided,
  divisorOf,
  monthNumber,
  NO_SALES,
  type Panel,
  parametersOf,
  SUMS,
  salesByDay,
  salesCompared,
  salesInPeriod,
  salesOf,
  WHEN,
  WHERE,
} from './panel.ts'

/** Totals of the period and of its comparison period, and their trend. */
export const kpi: Panel<'kpi'> = {
  needs: [...WHEN, ...WHERE, 'compare', 'per'],

  ask(asked) {
    const { filters, extent } = asked
    const compared = compare(filters, extent)
    const parts = salesCompared(compared, filters, 'days')
    return {
      sql: joined(
        [
          sql`select 'total' as part, '' as moment, ${SUMS}\nfrom ${salesInPeriod(asked, 'days')}`,
          trendOf(asked),
          ...parts.map(({ part, from }) => sql`select '${part}' as part, '' as moment, ${SUMS}\nfrom ${from}`),
        ],
        '\nunion all\n',
      ),
      parameters: Object.assign(parametersOf(asked), ...parts.map(({ parameters }) => parameters)),
    }
  },

  read(rows, { filters, extent }) {
    const compared = compare(filters, extent)
    const byDay = isTrendByDay({ filters, extent })
    const of = (part: string, days: number): Sales => {
      const row = rows.find((each) => each.part === part)
      return divided(row ? salesOf(row) : NO_SALES, divisorOf(filters, days))
    }
    return {
      per: filters.per,
      total: of('total', daysInPeriod(filters, extent)),
      compared: compared && {
        now: of('now', daysCovered(compared.now, extent)),
        before: of('before', daysCovered(compared.before, extent)),
        nowText: compared.nowText,
        beforeText: compared.beforeText,
      },
      trend: rows
        .filter(({ part }) => part === 'trend')
        .map((row) => {
          const moment = String(row.moment).slice(0, 10)
          const from = byDay ? (parseDay(moment) ?? 0) : firstDayOf(Number(moment))
          const days = byDay ? { from, to: from + 1 } : wholeMonth(Number(moment))
          const selected = byDay ? days : monthInPeriod(Number(moment), filters, extent)
          const covered = daysCovered(selected, extent)
          const partial = covered < days.to - days.from
          return {
            at: byDay ? moment : formatDay(from),
            partial,
            ...divided(salesOf(row), divisorOf(filters, covered)),
          }
        })
        .sort((a, b) => (a.at < b.at ? -1 : 1)),
    }
  },
}

function isTrendByDay({ filters, extent }: Asked): boolean {
  if (filters.product !== undefined) return false
  const period = periodOf(filters, extent)
  return isWholeMonths(period) ? monthOf(period.from) === monthOf(period.to - 1) : period.to - period.from < 62
}

/** Days and months become text after they are summed, because that takes time for each row. */
const trendOf = (asked: Asked): Sql =>
  isTrendByDay(asked)
    ? sql`select 'trend' as part, cast(moment as string) as moment, revenue_cents, units, lines
from (select sale.day as moment, ${SUMS}\nfrom ${salesByDay(asked)}\ngroup by 1) as sold`
    : sql`select 'trend' as part, cast(moment as string) as moment, revenue_cents, units, lines
from (select ${monthNumber('sale.day')} as moment, ${SUMS}\nfrom ${salesInPeriod(asked, 'days')}\ngroup by 1) as sold`
