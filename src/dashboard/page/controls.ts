import { COMPARISONS, type Comparison, type Filters, filtersToSearch, PERS, type Per } from '../filters.ts'
import type { PageHead } from '../panel-data.ts'
import { MONTHS } from '../period.ts'
import { statesOf } from '../unknown-name.ts'
import { gradientOf, rampOf } from './colours.ts'
import { h } from './dom.ts'
import { clearedFilters } from './selection.ts'
import { type PageState, SCHEMES, THEMES, writeState } from './state.ts'
import { stateCode, stateName } from './views/state-names.ts'

/** The controls that a saved page lacks: it has the answers to one selection. */
const NEEDS_SERVER = 'year month from to location category compare per'.split(' ')

export interface Controls {
  element: HTMLElement
  /** Updates the controls to the current selection and its choices. */
  show(state: PageState, head: PageHead | undefined, dark: boolean): void
}

export interface Choose {
  filter: (change: Partial<Filters>) => void
  change: (change: Partial<PageState>) => void
  clear: () => void
}

const COMPARE_TEXT: Record<Comparison, string> = {
  previous: 'period before',
  year: 'year before',
  off: 'nothing',
}

const PER_TEXT: Record<Per, string> = { total: 'totals', day: 'per day' }

export function controls({ filter, change, clear }: Choose, canAsk: boolean): Controls {
  const numberOf = (text: string) => (text === '' ? undefined : Number(text))
  const year = h(
    'select',
    { id: 'year', onchange: () => filter({ year: numberOf(year.value) }) },
    h('option', { value: '' }, 'All years'),
  )
  const month = h(
    'select',
    { id: 'month', onchange: () => filter({ month: numberOf(month.value) }) },
    h('option', { value: '' }, 'All months'),
    ...MONTHS.map((name, i) => h('option', { value: i + 1 }, name)),
  )
  const day = (id: 'from' | 'to') => {
    const input = h('input', {
      id,
      type: 'date',
      onchange: () => {
        const value = input.value === '' ? undefined : input.value
        const other = id === 'from' ? to : from
        // A range that would end before it begins is of one day.
        if (value !== undefined && other.value !== '' && from.value > to.value) other.value = value
        filter({ from: from.value || undefined, to: to.value || undefined })
      },
    })
    return input
  }
  const [from, to] = [day('from'), day('to')]
  const places = h('datalist', { id: 'places' })
  const wrong = h('p', { class: 'wrong', id: 'wrong', role: 'status' })
  const location = h('input', {
    id: 'location',
    type: 'search',
    list: 'places',
    placeholder: 'All: type to search',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-describedby': 'wrong',
    // Hundreds of elements that are not needed earlier.
    onfocus: () => {
      if (places.childElementCount !== known.size)
        places.replaceChildren(...[...known.keys()].map((name) => h('option', { value: name })))
    },
    onchange: () => choosePlace(location.value.trim()),
    oninput: () => known.has(location.value) && choosePlace(location.value),
  })
  const category = h(
    'select',
    { id: 'category', onchange: () => filter({ category: category.value || undefined }) },
    h('option', { value: '' }, 'All categories'),
  )
  const compare = h(
    'select',
    {
      id: 'compare',
      onchange: () => filter({ compare: COMPARISONS.find((name) => name === compare.value) }),
    },
    ...COMPARISONS.map((name) => h('option', { value: name }, COMPARE_TEXT[name])),
  )
  const per = h(
    'select',
    { id: 'per', onchange: () => filter({ per: PERS.find((name) => name === per.value) }) },
    ...PERS.map((name) => h('option', { value: name }, PER_TEXT[name])),
  )
  const colours = h(
    'select',
    { id: 'colours', onchange: () => change({ colours: SCHEMES.find((name) => name === colours.value) }) },
    ...SCHEMES.map((name) => h('option', { value: name }, name)),
  )
  const strip = h('span', { class: 'strip', 'aria-hidden': 'true' })
  const themes = THEMES.map((name) =>
    h('button', { type: 'button', onclick: () => change({ theme: name }) }, name[0].toUpperCase() + name.slice(1)),
  )
  const reset = h('button', { type: 'button', class: 'reset', onclick: clear }, 'Clear filters')
  const file = h('a', { class: 'button save', download: 'retail-report.html' }, 'Save page')
  const known = new Map<string, Partial<Filters>>()

  function choosePlace(text: string): void {
    const code = stateCode(text) ?? (/^[a-z]{2}$/i.test(text) ? text.toUpperCase() : undefined)
    const place = known.get(text) ?? [...known].find(([name]) => name.toLowerCase() === text.toLowerCase())?.[1]
    wrong.textContent = ''
    if (text === '') filter({ location: undefined })
    else if (/^S\d{1,9}$/i.test(text)) filter({ store: text.toUpperCase() })
    else if (/^P\d{1,9}$/i.test(text)) filter({ product: text.toUpperCase() })
    else if (place) filter(place)
    else if (code !== undefined && known.has(stateName(code))) filter({ state: code })
    else wrong.textContent = `No store is in “${text}”.`
  }

  const field = (id: string, text: string, ...inputs: Node[]) =>
    h('div', { class: `field ${id}` }, h('label', { for: id }, text), ...inputs)

  const element = h(
    'form',
    { class: 'controls', 'aria-label': 'Filters', onsubmit: (event) => event.preventDefault() },
    field('year', 'Year', year),
    field('month', 'Month', month),
    field('from', 'From', from),
    field('to', 'To', to),
    field('location', 'Location', location, places, wrong),
    field('category', 'Category', category),
    field('compare', 'Compare with', compare),
    field('per', 'Show', per),
    field('colours', 'Colours', colours, strip),
    h(
      'div',
      { class: 'field theme' },
      h('span', { class: 'label', id: 'theme' }, 'Theme'),
      h('div', { class: 'segments', role: 'group', 'aria-labelledby': 'theme' }, ...themes),
    ),
    h('div', { class: 'field ends' }, reset, file, h('button', { type: 'button', onclick: () => print() }, 'Print')),
  )

  if (!canAsk) for (const id of NEEDS_SERVER) element.querySelector(`#${id}`)?.setAttribute('disabled', '')

  return {
    element,
    show(state, head, dark) {
      const { filters } = state
      const years = new Set([...(head?.years ?? []), ...(filters.year === undefined ? [] : [filters.year])])
      options(year, [['', 'All years'], ...[...years].sort().map((each) => [String(each), String(each)] as const)])
      year.value = filters.year === undefined ? '' : String(filters.year)
      month.value = filters.month === undefined ? '' : String(filters.month)
      for (const [input, value] of [
        [from, filters.from],
        [to, filters.to],
      ] as const) {
        if (head) {
          input.min = head.days.first
          input.max = head.days.last
        }
        if (document.activeElement !== input || value !== undefined) input.value = value ?? ''
      }
      if (head && known.size === 0) {
        for (const code of statesOf(head.locations)) known.set(stateName(code), { state: code })
        for (const name of head.locations) known.set(name, { location: name })
      }
      const { store } = filters
      if (document.activeElement !== location || (store ?? filters.location ?? filters.state) !== undefined)
        location.value = store ?? filters.location ?? (filters.state === undefined ? '' : stateName(filters.state))
      const { categories = [] } = head ?? {}
      options(category, [['', 'All categories'], ...categories.map((each) => [each, each] as const)])
      category.value = filters.category ?? ''
      compare.value = filters.compare
      per.value = filters.per
      colours.value = state.colours
      themes.forEach((button, i) => {
        button.setAttribute('aria-pressed', String(THEMES[i] === state.theme))
      })
      reset.disabled = filtersToSearch(filters) === filtersToSearch(clearedFilters(filters))
      file.href = `export/report.html${writeState(state)}`
      const appearance = `${state.colours} ${dark}`
      if (strip.dataset.appearance === appearance) return
      strip.dataset.appearance = appearance
      strip.style.background = gradientOf(rampOf(state.colours, dark))
    },
  }
}

function options(select: HTMLSelectElement, wanted: readonly (readonly [value: string, text: string])[]): void {
  const now = [...select.options].map(({ value }) => value).join()
  if (now === wanted.map(([value]) => value).join()) return
  select.replaceChildren(...wanted.map(([value, text]) => h('option', { value }, text)))
}
