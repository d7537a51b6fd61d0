import { sql } from '../../ports/index.ts'
import { daysCovered, daysInPeriod } from '../coverage.ts'
import type { Filters } from '../filters.ts'
import type { PlaceLevel, Sales } from '../panel-data.ts'
import { compare } from '../period.ts'
import {
  divided,
  NO_SALES,
  type Panel,
  parametersOf,
  SUMS,
  salesIn,
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

  ask(asked) {
    const { filters, extent } = asked
    const level = levelBelow(filters)
    const detail = level === 'store' ? 'stores' : 'places'
    const compared = compare(filters, extent)
    const name = level === 'store' ? 'store_id' : level
    const [now, before] = (['now', 'before'] as const).map(
      (part) => compared && { part, ...salesIn(part, compared[part], filters, detail) },
    )
    const sums = (part: string, from: ReturnType<typeof salesInPeriod>) =>
      sql`select '${part}' as part, sale.${name} as name, ${SUMS}\nfrom ${from}\ngroup by 1, 2`
    const others = [now, before].flatMap((each) => (each ? [sql`\nunion all\n${sums(each.part, each.from)}`] : []))
    return {
      sql: sql`${sums('total', salesInPeriod(asked, detail))}${others[0] ?? ''}${others[1] ?? ''}`,
      parameters: { ...parametersOf(asked), ...now?.parameters, ...before?.parameters },
    }
  },

  read(rows, { filters, extent }) {
    const compared = compare(filters, extent)
    const shared = (sales: Sales, days: number) => (filters.per === 'day' ? divided(sales, days) : sales)
    const part = (name: string) =>
      new Map(rows.filter((row) => row.part === name).map((row) => [String(row.name), salesOf(row)]))
    const [total, now, before] = [part('total'), part('now'), part('before')]
    const sum = [...total.values()].reduce((cents, { revenueCents }) => cents + revenueCents, 0)
    const all = [...total].sort(([a, x], [b, y]) => y.revenueCents - x.revenueCents || (a < b ? -1 : 1))
    const changeOf = (name: string): number | undefined => {
      if (!compared) return undefined
      const [a, b] = [now.get(name) ?? NO_SALES, before.get(name) ?? NO_SALES]
      const [x, y] = [shared(a, daysCovered(compared.now, extent)), shared(b, daysCovered(compared.before, extent))]
      return y.revenueCents > 0 ? x.revenueCents / y.revenueCents - 1 : undefined
    }
    return {
      per: filters.per,
      level: levelBelow(filters),
      all: all.length,
      nowText: compared?.nowText,
      beforeText: compared?.beforeText,
      rows: all.slice(0, MOST_ROWS).map(([name, sales]) => ({
        name,
        ...shared(sales, daysInPeriod(filters, extent)),
        share: sum > 0 ? sales.revenueCents / sum : 0,
        change: changeOf(name),
      })),
    }
  },
}

function levelBelow({ state, location, store }: Filters): PlaceLevel {
  if (store !== undefined || location !== undefined) return 'store'
  return state === undefined ? 'state' : 'location'
}
