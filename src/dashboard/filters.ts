import { RetailError } from '../errors.ts'

/** The selected data. An absent filter selects everything. */
export interface Filters {
  year?: number
  /** 1 to 12 */
  month?: number
  /** `City, ST` */
  location?: string
  /** Two letters; excludes a location. */
  state?: string
  compare: Comparison
  /** The rows of the heatmap. */
  rows: 'locations' | 'states'
}

export const COMPARISONS = ['previous', 'year', 'off'] as const
export type Comparison = (typeof COMPARISONS)[number]

const MOST_CHARACTERS = 80

/** Each filter's name and parser, which returns undefined for an invalid value. The list is closed. */
const readers: { [K in keyof Filters]-?: (text: string) => Filters[K] | undefined } = {
  year: (text) => wholeNumber(text, /^\d{4}$/, 1, 9999),
  month: (text) => wholeNumber(text, /^\d{1,2}$/, 1, 12),
  location: (text) => (/^[\p{L}\p{N} .,'’-]+$/u.test(text) && text.length <= MOST_CHARACTERS ? text : undefined),
  state: (text) => (/^[A-Z]{2}$/.test(text) ? text : undefined),
  compare: (text) => COMPARISONS.find((name) => name === text),
  rows: (text) => (['locations', 'states'] as const).find((name) => name === text),
}

/**
 * Parses the filters of a query string. Throws `bad_flag` for an unknown name or invalid value; `ignore` lists the
 * names that only the page uses.
 */
export function parseFilters(search: URLSearchParams, ignore: readonly string[] = []): Filters {
  const filters: Filters = { compare: 'previous', rows: 'locations' }
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
  if (filters.location !== undefined) delete filters.state
  return filters
}

/** The inverse: the shortest query string that parses to these filters. */
export function filtersToSearch({ year, month, location, state, compare, rows }: Filters): string {
  const search = new URLSearchParams()
  if (year !== undefined) search.set('year', String(year))
  if (month !== undefined) search.set('month', String(month))
  if (location !== undefined) search.set('location', location)
  if (state !== undefined) search.set('state', state)
  if (compare !== 'previous') search.set('compare', compare)
  if (rows !== 'locations') search.set('rows', rows)
  return search.toString()
}

const isFilter = (name: string): name is keyof Filters => Object.hasOwn(readers, name)

function wholeNumber(text: string, form: RegExp, least: number, most: number): number | undefined {
  const value = form.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

/** The expected form of a filter's value. */
const expected: Record<keyof Filters, string> = {
  year: 'a year has four digits, like 2024',
  month: 'a month is a number from 1 to 12',
  location: 'a location is a city and its state, like "Austin, TX"',
  state: 'a state is two capital letters, like TX',
  compare: 'compare with previous, year, or off',
  rows: 'rows are locations or states',
}

const refused = (message: string, why?: string) => new RetailError('bad_flag', message, { why })
