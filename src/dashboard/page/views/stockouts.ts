import { firstDayOf, formatDay, lastDayOf, parseMonth } from '../../../time.ts'
import type { StockoutsData } from '../../panel-data.ts'
import { shareOut } from '../../views.ts'
import { h } from '../dom.ts'
import { formatCount, formatShare, shortMonth } from '../format.ts'
import { lineChart } from '../line-chart.ts'
import type { View } from '../view.ts'

type Points = StockoutsData['points']

export const stockouts: View<'stockouts'> = {
  hasTwin: true,
  about: ({ period }, { state }) =>
    `Share of the store and product pairs that are out of stock at the end of each month, ${
      state.filters.product === undefined ? '' : 'all products, '
    }${period}`,

  draw({ points }, { width, filter, canAsk }) {
    const partial = points.some((point) => point.partial)
    return h(
      'div',
      {},
      lineChart({
        label: labelOf(points),
        labels: points.map(({ month }) => shortMonth(month)),
        strips: [{ name: 'Share out of stock', values: points.map(shareOut) }],
        tickText: formatShare,
        marked: (i) => points[i].partial,
        tip: (i) => {
          const { month, partial, outOfStock, stockedItems, onHand } = points[i]
          return [
            `${partial ? 'End of the data, in' : 'End of'} ${shortMonth(month)}`,
            `${formatShare(shareOut(points[i]) ?? 0)} out of stock`,
            `${formatCount(outOfStock)} of ${formatCount(stockedItems)} store and product pairs`,
            `${formatCount(onHand)} units on hand`,
          ]
        },
        width,
        pick: canAsk ? (i) => filter(daysOf(points[i].month)) : undefined,
      }),
      // Its line stays when it is empty, so that nothing below moves.
      h('p', { class: 'note' }, partial ? 'A circle is the end of the data, in a month that is not over.' : '\u00a0'),
    )
  },
}

function daysOf(text: string) {
  const month = parseMonth(text) ?? 0
  return { from: formatDay(firstDayOf(month)), to: formatDay(lastDayOf(month)), by: undefined }
}

function labelOf(points: Points): string {
  if (points.length === 0) return 'Stock-outs over time without data'
  const shares = points.map((point) => shareOut(point) ?? 0)
  return `Line of the share out of stock from ${points[0].month} to ${points[points.length - 1].month}, between ${formatShare(Math.min(...shares))} and ${formatShare(Math.max(...shares))}`
}
