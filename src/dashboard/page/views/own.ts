import type { OwnData } from '../../panel-data.ts'
import { ownTable } from '../../views.ts'
import { twin } from '../card.ts'
import { chart, lineThrough, pathOf, ticksOver } from '../chart.ts'
import { h, svg } from '../dom.ts'
import { formatCell } from '../format.ts'
import { showTip } from '../tip.ts'
import type { Drawing, Scene } from '../view.ts'

const MARGIN = { right: 20, top: 8, bottom: 24 }
const LETTER_PX = 6.6
/** Height of a strip: its name, then its line. */
const [NAME_PX, LINE_PX, ALONE_PX] = [28, 60, 180]
/** Distance between two labels of the x axis, and the longest one in characters. */
const [LABEL_PX, LABEL] = [110, 14]
const MOST_BARS = 50

/** A table of the user's project. All of its text goes through text nodes. */
export const own = (type: OwnData['panel']['type']): Drawing<OwnData> => ({
  hasTwin: type === 'line',
  about: ({ panel, rows, more }) =>
    `The table ${panel.table} of your dbt project, for any period and place${more ? `; the first ${rows.length} rows` : ''}`,
  draw: (data, scene) =>
    data.rows.length === 0 ? h('p', { class: 'note' }, 'It has no rows.') : DRAW[type](data, scene),
})

const DRAW: Record<OwnData['panel']['type'], (data: OwnData, scene: Scene) => Node> = {
  number: ({ panel, rows }) => h('p', { class: 'value' }, formatCell(rows[0][0], panel.format)),
  table: (data, scene) => twin(ownTable(data), { ...scene, canAsk: false }, data.panel.title),
  bar: bars,
  line: lines,
}

function bars({ panel, columns, rows }: OwnData): HTMLElement {
  const [name, number] = columns
  const most = Math.max(...rows.map((row) => Number(row[1] ?? 0)), 0)
  return h(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': `${panel.title}, table` },
    h(
      'table',
      { class: 'ranks' },
      h('thead', {}, h('tr', {}, h('th', { scope: 'col' }, name), h('th', { scope: 'col', colspan: 2 }, number))),
      h(
        'tbody',
        {},
        ...rows.slice(0, MOST_BARS).map(([label, value]) => {
          const text = formatCell(value, panel.format)
          const length = Math.max(0, Number(value ?? 0))
          return h(
            'tr',
            {},
            h('th', { scope: 'row' }, String(label ?? '–')),
            h(
              'td',
              { class: 'metered' },
              h('meter', { min: 0, max: most || 1, value: length, 'aria-label': `${label ?? '–'}, ${number}` }, text),
            ),
            h('td', {}, text),
          )
        }),
      ),
    ),
  )
}

/** Each column has a strip of its own, and a scale of its own: they may be of any size. */
function lines({ panel, columns, rows }: OwnData, { width }: Scene): SVGElement {
  const names = columns.slice(1)
  const labels = rows.map((row) => String(row[0] ?? '–'))
  const strips = names.map((_, s) => scaleOf(rows.map((row) => row[s + 1])))
  const words = strips.map(({ ticks }) => ticks.map((tick) => formatCell(tick, panel.format)))
  const left = 12 + LETTER_PX * Math.max(...words.flat().map(({ length }) => length))
  const alone = names.length === 1
  const linePx = alone ? ALONE_PX : LINE_PX
  const last = rows.length - 1
  const x = (i: number) => left + (last > 0 ? i / last : 0.5) * (width - left - MARGIN.right)
  const height = MARGIN.top + names.length * (NAME_PX + linePx) + MARGIN.bottom
  const drawn = strips.map(({ values, ticks, bottom, top }, s) => {
    const from = MARGIN.top + s * (NAME_PX + linePx) + NAME_PX
    const y = (value: number) => from + ((top - value) / (top - bottom || 1)) * linePx
    const runs = lineThrough(
      values.map((value) => (value === undefined ? undefined : y(value))),
      x,
      () => false,
    )
    return svg(
      'g',
      {},
      ...ticks.map((tick) =>
        svg('line', { x1: left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick), class: 'grid' }),
      ),
      ...ticks.map((tick, i) => svg('text', { x: left - 6, y: y(tick) + 4, class: 'end' }, words[s][i])),
      svg('path', { d: runs.map(pathOf).join(''), class: 'over' }),
      !alone && svg('text', { x: left, y: from - 8, class: 'name' }, names[s]),
    )
  })
  const step = Math.max(1, Math.ceil(labels.length / Math.max(2, Math.floor(width / LABEL_PX))))
  const axis = labels.flatMap((label, i) =>
    i % step === 0
      ? [svg('text', { x: Math.min(x(i), width - LABEL_PX / 2), y: height - 6 }, label.slice(0, LABEL))]
      : [],
  )
  const image = chart(
    `Lines of ${names.join('; ')} from ${labels[0]} to ${labels[last]}`,
    width,
    height,
    ...drawn,
    svg('g', { class: 'middle' }, ...axis),
  )
  showTip(image, (event) => {
    const seen = image.getBoundingClientRect()
    const at = ((event.clientX - seen.left) * width) / seen.width - left
    const i = Math.round((at / (width - left - MARGIN.right)) * last)
    if (i < 0 || i > last || Number.isNaN(i)) return undefined
    return [labels[i], ...names.map((name, s) => `${name}: ${formatCell(rows[i][s + 1], panel.format)}`)]
  })
  return image
}

function scaleOf(cells: readonly (string | number | null)[]) {
  const values = cells.map((cell) => (typeof cell === 'number' ? cell : undefined))
  const known = values.filter((value) => value !== undefined)
  const [least, most] = [Math.min(0, ...known), Math.max(0, ...known)]
  const ticks = ticksOver(least, most, 3)
  return { values, ticks, bottom: Math.min(least, ticks[0]), top: Math.max(most, ticks[ticks.length - 1]) }
}
