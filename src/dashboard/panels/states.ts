import { sql } from '../../ports/index.ts'
import { type Panel, parametersOf, SUMS, salesInPeriod, salesOf, WHEN, WHERE } from './panel.ts'

/** Average revenue per sale line, by state. */
export const states: Panel<'states'> = {
  needs: [...WHEN, ...WHERE],

  ask: (asked) => ({
    sql: sql`select sale.state, ${SUMS}\nfrom ${salesInPeriod(asked)}\ngroup by sale.state\norder by sale.state`,
    parameters: parametersOf(asked),
  }),

  read: (rows) => ({
    rows: rows.map((row) => {
      const { revenueCents, lines } = salesOf(row)
      return { state: String(row.state), revenueCents, lines, averageCents: lines > 0 ? revenueCents / lines : 0 }
    }),
  }),
}
