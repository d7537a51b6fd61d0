import type { Filters } from './filters.ts'
import type { PageHead } from './panel-data.ts'

/** A chosen name that the data does not have, and those that it has. */
export interface UnknownName {
  filter: 'store' | 'product' | 'category' | 'location' | 'state'
  value: string
  /** Empty for stores and products: they are too many to be listed. */
  known: readonly string[]
}

export type Names = Pick<PageHead, 'locations' | 'categories' | 'storeLocation' | 'productName'>

/** The first one; undefined if the data has all of them. */
export function unknownName(
  filters: Filters,
  { locations, categories, storeLocation, productName }: Names,
): UnknownName | undefined {
  const { store, product } = filters
  if (store !== undefined && storeLocation === undefined) return { filter: 'store', value: store, known: [] }
  if (product !== undefined && productName === undefined) return { filter: 'product', value: product, known: [] }
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
