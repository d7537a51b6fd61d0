import { sql } from '../../ports/index.ts'
import { compareMonth, daysToCompare } from '../comparison.ts'
import { growth } from '../growth.ts'
import { daysText } from '../period.ts'
import { divisorIn, type Panel, parametersOf, salesIn, WHEN, WHERE } from './panel.ts'

/**
 * Units per location in one month and in the calendar month before. A month without sales counts as zero, not as
 * missing.
 */
export const change: Panel<'change'> = {
  needs: [...WHEN, ...WHERE, 'per'],

  ask(asked) {
    const { filters, extent } = asked
    const compared = compareMonth(filters, extent)
    const now = salesIn('now', daysToCompare(filters, extent), filters)
    const before = compared && salesIn('before', compared.before, filters)
    return {
      sql: sql`select location, cast(sum(units) as bigint) as units, cast(sum(units_before) as bigint) as units_before
from (
  select sale.location, sale.units, 0 as units_before from ${now.from}${
    before ? sql`\n  union all\n  select sale.location, 0 as units, sale.units as units_before from ${before.from}` : ''
  }
) as sold
group by location
order by 2 desc, 1`,
      parameters: { ...parametersOf(asked), ...now.parameters, ...before?.parameters },
    }
  },

  read(rows, asked) {
    const { filters, extent } = asked
    const compared = compareMonth(filters, extent)
    const now = daysToCompare(filters, extent)
    return {
      per: filters.per,
      nowText: daysText(now),
      beforeText: compared?.beforeText,
      rows: rows.map((row) => {
        const units = Number(row.units) / divisorIn(asked, now)
        const before = compared && Number(row.units_before) / divisorIn(asked, compared.before)
        return { location: String(row.location), units, before, change: growth(units, before) }
      }),
    }
  },
}
