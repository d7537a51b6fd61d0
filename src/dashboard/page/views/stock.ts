import type { StockData, StockLevel } from '../../panel-data.ts'
import { shareOut } from '../../views.ts'
import { h } from '../dom.ts'
import { formatCount, formatInstant, formatShare } from '../format.ts'
import { headings, link, scrolling, shareCell } from '../table.ts'
import type { Scene, View } from '../view.ts'
import { pickProduct } from './products.ts'

export const stock: View<'stock'> = {
  hasTwin: false,
  about: ({ total }, { head }) =>
    `Stock at ${head.dataTo === undefined ? 'the last transform' : formatInstant(head.dataTo)}, for any period: ${formatCount(total.onHand)} units; ${formatShare(shareOut(total) ?? 0)} of ${formatCount(total.stockedItems)} store and product pairs are out of stock`,

  draw({ categories, worst, items, stores }, scene) {
    const most = Math.max(0.01, ...[...categories, ...worst].map((row) => shareOut(row) ?? 0))
    return h(
      'div',
      { class: 'halves' },
      table('By category', categories, most, scene),
      stores
        ? storeTable(stores, scene)
        : items
          ? itemTable(items, scene)
          : worst.length > 0
            ? table(
                `The ${worst.length} locations and categories with the highest share out of stock`,
                worst,
                most,
                scene,
              )
            : h('p', { class: 'note' }, 'Nothing is out of stock.'),
    )
  },
}

const CATEGORY = { text: 'Category', isText: true }

type Line = { location?: string; category: string } & StockLevel

function table(title: string, rows: readonly Line[], most: number, { filter, canAsk }: Scene): HTMLElement {
  const placed = rows.some(({ location }) => location !== undefined)
  return scrolling(
    `Stock, ${title}`,
    h(
      'table',
      {},
      h('caption', {}, title),
      headings(placed ? 'Location' : undefined, CATEGORY, 'On hand', 'Out of stock'),
      h(
        'tbody',
        {},
        ...rows.map((row) => {
          const { location, category, onHand } = row
          return h(
            'tr',
            {},
            location !== undefined && h('th', { scope: 'row' }, link(location, canAsk && (() => filter({ location })))),
            placed ? h('td', { class: 'text' }, category) : h('th', { scope: 'row' }, category),
            h('td', {}, formatCount(onHand)),
            shareCell(shareOut(row) ?? 0, most, `${location ?? 'all locations'}, ${category}, share out of stock`),
          )
        }),
      ),
    ),
  )
}

/** The products of a store lead to their sales. */
function itemTable(items: NonNullable<StockData['items']>, scene: Scene): HTMLElement {
  const title = `The ${items.length} products with the least stock`
  return scrolling(
    `Stock, ${title}`,
    h(
      'table',
      {},
      h('caption', {}, title),
      headings('Product', CATEGORY, 'On hand'),
      h(
        'tbody',
        {},
        ...items.map(({ product, name, category, onHand }) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row', title: product }, link(name, scene.canAsk && (() => pickProduct(product, scene)))),
            h('td', { class: 'text' }, category),
            onHandCell(onHand),
          ),
        ),
      ),
    ),
    true,
  )
}

/** The stores of a product lead back to all products of a store. */
function storeTable(stores: NonNullable<StockData['stores']>, { filter, canAsk }: Scene): HTMLElement {
  if (stores.length === 0) return h('p', { class: 'note' }, 'No store here carries this product.')
  const title =
    stores.length === 1 ? 'The store that carries it' : `The ${stores.length} stores with the least stock of it`
  return scrolling(
    `Stock, ${title}`,
    h(
      'table',
      {},
      h('caption', {}, title),
      headings('Store', { text: 'Location', isText: true }, 'On hand'),
      h(
        'tbody',
        {},
        ...stores.map(({ store, location, onHand }) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row' }, link(store, canAsk && (() => filter({ store })))),
            h('td', { class: 'text' }, location),
            onHandCell(onHand),
          ),
        ),
      ),
    ),
    true,
  )
}

const onHandCell = (onHand: number): HTMLElement =>
  h('td', {}, onHand <= 0 ? h('span', { class: 'down' }, 'out of stock') : formatCount(onHand))
