import map from 'us-atlas/states-albers-10m.json'
import type { PanelData } from '../../panel-data.ts'
import { chart } from '../chart.ts'
import { h, svg } from '../dom.ts'
import { formatCount, formatMoney, periodText, shortMoney } from '../format.ts'
import { legend } from '../legend.ts'
import { showTip } from '../tip.ts'
import type { Scene, View } from '../view.ts'
import { STATE_BY_NUMBER, stateName } from './state-names.ts'

type Row = PanelData['states']['rows'][number]

interface Drawn {
  picture: SVGSVGElement
  paths: Map<string, SVGPathElement>
}

/**
 * The current values. The map itself is drawn once (Albers projection, with Alaska and Hawaii as insets), and only its
 * colors change.
 */
let drawn: Drawn | undefined
let rowOf = new Map<string, Row>()
let shownIn: Scene | undefined

function drawOnce(): Drawn {
  const paths = new Map<string, SVGPathElement>()
  for (const [number, d] of Object.entries(map.outlines)) {
    const code = STATE_BY_NUMBER[number]
    if (code !== undefined)
      paths.set(code, svg('path', { d, 'data-state': code, 'vector-effect': 'non-scaling-stroke' }))
  }
  const all = svg('g', { stroke: 'var(--card)', 'stroke-width': 0.75 }, ...paths.values())
  const picture = chart('', map.width, map.height, all)
  picture.classList.add('map')
  const codeAt = ({ target }: Event) => (target instanceof SVGElement ? target.dataset.state : undefined)
  showTip(picture, (event) => {
    const code = codeAt(event)
    return code === undefined ? undefined : tip(code, rowOf.get(code))
  })
  picture.addEventListener('click', (event) => {
    const code = codeAt(event)
    if (code === undefined || !shownIn?.canAsk) return
    shownIn.filter({ state: code === shownIn.state.filters.state ? undefined : code })
  })
  return { picture, paths }
}

const tip = (code: string, row: Row | undefined): string[] =>
  row
    ? [
        stateName(code),
        `${formatMoney(row.averageCents)} per sale line`,
        `${formatMoney(row.revenueCents)} revenue`,
        `${formatCount(row.lines)} sale lines`,
      ]
    : [stateName(code), 'no sales']

export const states: View<'states'> = {
  hasTwin: true,
  about: (_data, { head, state }) =>
    `Revenue per sale line, ${periodText(head)}${state.filters.location === undefined ? '' : `, ${state.filters.location}`}`,

  draw({ rows }, scene) {
    const { ramp, state, canAsk } = scene
    drawn ??= drawOnce()
    shownIn = scene
    rowOf = new Map(rows.map((row) => [row.state, row]))
    const averages = rows.map(({ averageCents }) => averageCents)
    const [least, most] = [Math.min(...averages), Math.max(...averages)]
    for (const [code, path] of drawn.paths) {
      const row = rowOf.get(code)
      const shade = row && ramp(most > least ? (row.averageCents - least) / (most - least) : 0.6)
      path.setAttribute('fill', shade ?? 'var(--nothing)')
      path.classList.toggle('chosen', code === state.filters.state)
    }
    drawn.picture.setAttribute('aria-label', label(rows))
    drawn.picture.classList.toggle('pickable', canAsk)
    return h(
      'div',
      {},
      drawn.picture,
      rows.length > 1 && legend(formatMoney(least), formatMoney(most), ramp),
      rows.length === 1 &&
        h('p', { class: 'note' }, `${stateName(rows[0].state)}: ${formatMoney(rows[0].averageCents)} per sale line`),
    )
  },
}

function label(rows: readonly Row[]): string {
  const sorted = [...rows].sort((a, b) => b.averageCents - a.averageCents)
  const [first, last] = [sorted[0], sorted.at(-1)]
  if (!first || !last) return 'Map of the United States without sales'
  return `Map of average revenue per sale line in ${rows.length} states, from ${stateName(last.state)} with ${shortMoney(last.averageCents)} to ${stateName(first.state)} with ${shortMoney(first.averageCents)}`
}
