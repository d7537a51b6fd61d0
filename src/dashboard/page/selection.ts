import { type Filters, NO_FILTERS, onlyFilters } from '../filters.ts'

/** What a chosen filter takes the place of: there is one place, either a store or a product, and either a year and a month or a range of days. */
const REPLACED: { readonly [K in keyof Filters]?: readonly (keyof Filters)[] } = {
  year: ['from', 'to'],
  month: ['from', 'to'],
  from: ['year', 'month'],
  to: ['year', 'month'],
  state: ['location', 'store'],
  location: ['state', 'store'],
  store: ['state', 'location', 'product'],
  product: ['store'],
  category: ['product'],
}

/** The filters after a change. A filter set to undefined is removed, so that the URL does not contain it. */
export function withFilters(filters: Filters, change: Partial<Filters>): Filters {
  const next: Partial<Filters> = { ...filters }
  const chosen = Object.keys(change) as (keyof Filters)[]
  for (const name of chosen.flatMap((each) => REPLACED[each] ?? [])) delete next[name]
  Object.assign(next, change)
  for (const name of chosen) if (next[name] === undefined) delete next[name]
  return { ...NO_FILTERS, ...next }
}

/** Everything selected, shown as before. */
export const clearedFilters = (filters: Filters): Filters => onlyFilters(filters, ['compare', 'rows', 'by', 'per'])
