import { type Filters, filtersToSearch } from '../filters.ts'
import type { PageHead, PageLine, PanelAnswer, ToldPage, Trouble } from '../panel-data.ts'
import { asker } from './ask.ts'
import { type Card, card, troubleBox } from './card.ts'
import { isDark, rampOf } from './colours.ts'
import { controls } from './controls.ts'
import { h } from './dom.ts'
import { formatInstant } from './format.ts'
import { follow } from './live.ts'
import { type PageState, readState, writeState } from './state.ts'
import { hide } from './tip.ts'
import type { Scene } from './view.ts'
import { change } from './views/change.ts'
import { daily } from './views/daily.ts'
import { heatmap } from './views/heatmap.ts'
import { figures } from './views/kpi.ts'
import { stateName } from './views/state-names.ts'
import { states } from './views/states.ts'
import { stock } from './views/stock.ts'
import { top } from './views/top.ts'

/** Between two questions that the server's news cause. */
const NEWS_MS = 1_000
/** After one failure, and at most after many: a question may cost money. */
const [RETRY_MS, MOST_RETRY_MS] = [3_000, 60_000]
const SLOW_MS = 200

/** A page that brings its answers along need not ask; a saved one cannot. */
const toldText = document.getElementById('answers')?.textContent
const told: ToldPage | undefined = toldText ? JSON.parse(toldText) : undefined
const saved = told?.saved === true

const cards: Record<Exclude<PanelAnswer['panel'], 'kpi'>, Card> = {
  states: card('states', states),
  change: card('change', change),
  heatmap: card('heatmap', heatmap),
  top: card('top', top),
  daily: card('daily', daily),
  stock: card('stock', stock),
}

let state: PageState = readState(saved ? told.search : location.search)
let head: PageHead | undefined
const answers = new Map<PanelAnswer['panel'], PanelAnswer>()
/** Measured once: asking again after each view was drawn would lay the page out again each time. */
const widths = new Map<string, number>()
let retry: ReturnType<typeof setTimeout> | undefined
/** Something of what was asked last could not be told. */
let troubled = false
let failures = 0
let fading: ReturnType<typeof setTimeout> | undefined

const hear = (line: PageLine): void => {
  if ('head' in line) take(line.head)
  else if ('panel' in line) draw(line)
  else lament(line.trouble)
}
const ask = asker(hear)

const chooser = controls(
  {
    filter: (change) => choose({ filters: withFilters(change) }),
    change: (change) => choose(change),
    clear: () => choose({ filters: { compare: state.filters.compare, rows: state.filters.rows } }),
  },
  !saved,
)
const subtitle = h('p', { class: 'subtitle' })
const kpis = h('div', { class: 'figures' })
const notice = h('div', { class: 'notice', role: 'alert' })
const live = saved ? undefined : follow(onNews, onConnection)
const views = h(
  'main',
  { id: 'views', tabindex: '-1' },
  h(
    'header',
    { class: 'masthead' },
    h('div', {}, h('h1', {}, 'US retail'), subtitle),
    live?.chip ?? h('p', { class: 'chip' }, 'saved page'),
  ),
  notice,
  kpis,
  h(
    'div',
    { class: 'cards' },
    cards.states.element,
    cards.change.element,
    cards.heatmap.element,
    cards.top.element,
    cards.daily.element,
    live?.card,
    cards.stock.element,
  ),
)
const page = document.getElementById('page')
page?.replaceChildren(
  h('a', { class: 'skip', href: '#views' }, 'Skip to the views'),
  h('aside', { class: 'side' }, h('p', { class: 'brand' }, 'retail'), chooser.element),
  views,
)
if (saved) document.documentElement.classList.add('saved')

dress()
if (told && (saved || told.search === filtersToSearch(state.filters))) {
  told.lines.forEach(hear)
  settle()
} else void refresh()
live?.listen()
// A picture of the saved page is taken at this height.
if (saved) document.documentElement.dataset.height = String(Math.ceil(document.documentElement.scrollHeight))

addEventListener('popstate', () => {
  state = readState(location.search)
  dress()
  void refresh()
})
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => redraw())
let width = innerWidth
addEventListener('resize', () => {
  if (innerWidth === width) return
  width = innerWidth
  redraw()
})
addEventListener('beforeprint', () => redraw())

function withFilters(change: Partial<Filters>): Filters {
  const filters = { ...state.filters, ...change }
  for (const name of ['year', 'month', 'location', 'state'] as const)
    if (filters[name] === undefined) delete filters[name]
  return filters
}

/** Every choice is an address, so that Back takes it back. */
function choose(change: Partial<PageState>): void {
  const before = writeState(state)
  state = { ...state, ...change, colours: change.colours ?? state.colours }
  const after = writeState(state)
  if (before === after) return
  hide()
  // The question is on its way while the address changes, which takes the browser some milliseconds.
  if (change.filters) void refresh()
  if (!saved) history.pushState(null, '', after === '' ? location.pathname : after)
  if (change.filters) dress()
  else redraw()
}

