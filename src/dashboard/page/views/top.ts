import { h } from '../dom.ts'
import { formatMoney, periodText, shortMoney } from '../format.ts'
import { headings, link, scrolling, shareCell } from '../table.ts'
import type { View } from '../view.ts'

export const top: View<'top'> = {
  hasTwin: false,
  about: (_data, { head }) =>
    `The three locations with the most revenue, and their share of the category, ${periodText(head)}`,

  draw({ per, categories }, { filter, canAsk }) {
    const most = Math.max(...categories.flatMap(({ top }) => top.map(({ share }) => share)), 0.01)
    return scrolling(
      'Top locations by category, table',
      h(
        'table',
        { class: 'ranks' },
        headings('Location', 'Share', per === 'day' ? 'Revenue a day' : 'Revenue'),
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
                h('th', { scope: 'row' }, link(location, canAsk && (() => filter({ location })))),
                shareCell(share, most, `${location}, share of ${category}`),
                h('td', { title: formatMoney(revenueCents) }, shortMoney(revenueCents)),
              ),
            ),
          ),
        ),
      ),
    )
  },
}
