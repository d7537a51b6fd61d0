import type { PanelAnswer, PanelData, PanelName, Trouble } from '../panel-data.ts'
import { toCsv, type ViewTable, viewTable, viewTitles } from '../views.ts'
import { h, prose } from './dom.ts'
import { saveCsv, savePicture } from './download.ts'
import { formatCell } from './format.ts'
import type { Scene, View } from './view.ts'

/** One view in its frame: title, what it says, its buttons, its picture or table. Kept in place while its content changes. */
export interface Card {
  element: HTMLElement
  /** where the width of the picture is measured */
  body: HTMLElement
  show(answer: PanelAnswer, scene: Scene): void
}

export function card<N extends PanelName>(name: N, view: View<N>): Card {
  const title = h('h2', { id: `title-${name}` }, viewTitles[name])
  const about = h('p', { class: 'about' })
  const actions = h('div', { class: 'actions' })
  const body = h('div', { class: 'body' }, h('div', { class: 'waiting' }))
  const element = h(
    'section',
    { class: `card ${name}`, 'aria-labelledby': `title-${name}`, 'data-view': name },
    h('header', {}, h('div', {}, title, about), actions),
    body,
  )

  return {
    element,
    body,
    show(answer, scene) {
      if ('trouble' in answer) {
        about.textContent = ''
        actions.replaceChildren()
        body.replaceChildren(troubleBox(answer.trouble))
        return
      }
      const data = answer.data as PanelData[N]
      const asTable = view.hasTwin && scene.state.tables.includes(name)
      const billed = answer.bytesBilled === undefined ? '' : ` · ${formatBytes(answer.bytesBilled)} billed`
      about.textContent = view.about(data, scene) + billed
      actions.replaceChildren(...buttons(name, view, data, scene, element, asTable))
      body.replaceChildren(asTable ? twin(viewTable(name, data), scene, name) : view.draw(data, scene))
    },
  }
}

function buttons<N extends PanelName>(
  name: N,
  view: View<N>,
  data: PanelData[N],
  scene: Scene,
  element: HTMLElement,
  asTable: boolean,
): HTMLElement[] {
  const { state, change } = scene
  const title = viewTitles[name]
  const flip = () =>
    change({ tables: asTable ? state.tables.filter((other) => other !== name) : [...state.tables, name] })
  const button = (text: string, what: string, onclick: () => void, pressed?: boolean) =>
    h(
      'button',
      {
        type: 'button',
        'aria-label': `${text}: ${title}, ${what}`,
        title: what,
        'aria-pressed': pressed === undefined ? undefined : String(pressed),
        onclick,
      },
      text,
    )
  return [
    ...(view.hasTwin ? [button('Table', 'show as table', flip, asTable)] : []),
    button('CSV', 'save as CSV', () => saveCsv(name, toCsv(viewTable(name, data)))),
    button(
      'PNG',
      'save as picture',
      () => void savePicture(name, title, view.about(data, scene), element, viewTable(name, data), scene),
    ),
  ]
}

/** The same numbers as rows and columns; a place in it sets the filter, so the keyboard reaches what the pointer does. */
export function twin({ columns, rows }: ViewTable, { filter, canAsk }: Scene, name: PanelName): HTMLElement {
  const cell = (row: ViewTable['rows'][number], i: number) => {
    const text = formatCell(row[i], columns[i].kind)
    if (i > 0) return h('td', columns[i].kind === 'text' ? { class: 'text' } : {}, text)
    const place = columns[i].name
    const pick =
      place === 'state'
        ? () => filter({ state: text, location: undefined })
        : place === 'location'
          ? () => filter({ location: text, state: undefined })
          : undefined
    return h(
      'th',
      { scope: 'row' },
      canAsk && pick ? h('button', { type: 'button', class: 'link', onclick: pick }, text) : text,
    )
  }
  return h(
    'div',
    { class: 'scroll twin', tabindex: '0', role: 'region', 'aria-label': `${viewTitles[name]}, table` },
    h(
      'table',
      {},
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          ...columns.map((column) =>
            h('th', { scope: 'col', class: column.kind === 'text' ? 'text' : undefined }, column.name),
          ),
        ),
      ),
      h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map((_, i) => cell(row, i))))),
    ),
  )
}

export function troubleBox({ message, why, hint }: Trouble): HTMLElement {
  return h(
    'div',
    { class: 'trouble' },
    h('p', { class: 'what' }, message),
    why !== undefined && h('p', {}, why),
    hint !== undefined && h('p', {}, ...prose(hint)),
  )
}

function formatBytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(0)} MB`
}
