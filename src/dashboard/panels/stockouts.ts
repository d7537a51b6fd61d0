import { mart, sql } from '../../ports/index.ts'
import { firstDayOf, formatMonth, monthOf, parseDay, SECONDS_PER_DAY } from '../../time.ts'
import { monthsOf, periodText } from '../period.ts'
import { categoryOf, daysOf, type Panel, PLACE, parametersOf, storesOf, WHEN } from './panel.ts'

/** What is out of stock at the end of each month, of all products. The last month ends with the data. */
export const stockouts: Panel<'stockouts'> = {
  needs: [...WHEN, ...PLACE],

  ask({ filters: chosen, extent }) {
    const filters = monthsOf(chosen, extent)
    return {
      sql: sql`select cast(month as string) as month, stocked_items, out_of_stock, on_hand
from (
  select stock.month, cast(sum(stock.stocked_items) as bigint) as stocked_items,
    cast(sum(stock.out_of_stock) as bigint) as out_of_stock, cast(sum(stock.on_hand) as bigint) as on_hand
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
        stockedItems: Number(row.stocked_items),
        outOfStock: Number(row.out_of_stock),
        onHand: Number(row.on_hand),
      }
    }),
  }),
}
