import { sql } from '../../ports/index.ts'
import { monthsInPeriod, type Panel, parametersOf, SUMS, salesOf } from './panel.ts'

/** Average revenue per sale line, by state. */
export const states: Panel<'states'> = {
  needs: ['year', 'month', 'location', 'state'],

  ask: (asked) => ({
    sql: sql`select sale.state, ${SUMS}\nfrom ${monthsInPeriod(asked)}\ngroup by sale.state\norder by sale.state`,
    parameters: parametersOf(asked),
  }),

  read: (rows) => ({
    rows: rows.map((row) => {
      const { revenueCents, lines } = salesOf(row)
      return { state: String(row.state), revenueCents, lines, averageCents: lines > 0 ? revenueCents / lines : 0 }
    }),
  }),
}
