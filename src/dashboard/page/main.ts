import { type Filters, filtersToSearch } from '../filters.ts'
import type { CarriedPage, PageLine } from '../panel-data.ts'
import { asker } from './ask.ts'
import { isDark, rampOf } from './colours.ts'
import { controls } from './controls.ts'
import { h } from './dom.ts'
import { follow } from './live.ts'
import { refresher } from './refresher.ts'
import { type Choices, openScreen } from './screen.ts'
import { clearedFilters, withFilters } from './selection.ts'
import { type PageState, readState, writeState } from './state.ts'
import { hide } from './tip.ts'

/** A page that contains its answers need not request them; a saved one cannot request anything. */
const carried = document.getElementById('answers')?.textContent
const page: CarriedPage | undefined = carried ? JSON.parse(carried) : undefined
openPage(page)

/** Connects the parts of the page: the selection (state), the views (screen), and the requests (refresher). */
function openPage(page: CarriedPage | undefined): void {
  const saved = page?.saved === true
  let state: PageState = readState(saved ? page.search : location.search)
  let connected = true

  const live = saved ? undefined : follow(onNews, onConnection, () => screen.head()?.commands.stream)
  const screen = openScreen(live)
  const requests = refresher(asker(receive), () => state.filters, {
    canAsk: !saved,
    onUnreachable: () => onConnection(false),
  })
  const chooser = controls(
    { filter, change: choose, clear: () => choose({ filters: clearedFilters(state.filters) }) },
    !saved,
  )
  document
    .getElementById('page')
    ?.replaceChildren(
      h('a', { class: 'skip', href: '#views' }, 'Skip to the views'),
      h('aside', { class: 'side' }, h('p', { class: 'brand' }, 'retail'), chooser.element),
      screen.element,
    )
  if (saved) document.documentElement.classList.add('saved')

  applyAppearance()
  if (page && (saved || page.search === filtersToSearch(state.filters))) {
    page.lines.forEach(receive)
    requests.settle()
  } else void requests.refresh()
  live?.listen()
  // The height at which a screenshot of the saved page is taken.
  if (saved) document.documentElement.dataset.height = String(Math.ceil(document.documentElement.scrollHeight))
  listenToBrowser()

  function listenToBrowser(): void {
    addEventListener('popstate', () => {
      state = readState(location.search)
      applyAppearance()
      void requests.refresh()
    })
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
    let width = innerWidth
    addEventListener('resize', () => {
      if (innerWidth === width) return
      width = innerWidth
      redraw()
    })
    addEventListener('beforeprint', redraw)
  }

  function receive(line: PageLine): void {
    if ('head' in line) {
      screen.showHead(line.head, state.filters, saved ? undefined : filter)
      chooser.show(state, line.head, isDark())
    } else if ('panel' in line) {
      if ('trouble' in line) requests.failed()
      screen.draw(line, choices())
    } else if ('own' in line) {
      if ('trouble' in line) requests.failed()
      screen.drawOwn(line, choices())
    } else {
      requests.failed()
      screen.showTrouble(line.trouble)
    }
  }

  function choices(): Choices {
    return { state, canAsk: !saved, filter, change: choose }
  }

  function filter(change: Partial<Filters>): void {
    choose({ filters: withFilters(state.filters, change) })
  }

  /** Every selection is a URL, so that Back undoes it. */
  function choose(change: Partial<PageState>): void {
    const before = writeState(state)
    state = { ...state, ...change, colours: change.colours ?? state.colours }
    const after = writeState(state)
    if (before === after) return
    hide()
    // The request is sent before the URL changes, which takes the browser several milliseconds.
    if (change.filters) void requests.refresh()
    if (!saved) history.pushState(null, '', after === '' ? location.pathname : after)
    if (change.filters) applyAppearance()
    else redraw()
  }

  function applyAppearance(): void {
    const { dataset, style } = document.documentElement
    // Each change of these makes the browser recalculate the style of the whole page.
    if (dataset.theme !== state.theme) dataset.theme = state.theme
    const bar = rampOf(state.colours, isDark())(0.62)
    if (style.getPropertyValue('--bar') !== bar) style.setProperty('--bar', bar)
    chooser.show(state, screen.head(), isDark())
  }

  function redraw(): void {
    applyAppearance()
    screen.redraw(choices())
  }

  function onNews(version: string): void {
    const head = screen.head()
    if (head !== undefined && version !== head.version) requests.refreshForNews()
  }

  function onConnection(now: boolean): void {
    if (now && !connected) void requests.refresh()
    if (!now && connected)
      screen.warn({
        message: 'The dashboard does not answer.',
        why: 'The page shows the last answers and reconnects when the dashboard is back.',
        hint: `Run \`${screen.head()?.commands.dashboard ?? 'dashboard'}\` again, in the same folder and on the same port.`,
      })
    connected = now
  }
}
