import { h } from '../dom.ts'
import { formatMoney, formatShare, periodText, shortMoney } from '../format.ts'
import type { View } from '../view.ts'

export const top: View<'top'> = {
  hasTwin: false,
  about: (_data, { head }) =>
    `The three locations with the most revenue, and their share of the category, ${periodText(head)}`,

  draw({ per, categories }, { filter, canAsk }) {
    const most = Math.max(...categories.flatMap(({ top }) => top.map(({ share }) => share)), 0.01)
    return h(
      'div',
      { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Top locations by category, table' },
      h(
        'table',
        { class: 'ranks' },
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            h('th', { scope: 'col' }, 'Location'),
            h('th', { scope: 'col' }, 'Share'),
            h('th', { scope: 'col' }, per === 'day' ? 'Revenue a day' : 'Revenue'),
          ),
        ),
        ...categories.map(({ category, revenueCents, top }) =>
          h(
            'tbody',
            {},
            h(
              'tr',
              { class: 'group' },
              h('th', { scope: 'rowgroup', colspan: 2 }, category),
              h('td', { title: formatMoney(revenueCents) }, shortMoney(revenueCents)),
            ),
            ...top.map(({ location, revenueCents, share }) =>
              h(
                'tr',
                {},
                h(
                  'th',
                  { scope: 'row' },
                  canAsk
                    ? h('button', { type: 'button', class: 'link', onclick: () => filter({ location }) }, location)
                    : location,
                ),
                h(
                  'td',
                  { class: 'metered' },
                  h(
                    'meter',
                    { min: 0, max: most, value: share, 'aria-label': `${location}, share of ${category}` },
                    formatShare(share),
                  ),
                  h('span', {}, formatShare(share)),
                ),
                h('td', { title: formatMoney(revenueCents) }, shortMoney(revenueCents)),
              ),
            ),
          ),
        ),
      ),
    )
  },
}
