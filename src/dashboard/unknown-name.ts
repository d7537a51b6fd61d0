import type { Filters } from './filters.ts'
import type { PageHead } from './panel-data.ts'

/** A chosen name that the data does not have, and those that it has. */
export interface UnknownName {
  filter: 'store' | 'category' | 'location' | 'state'
  value: string
  /** Empty for stores: they are too many to be listed. */
  known: readonly string[]
}

export type Names = Pick<PageHead, 'locations' | 'categories' | 'storeLocation'>

/** The first one; undefined if the data has all of them. */
export function unknownName(
  filters: Filters,
  { locations, categories, storeLocation }: Names,
): UnknownName | undefined {
  const { store } = filters
  if (store !== undefined && storeLocation === undefined) return { filter: 'store', value: store, known: [] }
  const lists = [
    ['category', categories],
    ['location', locations],
    ['state', statesOf(locations)],
  ] as const
  for (const [filter, known] of lists) {
    const value = filters[filter]
    if (value !== undefined && !known.includes(value)) return { filter, value, known }
  }
  return undefined
}

/** The states of `City, ST`. */
export const statesOf = (locations: readonly string[]): string[] =>
  [...new Set(locations.map((name) => name.slice(-2)))].sort()
