import { type Filters, filtersToSearch, parseFilters } from '../filters.ts'
import { viewTitles } from '../views.ts'

export const SCHEMES = [
  ...['blues', 'cividis', 'greens', 'inferno', 'magma'],
  ...['plasma', 'reds', 'rainbow', 'turbo', 'viridis'],
] as const
export type Scheme = (typeof SCHEMES)[number]
export const THEMES = ['system', 'light', 'dark'] as const

/** Every choice of the user. It is in the URL, so a link shows what its sender sees, and Back works. */
export interface PageState {
  filters: Filters
  colours: Scheme
  theme: (typeof THEMES)[number]
  /** Views shown as tables. */
  tables: readonly string[]
  /** Sort column of the change table; a `-` before it means descending. */
  sort: string
  /** Show every row of the change table. */
  all: boolean
}

const SORTS = ['location', 'units', 'before', 'change'].flatMap((column) => [column, `-${column}`])
export const FIRST_SORT = '-units'

/** The state in a URL; invalid parts are ignored. */
export function readState(search: string): PageState {
  const params = new URLSearchParams(search)
  const one = <T extends string>(name: string, among: readonly T[], otherwise: T): T =>
    among.find((value) => value === params.get(name)) ?? otherwise
  return {
    filters: readFilters(params),
    colours: one('colours', SCHEMES, 'blues'),
    theme: one('theme', THEMES, 'system'),
    tables: (params.get('tables') ?? '').split(' ').filter(isCardName),
    sort: one('sort', SORTS, FIRST_SORT),
    all: params.get('all') === '1',
  }
}

export function writeState(state: PageState): string {
  const params = new URLSearchParams(filtersToSearch(state.filters))
  if (state.colours !== 'blues') params.set('colours', state.colours)
  if (state.theme !== 'system') params.set('theme', state.theme)
  if (state.tables.length > 0) params.set('tables', state.tables.join(' '))
  if (state.sort !== FIRST_SORT) params.set('sort', state.sort)
  if (state.all) params.set('all', '1')
  const text = params.toString()
  return text === '' ? '' : `?${text}`
}

function readFilters(params: URLSearchParams): Filters {
  const good = new URLSearchParams()
  for (const [name, value] of params) {
    try {
      parseFilters(new URLSearchParams([[name, value]]))
      good.set(name, value)
    } catch {
      // A browser that keeps nothing forgets the choice.
    }
  }
  return parseFilters(good)
}

const isCardName = (name: string): boolean => Object.hasOwn(viewTitles, name) || /^own-\w{1,128}$/.test(name)