function dress(): void {
  const { dataset, style } = document.documentElement
  // Each change of these styles the whole page anew.
  if (dataset.theme !== state.theme) dataset.theme = state.theme
  const bar = rampOf(state.colours, isDark())(0.62)
  if (style.getPropertyValue('--bar') !== bar) style.setProperty('--bar', bar)
  chooser.show(state, head, isDark())
}

async function refresh(): Promise<void> {
  const { classList, dataset } = document.documentElement
  dataset.asking = 'yes'
  troubled = false
  clearTimeout(retry)
  // Views fade only when the answer is slow: each change of their style styles the page anew.
  clearTimeout(fading)
  fading = setTimeout(() => classList.add('slow'), SLOW_MS)
  const ended = await ask(state.filters)
  if (ended === 'overtaken') return
  clearTimeout(fading)
  classList.remove('slow')
  delete dataset.asking
  if (ended === 'unreachable') onConnection(false)
  else settle()
}

function take(next: PageHead): void {
  head = next
  notice.replaceChildren()
  const { location: place, state: code } = state.filters
  const where = place ?? (code === undefined ? 'all locations' : stateName(code))
  const dataTo = head.dataTo === undefined ? '' : ` · data to ${formatInstant(head.dataTo)}`
  subtitle.textContent = `${capital(head.period)} · ${where}${dataTo}`
  document.title = `US retail · ${head.period} · ${where}`
  views.classList.remove('silent')
  views.classList.toggle('empty', head.empty !== undefined)
  if (head.empty) notice.replaceChildren(troubleBox(head.empty))
  chooser.show(state, head, isDark())
}

/** Nothing can be shown; it is asked again until something can. */
function lament(trouble: Trouble): void {
  notice.replaceChildren(troubleBox(trouble))
  views.classList.add('empty', 'silent')
  troubled = true
}

/** All was told that will be; what failed is asked again, ever more rarely. */
function settle(): void {
  clearTimeout(retry)
  if (!troubled) failures = 0
  else if (!saved) retry = setTimeout(() => void refresh(), Math.min(MOST_RETRY_MS, RETRY_MS * 2 ** failures++))
}

function draw(answer: PanelAnswer): void {
  if (!head) return
  answers.set(answer.panel, answer)
  if ('trouble' in answer) troubled = true
  if (answer.panel === 'kpi') {
    kpis.replaceChildren(...('data' in answer ? figures(answer.data, head.dataTo) : [troubleBox(answer.trouble)]))
    return
  }
  const { body, element, show } = cards[answer.panel]
  const scene: Scene = {
    state,
    head,
    width: widthOf(answer.panel, body),
    isDark: isDark(),
    ramp: rampOf(state.colours, isDark()),
    canAsk: !saved,
    filter: (change) => choose({ filters: withFilters(change) }),
    change: choose,
  }
  const focused = focusPath(element)
  show(answer, scene)
  if (focused) restoreFocus(element, focused)
  body.dataset.drawn = String(Number(body.dataset.drawn ?? 0) + 1)
}

function widthOf(name: string, body: HTMLElement): number {
  if (widths.size === 0)
    for (const [each, { body: place }] of Object.entries(cards))
      widths.set(each, Math.max(240, Math.floor(place.getBoundingClientRect().width)))
  return widths.get(name) ?? body.clientWidth
}

function redraw(): void {
  widths.clear()
  dress()
  for (const answer of answers.values()) draw(answer)
}

let newsAt = 0
let newsTimer: ReturnType<typeof setTimeout> | undefined

/** The data changed: asked at once, but at most once a second. */
function onNews(version: string): void {
  if (head === undefined || version === head.version) return
  clearTimeout(newsTimer)
  newsTimer = setTimeout(
    () => {
      newsAt = performance.now()
      void refresh()
    },
    Math.max(0, newsAt + NEWS_MS - performance.now()),
  )
}

let away = false
function onConnection(there: boolean): void {
  if (there && away) void refresh()
  if (!there && !away)
    notice.replaceChildren(
      troubleBox({
        message: 'The dashboard does not answer.',
        why: 'What is shown is what it said last. The page goes on by itself when it is back.',
        hint: 'Run `retail dashboard` again, in the same folder and on the same port.',
      }),
    )
  away = !there
}

/** A redrawn button is another element; focus goes to its successor. */
function focusPath(within: HTMLElement): string | undefined {
  const { activeElement } = document
  return activeElement && within.contains(activeElement) ? (activeElement.textContent ?? undefined) : undefined
}
function restoreFocus(within: HTMLElement, text: string): void {
  const next = [...within.querySelectorAll<HTMLElement>('button')].find(({ textContent }) => textContent === text)
  next?.focus({ preventScroll: true })
}

function capital(text: string): string {
  return text[0].toUpperCase() + text.slice(1)
}
