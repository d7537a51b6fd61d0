import { sql } from '../../ports/index.ts'
import { compareMonth, daysText, monthToCompare, wholeMonth } from '../period.ts'
import { type Panel, parametersOf, salesIn } from './panel.ts'

/**
 * Units per location in one month and in the calendar month before. A month without sales counts as zero, not as
 * missing.
 */
export const change: Panel<'change'> = {
  needs: ['year', 'month', 'location', 'state'],

  ask(asked) {
    const { filters, extent } = asked
    const month = monthToCompare(filters, extent)
    const compared = compareMonth(filters, extent)
    const now = salesIn('now', compared?.now ?? wholeMonth(month ?? 0), filters)
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

  read(rows, { filters, extent }) {
    const compared = compareMonth(filters, extent)
    const month = monthToCompare(filters, extent)
    return {
      nowText: compared?.nowText ?? (month === undefined ? '' : daysText(wholeMonth(month))),
      beforeText: compared?.beforeText,
      rows: rows.map((row) => {
        const units = Number(row.units)
        const before = compared ? Number(row.units_before) : undefined
        return { location: String(row.location), units, before, change: before ? units / before - 1 : undefined }
      }),
    }
  },
}
