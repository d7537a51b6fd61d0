import { mart, sql } from '../../ports/index.ts'
import { firstDayOf, formatMonth, monthOf, parseDay, SECONDS_PER_DAY } from '../../time.ts'
import { monthsOf, periodText } from '../period.ts'
import { categoryOf, daysOf, type Panel, PLACE, parametersOf, storesOf, WHEN } from './panel.ts'
import { LEVEL, levelOf } from './stock.ts'

/** What is out of stock at the end of each month, of all products. The last month ends with the data. */
export const stockouts: Panel<'stockouts'> = {
  needs: [...WHEN, ...PLACE],

  ask({ filters: chosen, extent }) {
    const filters = monthsOf(chosen, extent)
    return {
      sql: sql`select cast(month as string) as month, stocked_items, out_of_stock, on_hand
from (
  select stock.month, ${LEVEL}
  from ${mart('monthly_stock')} as stock
  where ${daysOf('stock.month', 'period', filters)}${storesOf(filters, 'stock')}${categoryOf(filters, 'stock')}
  group by 1
) as monthly
order by 1`,
      parameters: parametersOf({ filters, extent }),
    }
  },

  read: (rows, { filters, extent }) => ({
    period: periodText(monthsOf(filters, extent), extent),
    points: rows.map((row) => {
      const month = monthOf(parseDay(String(row.month).slice(0, 10)) ?? 0)
      return {
        month: formatMonth(month),
        partial: firstDayOf(month + 1) * SECONDS_PER_DAY > extent.dataTo,
        ...levelOf(row),
      }
    }),
  }),
}
