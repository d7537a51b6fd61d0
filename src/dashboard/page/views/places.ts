import type { PanelData, PlaceLevel } from '../../panel-data.ts'
import { h } from '../dom.ts'
import { arrowOf, directionOf, formatChange, formatMoney, formatShare, periodText, shortMoney } from '../format.ts'
import type { Scene, View } from '../view.ts'
import { stateName } from './state-names.ts'

type Row = PanelData['places']['rows'][number]

const PLURAL: Record<PlaceLevel, string> = { state: 'states', location: 'locations', store: 'stores' }

export const places: View<'places'> = {
  hasTwin: false,
  about: ({ per, level, all, rows, nowText, beforeText }, { head, state }) => {
    const inPlace = placeText(state.filters, head.storeLocation)
    const first = all > rows.length ? `; the first ${rows.length} of ${all}` : ''
    const against = nowText === undefined ? '' : `; change of ${nowText} against ${beforeText}`
    return `Revenue${per === 'day' ? ' a day' : ''} of the ${PLURAL[level]}${inPlace}, ${periodText(head)}${against}${first}`
  },

  draw({ level, rows, nowText }, scene) {
    const title = level === 'state' ? 'State' : level === 'location' ? 'Location' : 'Store'
    return h(
      'div',
      { class: 'scroll twin', tabindex: '0', role: 'region', 'aria-label': 'Revenue by place, table' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, title),
            h('th', { scope: 'col' }, 'Share'),
            h('th', { scope: 'col' }, 'Revenue'),
            nowText !== undefined && h('th', { scope: 'col' }, 'Change'),
          ),
        ),
        h('tbody', {}, ...rows.map((row) => line(row, level, nowText !== undefined, scene))),
      ),
    )
  },
}

function line(row: Row, level: PlaceLevel, isCompared: boolean, { filter, canAsk, state }: Scene): HTMLElement {
  const { name, share, revenueCents, change } = row
  const text = level === 'state' ? stateName(name) : name
  const chosen = level === 'store' && name === state.filters.store
  const pick = () => filter({ [level]: name })
  return h(
    'tr',
    {},
    h(
      'th',
      { scope: 'row' },
      canAsk && !chosen ? h('button', { type: 'button', class: 'link', onclick: pick }, text) : text,
    ),
    h('td', {}, formatShare(share)),
    h('td', { title: formatMoney(revenueCents) }, shortMoney(revenueCents)),
    isCompared &&
      h(
        'td',
        {},
        change === undefined
          ? h('span', { class: 'same' }, '–')
          : h('span', { class: directionOf(change) }, `${arrowOf(change)} ${formatChange(change)}`),
      ),
  )
}

/** ` in Austin, TX`; nothing for everything. */
function placeText({ state, location, store }: Scene['state']['filters'], storeLocation = ''): string {
  if (store !== undefined) return ` in ${storeLocation}`
  return location !== undefined ? ` in ${location}` : state === undefined ? '' : ` in ${stateName(state)}`
}
