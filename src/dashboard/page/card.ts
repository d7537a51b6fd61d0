import { firstDayOf, formatDay, parseDay, parseMonth } from '../../time.ts'
import { toCsv } from '../csv.ts'
import { type Filters, GRAINS, type Grain } from '../filters.ts'
import { nextOf, startOf } from '../grain.ts'
import type { PanelData, PanelName, Trouble } from '../panel-data.ts'
import { type ViewTable, viewTable, viewTitles } from '../views.ts'
import { h, prose } from './dom.ts'
import { saveCsv, savePicture } from './download.ts'
import { formatCell } from './format.ts'
import { headings, link, scrolling } from './table.ts'
import type { Drawing, Scene, View } from './view.ts'

/** A view in its frame: title, description, buttons, and chart or table. The frame stays while its content changes. */
export interface Card<D = never> {
  element: HTMLElement
  /** The element whose width the chart uses. */
  body: HTMLElement
  show(answer: { data: D; bytesBilled?: number | undefined } | { trouble: Trouble }, scene: Scene): void
}

/** The card of one of our views. */
export const card = <N extends PanelName>(name: N, view: View<N>): Card<PanelData[N]> =>
  cardOf(name, viewTitles[name], view, (data) => viewTable(name, data))

/** `name`: in the address, and in names of files. `tableOf`: the same data as a table. */
export function cardOf<D>(name: string, title: string, view: Drawing<D>, tableOf: (data: D) => ViewTable): Card<D> {
  const about = h('p', { class: 'about' })
  const body = h('div', { class: 'body' }, h('div', { class: 'waiting' }))
  let shown: { data: D; scene: Scene } | undefined
  /** The scene that the body was drawn from. */
  let drawnOf = ''

  const button = (text: string, what: string, press: (now: { data: D; scene: Scene }) => void) =>
    h(
      'button',
      {
        type: 'button',
        'aria-label': `${text}: ${title}, ${what}`,
        title: what,
        onclick: () => shown && press(shown),
      },
      text,
    )
  const asTable = button('Table', 'show as table', ({ scene: { state, change } }) => {
    const others = state.tables.filter((other) => other !== name)
    change({ tables: others.length < state.tables.length ? others : [...others, name] })
  })
  const actions = h(
    'div',
    { class: 'actions' },
    view.hasTwin && asTable,
    button('CSV', 'save as CSV', ({ data }) => saveCsv(name, toCsv(tableOf(data)))),
    button(
      'PNG',
      'save as picture',
      ({ data, scene }) => void savePicture(name, title, view.about(data, scene), element, tableOf(data), scene),
    ),
  )
  actions.hidden = true
  const element = h(
    'section',
    { class: `card ${name}`, 'aria-labelledby': `title-${name}`, 'data-view': name },
    h('header', {}, h('div', {}, h('h2', { id: `title-${name}` }, title), about), actions),
    body,
  )

  return {
    element,
    body,
    show(answer, scene) {
      actions.hidden = 'trouble' in answer
      if ('trouble' in answer) {
        about.textContent = ''
        body.replaceChildren(troubleBox(answer.trouble))
        drawnOf = ''
        return
      }
      const { data } = answer
      shown = { data, scene }
      const flat = view.hasTwin && scene.state.tables.includes(name)
      const billed = answer.bytesBilled === undefined ? '' : ` · ${formatBytes(answer.bytesBilled)} billed`
      about.textContent = view.about(data, scene) + billed
      if (view.hasTwin) asTable.setAttribute('aria-pressed', String(flat))
      const drawing = JSON.stringify([data, flat, appearanceOf(scene)])
      if (drawing === drawnOf) return
      drawnOf = drawing
      body.replaceChildren(flat ? twin(tableOf(data), scene, title) : view.draw(data, scene))
    },
  }
}

/** Every part of a scene that a drawing depends on: if none of them changed, the view need not be redrawn. */
function appearanceOf({ state, width, isDark }: Scene) {
  const { filters, colours, sort, all } = state
  return [
    filters.state,
    filters.location,
    filters.store,
    filters.product,
    filters.rows,
    colours,
    sort,
    all,
    width,
    isDark,
  ]
}

/** The same numbers as a table. A place in it sets the filter, so the keyboard offers what the pointer does. */
export function twin({ columns, rows }: ViewTable, { filter, canAsk }: Scene, title: string): HTMLElement {
  const cell = (row: ViewTable['rows'][number], i: number) => {
    const text = formatCell(row[i], columns[i].kind)
    if (i > 0) return h('td', columns[i].kind === 'text' ? { class: 'text' } : {}, text)
    const place = columns[i].name
    const picked =
      place === 'state' || place === 'location' ? { [place]: text } : isGrain(place) ? pointOf(place, text) : undefined
    return h('th', { scope: 'row' }, link(text, canAsk && picked && (() => filter(picked))))
  }
  const table = h(
    'table',
    {},
    headings(...columns.map(({ name, kind }) => ({ text: name, isText: kind === 'text' }))),
    h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map((_, i) => cell(row, i))))),
  )
  return scrolling(`${title}, table`, table, true)
}

const isGrain = (name: string): name is Grain => GRAINS.some((grain) => grain === name)

/** The days of a point of time, and points that fit them. */
function pointOf(grain: Grain, text: string): Partial<Filters> {
  const first = parseDay(text.slice(0, 10)) ?? firstDayOf(parseMonth(text.slice(0, 7)) ?? 0)
  const last = nextOf(grain, startOf(grain, first)) - 1
  return { from: formatDay(first), to: formatDay(last), by: undefined }
}

export function troubleBox({ message, why, hint }: Trouble): HTMLElement {
  return h(
    'div',
    { class: 'trouble' },
    h('p', { class: 'what' }, sentence(message)),
    why !== undefined && h('p', {}, sentence(why)),
    hint !== undefined && h('p', {}, ...prose(sentence(hint))),
  )
}

/** The message of a terminal after `error:`. The name of a file is unchanged. */
const sentence = (text: string): string => text.replace(/^[a-z]+(?= )/, (word) => word[0].toUpperCase() + word.slice(1))

function formatBytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(0)} MB`
}
