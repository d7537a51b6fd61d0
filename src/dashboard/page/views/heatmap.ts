import { axisX, axisY, cell, text } from '@observablehq/plot'
import { chart, marksOf } from '../chart.ts'
import { inkOn } from '../colours.ts'
import { h } from '../dom.ts'
import { formatMoney, shortMoney, shortMonth } from '../format.ts'
import { legend } from '../legend.ts'
import { explain } from '../tip.ts'
import type { View } from '../view.ts'
import { stateName } from './state-names.ts'

const ROW_PX = 24
/** Narrower cells have no room for their number. */
const LABEL_PX = 50

export const heatmap: View<'heatmap'> = {
  hasTwin: true,
  about: ({ by, all, rows }, { head }) =>
    `Revenue by ${by === 'states' ? 'state' : 'location'} and month, ${head.period}${
      by === 'locations' && all > rows.length ? `; the ${rows.length} of ${all} with most` : ''
    }`,

  draw({ months, rows, by }, { ramp, width, filter, state, canAsk }) {
    const cells = rows.flatMap(({ name, revenueCents }) =>
      revenueCents.flatMap((cents, i) => (cents === null ? [] : [{ name, month: months[i], cents }])),
    )
    const most = Math.max(1, ...cells.map(({ cents }) => cents))
    const least = Math.min(most, ...cells.map(({ cents }) => cents))
    const shade = (cents: number) => ramp(most > least ? (cents - least) / (most - least) : 0.6)
    const left = by === 'states' ? 34 : Math.min(128, 14 + 6.4 * Math.max(...rows.map(({ name }) => name.length)))
    const each = (width - left - 4) / Math.max(1, months.length)
    const labelEvery = Math.ceil(58 / each)
    const drawn = chart(
      `Heatmap of revenue: ${rows.length} rows, ${months.length} months, from ${shortMoney(least)} to ${shortMoney(most)}`,
      {
        width,
        height: rows.length * ROW_PX + 30,
        marginLeft: left,
        marginRight: 4,
        marginTop: 26,
        marginBottom: 4,
        x: { domain: months, padding: 0.04 },
        y: { domain: rows.map(({ name }) => name), padding: 0.08 },
        marks: [
          axisX({
            anchor: 'top',
            tickSize: 0,
            ticks: months.filter((_, i) => i % labelEvery === 0),
            tickFormat: shortMonth,
            label: null,
          }),
          axisY({ tickSize: 0, label: null }),
          cell(cells, { x: 'month', y: 'name', fill: ({ cents }) => shade(cents), rx: 2 }),
          each >= LABEL_PX
            ? text(cells, {
                x: 'month',
                y: 'name',
                text: ({ cents }) => shortMoney(cents),
                fill: ({ cents }) => inkOn(shade(cents)),
              })
            : null,
        ],
      },
    )
    marksOf(drawn, 'cell', 'rect').forEach((rect, i) => {
      rect.dataset.cell = String(i)
    })
    const cellAt = ({ target }: Event) =>
      target instanceof SVGElement ? cells[Number(target.dataset.cell)] : undefined
    explain(drawn, (event) => {
      const at = cellAt(event)
      return (
        at && [by === 'states' ? stateName(at.name) : at.name, shortMonth(at.month), `${formatMoney(at.cents)} revenue`]
      )
    })
    if (canAsk) {
      drawn.classList.add('pickable')
      drawn.addEventListener('click', (event) => {
        const at = cellAt(event)
        if (!at) return
        const [year, month] = at.month.split('-').map(Number)
        const place =
          by === 'states' ? { state: at.name, location: undefined } : { location: at.name, state: undefined }
        filter({ year, month, ...place })
      })
    }
    const rollUp = h(
      'div',
      { class: 'segments small', role: 'group', 'aria-label': 'Rows of the heatmap' },
      ...(['locations', 'states'] as const).map((name) =>
        h(
          'button',
          {
            type: 'button',
            'aria-pressed': String(state.filters.rows === name),
            onclick: () => filter({ rows: name }),
          },
          name === 'states' ? 'States' : 'Top locations',
        ),
      ),
    )
    return h('div', {}, canAsk && rollUp, drawn, cells.length > 1 && legend(shortMoney(least), shortMoney(most), ramp))
  },
}
