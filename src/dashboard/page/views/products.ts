import type { PanelData } from '../../panel-data.ts'
import { h } from '../dom.ts'
import { formatCount, formatMoney, formatShare, shortMoney } from '../format.ts'
import { changeCell, headings, link, scrolling } from '../table.ts'
import type { Scene, View } from '../view.ts'
import { stateName } from './state-names.ts'

type Row = PanelData['products']['rows'][number]

export const products: View<'products'> = {
  hasTwin: false,
  about: ({ per, period, all, rows, nowText, beforeText }, scene) => {
    const first = all > rows.length ? `; the first ${rows.length} of ${all}` : ''
    const against = nowText === undefined ? '' : `; change of ${nowText} against ${beforeText}`
    return `Revenue${per === 'day' ? ' a day' : ''} of products${placeText(scene)}, by whole months: ${period}${against}${first}`
  },

  draw({ rows, nowText }, scene) {
    const isCompared = nowText !== undefined
    const table = h(
      'table',
      {},
      headings(
        'Product',
        { text: 'Category', isText: true },
        'Share',
        'Units',
        'Revenue',
        isCompared ? 'Change' : undefined,
      ),
      h('tbody', {}, ...rows.map((row) => line(row, isCompared, scene))),
    )
    return scrolling('Revenue by product, table', table, true)
  },
}

function line({ product, name, category, share, units, revenueCents, change }: Row, isCompared: boolean, scene: Scene) {
  const isChosen = product === scene.state.filters.product
  return h(
    'tr',
    isChosen ? { 'aria-current': 'true' } : {},
    h(
      'th',
      { scope: 'row', title: product },
      link(name, scene.canAsk && !isChosen && (() => pickProduct(product, scene))),
    ),
    h('td', { class: 'text' }, category),
    h('td', {}, formatShare(share)),
    h('td', {}, formatCount(units)),
    h('td', { title: formatMoney(revenueCents) }, shortMoney(revenueCents)),
    isCompared && changeCell(change),
  )
}

/** A product of a store leads to its sales in the location of the store. */
export function pickProduct(product: string, { filter, head, state }: Scene): void {
  filter(state.filters.store === undefined ? { product } : { location: head.storeLocation, product })
}

function placeText({ head, state: { filters } }: Scene): string {
  const { store, location, state } = filters
  if (store !== undefined) return ` in ${head.storeLocation ?? ''}, the location of the store`
  return location !== undefined ? ` in ${location}` : state === undefined ? '' : ` in ${stateName(state)}`
}
