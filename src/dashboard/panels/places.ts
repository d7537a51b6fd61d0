import { joined, sql } from '../../ports/index.ts'
import { compare } from '../comparison.ts'
import type { Filters } from '../filters.ts'
import { growth } from '../growth.ts'
import type { PlaceLevel, Sales } from '../panel-data.ts'
import type { Days } from '../period.ts'
import {
  divided,
  divisorIn,
  NO_SALES,
  type Panel,
  parametersOf,
  SUMS,
  salesCompared,
  salesInPeriod,
  salesOf,
  WHEN,
  WHERE,
} from './panel.ts'

/** More rows than these are no answer. */
const MOST_ROWS = 200

/** What the selected place consists of, one level down: states, then their locations, then their stores. */
export const places: Panel<'places'> = {
  needs: [...WHEN, ...WHERE, 'compare', 'per'],

  ask({ filters: chosen, extent }) {
    const filters = amongLocations(chosen)
    const asked = { filters, extent }
    const level = levelBelow(filters)
    const detail = level === 'store' ? 'stores' : 'places'
    const compared = compare(filters, extent)
    const name = level === 'store' ? 'store_id' : level
    const parts = salesCompared(compared, filters, detail)
    const total = { part: 'total', from: salesInPeriod(asked, detail) }
    const sums = [total, ...parts].map(
      ({ part, from }) => sql`select '${part}' as part, sale.${name} as name, ${SUMS}\nfrom ${from}\ngroup by 1, 2`,
    )
    return {
      sql: joined(sums, '\nunion all\n'),
      parameters: Object.assign(parametersOf(asked), ...parts.map(({ parameters }) => parameters)),
    }
  },

  read(rows, asked) {
    const { filters, extent } = asked
    const compared = compare(filters, extent)
    const part = (name: string) =>
      new Map(rows.filter((row) => row.part === name).map((row) => [String(row.name), salesOf(row)]))
    const [total, now, before] = [part('total'), part('now'), part('before')]
    const sum = [...total.values()].reduce((cents, { revenueCents }) => cents + revenueCents, 0)
    const all = [...total].sort(([a, x], [b, y]) => y.revenueCents - x.revenueCents || (a < b ? -1 : 1))
    const centsIn = (sales: Sales | undefined, days: Days) => (sales ?? NO_SALES).revenueCents / divisorIn(asked, days)
    const days = divisorIn(asked)
    return {
      per: filters.per,
      level: levelBelow(amongLocations(filters)),
      all: all.length,
      nowText: compared?.nowText,
      beforeText: compared?.beforeText,
      rows: all.slice(0, MOST_ROWS).map(([name, sales]) => ({
        name,
        ...divided(sales, days),
        share: sum > 0 ? sales.revenueCents / sum : 0,
        change: compared && growth(centsIn(now.get(name), compared.now), centsIn(before.get(name), compared.before)),
      })),
    }
  },
}

/** A product has no sales by store: its chosen location is shown among those of the state. */
const amongLocations = (filters: Filters): Filters =>
  filters.product === undefined || filters.location === undefined
    ? filters
    : { ...filters, location: undefined, state: filters.location.slice(-2) }

function levelBelow({ state, location, store }: Filters): PlaceLevel {
  if (store !== undefined || location !== undefined) return 'store'
  return state === undefined ? 'state' : 'location'
}
