import type { PanelData } from '../../panel-data.ts'
import { h } from '../dom.ts'
import { formatCount } from '../format.ts'
import { changeText, link, scrolling } from '../table.ts'
import type { Scene, View } from '../view.ts'

type Row = PanelData['change']['rows'][number]
const FIRST_ROWS = 10

export const change: View<'change'> = {
  hasTwin: false,
  about: ({ per, nowText, beforeText }) => {
    const units = per === 'day' ? 'Units sold a day' : 'Units sold'
    return beforeText === undefined
      ? `${units} in ${nowText}; there is no month before it to compare with`
      : `${units} in ${nowText} against ${beforeText}, by location`
  },

  draw({ rows, beforeText }, scene) {
    const { state, change: choose } = scene
    const shown = sorted(rows, state.sort)
    const cut = state.all ? shown : shown.slice(0, FIRST_ROWS)
    const head = h(
      'tr',
      {},
      header('location', 'Location', scene),
      header('units', 'Units', scene),
      beforeText !== undefined && header('before', 'Before', scene),
      beforeText !== undefined && header('change', 'Change', scene),
    )
    return h(
      'div',
      {},
      scrolling(
        'Monthly quantity change, table',
        h('table', {}, h('thead', {}, head), h('tbody', {}, ...cut.map((row) => line(row, beforeText, scene)))),
        state.all,
      ),
      rows.length > FIRST_ROWS &&
        h(
          'button',
          { type: 'button', class: 'more', onclick: () => choose({ all: !state.all }) },
          state.all ? `Show the first ${FIRST_ROWS}` : `Show all ${rows.length}`,
        ),
    )
  },
}

function line(row: Row, beforeText: string | undefined, { filter, canAsk }: Scene): HTMLElement {
  const { location, units, before, change: moved } = row
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, link(location, canAsk && (() => filter({ location })))),
    h('td', {}, formatCount(units)),
    beforeText !== undefined && h('td', {}, before === undefined ? '–' : formatCount(before)),
    beforeText !== undefined &&
      h(
        'td',
        {},
        moved === undefined ? h('span', { class: 'same' }, before === 0 && units > 0 ? 'new' : '–') : changeText(moved),
      ),
  )
}

function header(column: keyof Row, title: string, { state, change: choose }: Scene): HTMLElement {
  const rising = state.sort === column
  const falling = state.sort === `-${column}`
  const next = falling || (column === 'location' && !rising) ? column : `-${column}`
  return h(
    'th',
    { scope: 'col', 'aria-sort': rising ? 'ascending' : falling ? 'descending' : 'none' },
    h(
      'button',
      { type: 'button', onclick: () => choose({ sort: next }) },
      title,
      h('span', { 'aria-hidden': 'true', class: 'arrow' }, rising ? '↑' : falling ? '↓' : ''),
    ),
  )
}

function sorted(rows: readonly Row[], sort: string): Row[] {
  const [column, sign] = sort.startsWith('-') ? [sort.slice(1), -1] : [sort, 1]
  const by = (row: Row): number | string => {
    if (column === 'location') return row.location
    const value = column === 'units' ? row.units : column === 'before' ? row.before : row.change
    return value ?? Number.NEGATIVE_INFINITY * sign
  }
  return [...rows].sort((a, b) => {
    const [x, y] = [by(a), by(b)]
    return x === y ? (a.location < b.location ? -1 : 1) : (x < y ? -1 : 1) * sign
  })
}
