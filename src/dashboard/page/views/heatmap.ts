import type { HeatmapData } from '../../panel-data.ts'
import { chart } from '../chart.ts'
import { inkOn } from '../colours.ts'
import { h, svg } from '../dom.ts'
import { formatMoney, periodText, shortMoney, shortMonth } from '../format.ts'
import { legend } from '../legend.ts'
import { segments } from '../segments.ts'
import { showTip } from '../tip.ts'
import type { Scene, View } from '../view.ts'
import { stateName } from './state-names.ts'

const ROW_PX = 24
const TOP_PX = 26
/** Narrower cells have no room for their number. */
const LABEL_PX = 50
const MONTH_PX = 66

export const heatmap: View<'heatmap'> = {
  hasTwin: true,
  about: ({ per, by, all, rows }, { head }) =>
    `Revenue${per === 'day' ? ' a day' : ''} by ${by === 'states' ? 'state' : 'location'} and month, ${periodText(head)}${
      by === 'locations' && all > rows.length ? `; the ${rows.length} of ${all} with the most` : ''
    }`,

  draw(data, scene) {
    const { ramp, filter, state, canAsk } = scene
    const all = scaled(data)
    const most = Math.max(1, ...all)
    const least = Math.min(most, ...all)
    const drawn = picture(data, least, most, scene)
    const rollUp = segments(
      'Rows of the heatmap',
      [
        ['locations', 'Top locations'],
        ['states', 'States'],
      ],
      state.filters.rows,
      (rows) => filter({ rows }),
    )
    return h('div', {}, canAsk && rollUp, drawn, all.length > 1 && legend(shortMoney(least), shortMoney(most), ramp))
  },
}

/** The values that the colors span. A month with few days would make all others look the same. */
function scaled({ months, partial, rows }: HeatmapData): number[] {
  const of = (isScaled: (month: string) => boolean) =>
    rows.flatMap(({ revenueCents }) => revenueCents.filter((cents, i) => cents !== null && isScaled(months[i])))
  const whole = of((month) => !partial.includes(month))
  return (whole.length > 0 ? whole : of(() => true)) as number[]
}

function picture(
  { per, months, partial, rows, by }: HeatmapData,
  least: number,
  most: number,
  scene: Scene,
): SVGSVGElement {
  const { ramp, width, filter, canAsk } = scene
  const left = by === 'states' ? 34 : Math.min(128, 14 + 6.4 * Math.max(...rows.map(({ name }) => name.length)))
  const each = (width - left - 4) / Math.max(1, months.length)
  const heading = (month: string) => `${shortMonth(month)}${partial.includes(month) ? '*' : ''}`
  const everyMonth = Math.ceil(MONTH_PX / each)
  const middle = (i: number) => left + (i + 0.5) * each
  const cells: SVGElement[] = []
  const numbers: SVGElement[] = []
  const names = rows.map(({ name, revenueCents }, r) => {
    const y = TOP_PX + r * ROW_PX
    revenueCents.forEach((cents, i) => {
      if (cents === null) return
      const isPart = partial.includes(months[i]) && partial.length < months.length
      const fill = isPart ? 'var(--nothing)' : ramp(most > least ? (cents - least) / (most - least) : 0.6)
      const x = left + (i + 0.02) * each
      const size = { width: 0.96 * each, height: ROW_PX - 2, rx: 2 }
      const kind = isPart ? 'part' : undefined
      cells.push(svg('rect', { x, y: y + 1, ...size, fill, class: kind, 'data-cell': `${r} ${i}` }))
      if (each < LABEL_PX) return
      const ink = isPart ? 'var(--muted)' : inkOn(fill)
      numbers.push(svg('text', { x: middle(i), y: y + 16, fill: ink }, shortMoney(cents)))
    })
    return svg('text', { x: left - 6, y: y + 16, 'data-row': r }, name)
  })
  const heads = months.flatMap((month, i) =>
    i % everyMonth === 0
      ? [svg('text', { x: Math.min(middle(i), width - MONTH_PX / 2), y: TOP_PX - 8 }, heading(month))]
      : [],
  )
  const drawn = chart(
    `Heatmap of revenue: ${rows.length} rows, ${months.length} months, from ${shortMoney(least)} to ${shortMoney(most)}`,
    width,
    rows.length * ROW_PX + TOP_PX + 4,
    svg('g', { class: 'middle' }, ...heads),
    svg('g', { class: 'end' }, ...names),
    svg('g', {}, ...cells),
    svg('g', { class: 'middle' }, ...numbers),
  )
  const at = ({ target }: Event) => {
    if (!(target instanceof SVGElement)) return undefined
    const [r, i] = (target.dataset.cell ?? target.dataset.row ?? '').split(' ')
    const row = r === '' ? undefined : rows[Number(r)]
    return row && { row, i: i === undefined ? undefined : Number(i) }
  }
  showTip(drawn, (event) => {
    const found = at(event)
    if (!found) return undefined
    const { row, i } = found
    const name = by === 'states' ? stateName(row.name) : row.name
    const revenue = per === 'day' ? 'revenue a day' : 'revenue'
    if (i === undefined) return [name, `${formatMoney(row.totalCents)} ${revenue}${per === 'day' ? '' : ' in all'}`]
    const month = `${shortMonth(months[i])}${partial.includes(months[i]) ? ', incomplete' : ''}`
    return [name, month, `${formatMoney(row.revenueCents[i] ?? 0)} ${revenue}`]
  })
  if (!canAsk) return drawn
  drawn.classList.add('pickable')
  drawn.addEventListener('click', (event) => {
    const found = at(event)
    if (!found) return
    const { name } = found.row
    const place = by === 'states' ? { state: name } : { location: name }
    const [year, month] = found.i === undefined ? [] : months[found.i].split('-').map(Number)
    filter(year === undefined ? place : { year, month, ...place })
  })
  return drawn
}
