import type { StockData, StockLevel } from '../../panel-data.ts'
import { h } from '../dom.ts'
import { formatCount, formatInstant, formatShare } from '../format.ts'
import type { Scene, View } from '../view.ts'

export const stock: View<'stock'> = {
  hasTwin: false,
  about: ({ total }, { head }) =>
    `Stock at ${head.dataTo === undefined ? 'the last transform' : formatInstant(head.dataTo)}, for any period: ${formatCount(total.onHand)} units; ${formatShare(shareOut(total))} of ${formatCount(total.stockedItems)} store and product pairs are out of stock`,

  draw({ categories, worst, items }, scene) {
    const most = Math.max(0.01, ...[...categories, ...worst].map(shareOut))
    return h(
      'div',
      { class: 'halves' },
      table(
        'By category',
        categories.map((row) => ({ ...row, location: undefined })),
        most,
        scene,
      ),
      items
        ? itemTable(items)
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

type Line = { location: string | undefined; category: string } & StockLevel

function table(title: string, rows: readonly Line[], most: number, { filter, canAsk }: Scene): HTMLElement {
  const placed = rows.some(({ location }) => location !== undefined)
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `Stock, ${title}` },
    h(
      'table',
      {},
      h('caption', {}, title),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          placed && h('th', { scope: 'col' }, 'Location'),
          h('th', { scope: 'col', class: 'text' }, 'Category'),
          h('th', { scope: 'col' }, 'On hand'),
          h('th', { scope: 'col' }, 'Out of stock'),
        ),
      ),
      h(
        'tbody',
        {},
        ...rows.map((row) => {
          const { location, category, onHand } = row
          const share = shareOut(row)
          return h(
            'tr',
            {},
            location !== undefined &&
              h(
                'th',
                { scope: 'row' },
                canAsk
                  ? h('button', { type: 'button', class: 'link', onclick: () => filter({ location }) }, location)
                  : location,
              ),
            placed ? h('td', { class: 'text' }, category) : h('th', { scope: 'row' }, category),
            h('td', {}, formatCount(onHand)),
            h(
              'td',
              { class: 'metered' },
              h(
                'meter',
                {
                  min: 0,
                  max: most,
                  value: share,
                  'aria-label': `${location ?? 'all locations'}, ${category}, share out of stock`,
                },
                formatShare(share),
              ),
              h('span', {}, formatShare(share)),
            ),
          )
        }),
      ),
    ),
  )
}

const shareOut = ({ stockedItems, outOfStock }: StockLevel): number =>
  stockedItems > 0 ? outOfStock / stockedItems : 0

/** A store has no further places: the way down ends at its products. */
function itemTable(items: NonNullable<StockData['items']>): HTMLElement {
  const title = `The ${items.length} products with the least stock`
  return h(
    'div',
    { class: 'scroll twin', tabindex: '0', role: 'region', 'aria-label': `Stock, ${title}` },
    h(
      'table',
      {},
      h('caption', {}, title),
      h(
        'thead',
        {},
        h(
          'tr',
          {},
          h('th', { scope: 'col' }, 'Product'),
          h('th', { scope: 'col', class: 'text' }, 'Category'),
          h('th', { scope: 'col' }, 'On hand'),
        ),
      ),
      h(
        'tbody',
        {},
        ...items.map(({ product, name, category, onHand }) =>
          h(
            'tr',
            {},
            h('th', { scope: 'row', title: product }, name),
            h('td', { class: 'text' }, category),
            h('td', {}, onHand <= 0 ? h('span', { class: 'down' }, 'out of stock') : formatCount(onHand)),
          ),
        ),
      ),
    ),
  )
}
