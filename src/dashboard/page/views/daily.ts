import { areaY, axisX, axisY, gridY, lineY, ruleY, text } from '@observablehq/plot'
import { chart } from '../chart.ts'
import { formatChange, formatMoney } from '../format.ts'
import { explain } from '../tip.ts'
import type { View } from '../view.ts'

const MARGIN = { left: 44, right: 10, top: 16, bottom: 26 }

/** Each location has a strip of its own on one scale: five lines across each other would be a knot. */
export const daily: View<'daily'> = {
  hasTwin: true,
  about: ({ series }, { head, state }) =>
    `Each day against the day before, ${head.period}${
      state.filters.location === undefined && series.length > 1
        ? `; the ${series.length} locations with most revenue`
        : series.length === 1
          ? `, ${series[0].name}`
          : ''
    }`,

  draw({ days, series }, { width }) {
    const dates = days.map((day) => new Date(`${day}T00:00:00Z`))
    const points = series.flatMap(({ name, change }) =>
      change.map((value, i) => ({ name, date: dates[i], value: value ?? Number.NaN })),
    )
    const known = points.map(({ value }) => value).filter((value) => !Number.isNaN(value))
    const alone = series.length === 1
    const height = alone ? 260 : MARGIN.top + MARGIN.bottom + series.length * 84
    const drawn = chart(
      known.length === 0
        ? 'No two whole days to compare'
        : `Lines of daily revenue change of ${series.map(({ name }) => name).join('; ')}, between ${formatChange(Math.min(...known))} and ${formatChange(Math.max(...known))}`,
      {
        width,
        height,
        marginLeft: MARGIN.left,
        marginRight: MARGIN.right,
        marginTop: MARGIN.top,
        marginBottom: MARGIN.bottom,
        x: { type: 'utc', domain: [dates[0], dates[dates.length - 1]] },
        y: { label: null, nice: true },
        fy: { domain: series.map(({ name }) => name), padding: 0.26, axis: null },
        marks: [
          gridY({ ticks: 3, stroke: 'var(--line)', strokeOpacity: 1 }),
          axisY({ ticks: 3, tickSize: 0, tickFormat: (value: number) => `${Math.round(value * 100)} %` }),
          axisX({ tickSize: 3, label: null, ticks: Math.max(2, Math.min(8, Math.floor(width / 75))) }),
          areaY(points, { x: 'date', y: 'value', fy: 'name', fill: 'var(--accent)', fillOpacity: 0.12 }),
          ruleY([0], { stroke: 'var(--muted)' }),
          lineY(points, { x: 'date', y: 'value', fy: 'name', stroke: 'var(--accent)', strokeWidth: 1.5 }),
          alone
            ? null
            : text(series, {
                ...{ fy: 'name', text: 'name', frameAnchor: 'top-left', dy: -13, dx: 0, fontWeight: 600 },
                fill: 'var(--ink)',
              }),
        ],
      },
    )
    explain(drawn, (event) => {
      const { left, width: shown } = drawn.getBoundingClientRect()
      const at = (event.clientX - left) * (width / shown) - MARGIN.left
      const i = Math.round((at / (width - MARGIN.left - MARGIN.right)) * (days.length - 1))
      if (i < 0 || i >= days.length) return undefined
      return [
        days[i],
        ...series.map(({ name, change, revenueCents }) => {
          const [value, cents] = [change[i], revenueCents[i]]
          return `${name}: ${value === null ? '–' : formatChange(value)}${cents === null ? '' : `, ${formatMoney(cents)}`}`
        }),
      ]
    })
    return drawn
  },
}
