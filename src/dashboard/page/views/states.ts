import { geo } from '@observablehq/plot'
import { feature } from 'topojson-client'
import atlas from 'us-atlas/states-albers-10m.json'
import type { PanelData } from '../../panel-data.ts'
import { chart, marksOf } from '../chart.ts'
import { h } from '../dom.ts'
import { formatCount, formatMoney, shortMoney } from '../format.ts'
import { legend } from '../legend.ts'
import { explain } from '../tip.ts'
import type { View } from '../view.ts'
import { STATE_BY_NUMBER, stateName } from './state-names.ts'

/** Already projected: Albers, with Alaska and Hawaii as insets. */
const outlines = feature(atlas, atlas.objects.states).features.filter(({ id }) => STATE_BY_NUMBER[String(id)])

const codes = outlines.map(({ id }) => STATE_BY_NUMBER[String(id)])

/** The outlines never change: they are drawn once for a width, and copied. */
let kept: { width: number; map: Element } | undefined

function mapOf(width: number) {
  if (kept?.width !== width) {
    const map = chart('', {
      width,
      height: Math.round(width * 0.625),
      margin: 2,
      projection: { type: 'identity', domain: { type: 'FeatureCollection', features: outlines } },
      marks: [geo(outlines, { fill: 'none', stroke: 'var(--card)', strokeWidth: 0.75 })],
    })
    marksOf(map, 'geo', 'path').forEach((path, i) => {
      path.dataset.state = codes[i]
    })
    kept = { width, map }
  }
  const drawn = kept.map.cloneNode(true)
  if (!(drawn instanceof Element)) throw new Error('a map is an element')
  return { drawn, paths: marksOf(drawn, 'geo', 'path') }
}

export const states: View<'states'> = {
  hasTwin: true,
  about: (_data, { head, state }) =>
    `Revenue per sale line, ${head.period}${state.filters.location === undefined ? '' : `, ${state.filters.location}`}`,

  draw({ rows }, { ramp, width, state, filter, canAsk }) {
    const of = new Map(rows.map((row) => [row.state, row]))
    const averages = rows.map(({ averageCents }) => averageCents)
    const [least, most] = [Math.min(...averages), Math.max(...averages)]
    const colourOf = (code: string): string => {
      const row = of.get(code)
      return row ? ramp(most > least ? (row.averageCents - least) / (most - least) : 0.6) : 'var(--nothing)'
    }
    const { drawn, paths } = mapOf(width)
    drawn.setAttribute('aria-label', label(rows))
    paths.forEach((path, i) => {
      path.setAttribute('fill', colourOf(codes[i]))
      path.classList.toggle('chosen', codes[i] === state.filters.state)
    })
    const codeAt = (event: Event) => (event.target instanceof SVGElement ? event.target.dataset.state : undefined)
    explain(drawn, (event) => {
      const code = codeAt(event)
      const row = code === undefined ? undefined : of.get(code)
      if (code === undefined) return undefined
      if (!row) return [stateName(code), 'no sales']
      const { averageCents, revenueCents, lines } = row
      return [
        stateName(code),
        `${formatMoney(averageCents)} per sale line`,
        `${formatMoney(revenueCents)} revenue`,
        `${formatCount(lines)} sale lines`,
      ]
    })
    if (canAsk) {
      drawn.classList.add('pickable')
      drawn.addEventListener('click', (event) => {
        const code = codeAt(event)
        if (code !== undefined) filter({ state: code === state.filters.state ? undefined : code, location: undefined })
      })
    }
    return h(
      'div',
      {},
      drawn,
      rows.length > 1 && legend(formatMoney(least), formatMoney(most), ramp),
      rows.length === 1 &&
        h('p', { class: 'note' }, `${stateName(rows[0].state)}: ${formatMoney(rows[0].averageCents)} per sale line`),
    )
  },
}

function label(rows: PanelData['states']['rows']): string {
  const sorted = [...rows].sort((a, b) => b.averageCents - a.averageCents)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last) return 'Map of the United States without sales'
  return `Map of average revenue per sale line in ${rows.length} states, from ${stateName(last.state)} with ${shortMoney(last.averageCents)} to ${stateName(first.state)} with ${shortMoney(first.averageCents)}`
}
