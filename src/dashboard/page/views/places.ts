import type { PanelData, PlaceLevel } from '../../panel-data.ts'
import { h } from '../dom.ts'
import { formatMoney, formatShare, periodText, shortMoney } from '../format.ts'
import { changeCell, headings, link, scrolling } from '../table.ts'
import type { Scene, View } from '../view.ts'
import { stateName } from './state-names.ts'

type Row = PanelData['places']['rows'][number]

const PLURAL: Record<PlaceLevel, string> = { state: 'states', location: 'locations', store: 'stores' }

export const places: View<'places'> = {
  hasTwin: false,
  about: ({ per, level, all, rows, nowText, beforeText }, { head, state }) => {
    const inPlace = placeText(state.filters, level, head.storeLocation)
    const first = all > rows.length ? `; the first ${rows.length} of ${all}` : ''
    const against = nowText === undefined ? '' : `; change of ${nowText} against ${beforeText}`
    return `Revenue${per === 'day' ? ' a day' : ''} of the ${PLURAL[level]}${inPlace}, ${periodText(head)}${against}${first}`
  },

  draw({ level, rows, nowText }, scene) {
    const title = level === 'state' ? 'State' : level === 'location' ? 'Location' : 'Store'
    const isCompared = nowText !== undefined
    const table = h(
      'table',
      {},
      headings(title, 'Share', 'Revenue', isCompared ? 'Change' : undefined),
      h('tbody', {}, ...rows.map((row) => line(row, level, isCompared, scene))),
    )
    return scrolling('Revenue by place, table', table, true)
  },
}

function line(row: Row, level: PlaceLevel, isCompared: boolean, { filter, canAsk, state }: Scene): HTMLElement {
  const { name, share, revenueCents, change } = row
  const text = level === 'state' ? stateName(name) : name
  const chosen = level !== 'state' && name === state.filters[level]
  const pick = () => filter({ [level]: name })
  return h(
    'tr',
    {},
    h('th', { scope: 'row' }, link(text, canAsk && !chosen && pick)),
    h('td', {}, formatShare(share)),
    h('td', { title: formatMoney(revenueCents) }, shortMoney(revenueCents)),
    isCompared && changeCell(change),
  )
}

/** ` in Austin, TX`; nothing for everything. */
function placeText(
  { state, location, store }: Scene['state']['filters'],
  level: PlaceLevel,
  storeLocation = '',
): string {
  if (store !== undefined) return ` in ${storeLocation}`
  if (level === 'location' && location !== undefined) return ` in ${stateName(location.slice(-2))}`
  return location !== undefined ? ` in ${location}` : state === undefined ? '' : ` in ${stateName(state)}`
}
