import { RetailError } from '../errors.ts'
import { parseDay } from '../time.ts'

/** The selected data. An absent filter selects everything. */
export interface Filters {
  year?: number
  /** 1 to 12 */
  month?: number
  /** The first and last day of a range, `YYYY-MM-DD`; excludes a year and a month. */
  from?: string
  to?: string
  /** `City, ST` */
  location?: string
  /** Two letters; excludes a location. */
  state?: string
  /** The id of a store; excludes a location and a state. */
  store?: string
  category?: string
  /** The id of a product; excludes a store, whose sales by product are in no model. */
  product?: string
  compare: Comparison
  /** The rows of the heatmap. */
  rows: 'locations' | 'states'
  /** The points of revenue over time; undefined: what suits the period. */
  by?: Grain
  /** Money and counts of a period, or divided by the days of it that have data. */
  per: Per
}

export const COMPARISONS = ['previous', 'year', 'off'] as const
export type Comparison = (typeof COMPARISONS)[number]
export const GRAINS = ['day', 'week', 'month'] as const
export type Grain = (typeof GRAINS)[number]
export const PERS = ['total', 'day'] as const
export type Per = (typeof PERS)[number]
/** What nothing chosen means. */
export const NO_FILTERS: Filters = { compare: 'previous', rows: 'locations', per: 'total' }

const MOST_CHARACTERS = 80

/** Each filter's name and parser, which returns undefined for an invalid value. The list is closed. */
const readers: { [K in keyof Filters]-?: (text: string) => Filters[K] | undefined } = {
  year: (text) => wholeNumber(text, /^\d{4}$/, 1, 9999),
  month: (text) => wholeNumber(text, /^\d{1,2}$/, 1, 12),
  from: (text) => (parseDay(text) === undefined ? undefined : text),
  to: (text) => (parseDay(text) === undefined ? undefined : text),
  location: (text) => (/^[\p{L}\p{N} .,'’-]+$/u.test(text) && text.length <= MOST_CHARACTERS ? text : undefined),
  state: (text) => (/^[A-Z]{2}$/.test(text) ? text : undefined),
  store: (text) => (/^S\d{1,9}$/.test(text) ? text : undefined),
  category: (text) => (/^[\p{L}\p{N} &-]+$/u.test(text) && text.length <= MOST_CHARACTERS ? text : undefined),
  product: (text) => (/^P\d{1,9}$/.test(text) ? text : undefined),
  compare: (text) => COMPARISONS.find((name) => name === text),
  rows: (text) => (['locations', 'states'] as const).find((name) => name === text),
  by: (text) => GRAINS.find((name) => name === text),
  per: (text) => PERS.find((name) => name === text),
}

/**
 * Parses the filters of a query string. Throws `bad_flag` for an unknown name or invalid value; `ignore` lists the
 * names that only the page uses.
 */
export function parseFilters(search: URLSearchParams, ignore: readonly string[] = []): Filters {
  const filters: Filters = { ...NO_FILTERS }
  const seen = new Set<string>()
  for (const [name, text] of search) {
    if (ignore.includes(name)) continue
    if (seen.has(name)) throw refused(`${name} is given twice`)
    seen.add(name)
    if (!isFilter(name)) throw refused(`unknown filter ${JSON.stringify(name.slice(0, MOST_CHARACTERS))}`)
    const value = readers[name](text)
    if (value === undefined)
      throw refused(`${JSON.stringify(text.slice(0, MOST_CHARACTERS))} is not a valid ${name}`, expected[name])
    Object.assign(filters, { [name]: value })
  }
  if (filters.product !== undefined) delete filters.store
  if (filters.store !== undefined) delete filters.location
  if (filters.store !== undefined || filters.location !== undefined) delete filters.state
  if (filters.from !== undefined && filters.to !== undefined && filters.from > filters.to)
    throw refused(`${filters.from} is after ${filters.to}`, 'a range ends on its first day or later')
  if (filters.from !== undefined || filters.to !== undefined) {
    delete filters.year
    delete filters.month
  }
  return filters
}

/** The inverse: the shortest query string that parses to these filters. */
export function filtersToSearch(filters: Filters): string {
  const search = new URLSearchParams()
  for (const name of NAMES) {
    const value = filters[name]
    if (value !== undefined && value !== NO_FILTERS[name]) search.set(name, String(value))
  }
  return search.toString()
}

/** These filters alone; nothing else is chosen. */
export const onlyFilters = (filters: Filters, names: readonly (keyof Filters)[]): Filters => ({
  ...NO_FILTERS,
  ...Object.fromEntries(names.filter((name) => name in filters).map((name) => [name, filters[name]])),
})

/** In the order of an address. */
const NAMES = Object.keys(readers) as (keyof Filters)[]
const isFilter = (name: string): name is keyof Filters => Object.hasOwn(readers, name)

function wholeNumber(text: string, form: RegExp, least: number, most: number): number | undefined {
  const value = form.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

/** The expected form of a filter's value. */
const expected: Record<keyof Filters, string> = {
  year: 'a year has four digits, like 2024',
  month: 'a month is a number from 1 to 12',
  from: 'a day is like 2024-03-15',
  to: 'a day is like 2024-03-15',
  location: 'a location is a city and its state, like "Austin, TX"',
  state: 'a state is two capital letters, like TX',
  store: 'a store is the letter S and its number, like S0412',
  category: 'a category is a name, like Books',
  product: 'a product is the letter P and its number, like P00817',
  compare: 'compare with previous, year, or off',
  rows: 'rows are locations or states',
  by: 'points are days, weeks, or months: day, week, month',
  per: 'numbers are per total or day',
}

const refused = (message: string, why?: string) => new RetailError('bad_flag', message, { why })
