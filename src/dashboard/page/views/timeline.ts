import type { TimelineData } from '../../panel-data.ts'
import { h } from '../dom.ts'
import { formatCount, formatMoney, periodText, shortDay, shortMoney, shortMonth } from '../format.ts'
import { lineChart } from '../line-chart.ts'
import { segments } from '../segments.ts'
import type { View } from '../view.ts'

type Point = TimelineData['points'][number]

export const timeline: View<'timeline'> = {
  hasTwin: true,
  about: ({ per, by }, { head }) => `Revenue${per === 'day' ? ' a day' : ''} by ${by}, ${periodText(head)}`,

  draw({ per, by, points }, { width, filter, canAsk, state }) {
    const drawn = lineChart({
      label: labelOf(points),
      labels: points.map(({ from }) => (by === 'month' ? shortMonth(from) : shortDay(from))),
      strips: [{ name: 'Revenue', values: points.map(({ revenueCents }) => revenueCents) }],
      tickText: shortMoney,
      marked: (i) => points[i].partial,
      tip: (i) => {
        const { from, to, partial, revenueCents, units } = points[i]
        const aDay = per === 'day' ? ' a day' : ''
        return [
          `${from === to ? from : `${from} to ${to}`}${partial ? ', incomplete' : ''}`,
          `${formatMoney(revenueCents)} revenue${aDay}`,
          `${formatCount(units)} units${aDay}`,
        ]
      },
      width,
      pick: canAsk ? (i) => filter(daysOf(points[i])) : undefined,
    })
    const grains = segments(
      'Points of revenue over time',
      [
        ['day', 'Days'],
        ['week', 'Weeks'],
        ['month', 'Months'],
      ],
      by,
      (grain) => filter({ by: grain }),
    )
    const partial = points.some((point) => point.partial)
    return h(
      'div',
      {},
      canAsk && state.filters.product === undefined && grains,
      drawn,
      // Its line stays when it is empty, so that nothing below moves.
      h('p', { class: 'note' }, partial ? `A circle is an incomplete ${by}.` : '\u00a0'),
    )
  },
}

/** The range of a point, and points that fit it. */
const daysOf = ({ from, to }: Point) => ({ from, to, by: undefined })

function labelOf(points: readonly Point[]): string {
  if (points.length === 0) return 'Revenue over time without data'
  const cents = points.map(({ revenueCents }) => revenueCents)
  return `Line of revenue from ${points[0].from} to ${points[points.length - 1].to}, between ${shortMoney(Math.min(...cents))} and ${shortMoney(Math.max(...cents))}`
}
