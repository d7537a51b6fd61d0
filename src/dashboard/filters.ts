import { RetailError } from '../errors.ts'

/** What is looked at. Absent: all of it. */
export interface Filters {
  year?: number
  /** 1 to 12 */
  month?: number
  /** `City, ST` */
  location?: string
  /** two letters; not together with a location */
  state?: string
  compare: Comparison
  /** what a row of the heatmap is */
  rows: 'locations' | 'states'
}

export const COMPARISONS = ['previous', 'year', 'off'] as const
export type Comparison = (typeof COMPARISONS)[number]

const MOST_CHARACTERS = 80

/** Each filter's name, and how its text is read; undefined refuses it. The list is closed. */
const readers: { [K in keyof Filters]-?: (text: string) => Filters[K] | undefined } = {
  year: (text) => wholeNumber(text, /^\d{4}$/, 1, 9999),
  month: (text) => wholeNumber(text, /^\d{1,2}$/, 1, 12),
  location: (text) => (/^[\p{L}\p{N} .,'’-]+$/u.test(text) && text.length <= MOST_CHARACTERS ? text : undefined),
  state: (text) => (/^[A-Z]{2}$/.test(text) ? text : undefined),
  compare: (text) => COMPARISONS.find((name) => name === text),
  rows: (text) => (['locations', 'states'] as const).find((name) => name === text),
}

/** The filters of a query string. Throws `bad_flag` for a name or value that is none; `ignore` names what belongs to the page alone. */
export function parseFilters(search: URLSearchParams, ignore: readonly string[] = []): Filters {
  const filters: Filters = { compare: 'previous', rows: 'locations' }
  const seen = new Set<string>()
  for (const [name, text] of search) {
    if (ignore.includes(name)) continue
    if (seen.has(name)) throw refused(`${name} is given twice`)
    seen.add(name)
    if (!isFilter(name)) throw refused(`there is no filter ${JSON.stringify(name.slice(0, MOST_CHARACTERS))}`)
    const value = readers[name](text)
    if (value === undefined)
      throw refused(`${JSON.stringify(text.slice(0, MOST_CHARACTERS))} is no ${name} to filter by`)
    Object.assign(filters, { [name]: value })
  }
  if (filters.location !== undefined) delete filters.state
  return filters
}

/** The other way: the shortest query string that parses to these filters. */
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

const refused = (message: string) => new RetailError('bad_flag', message)
