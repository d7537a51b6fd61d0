import type { OwnData } from '../../panel-data.ts'
import { ownTable } from '../../views.ts'
import { twin } from '../card.ts'
import { h } from '../dom.ts'
import { formatCell } from '../format.ts'
import { lineChart } from '../line-chart.ts'
import { headings, scrolling } from '../table.ts'
import type { Drawing, Scene } from '../view.ts'

/** The longest label of the x axis, in characters. */
const LABEL = 14
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
  return scrolling(
    `${panel.title}, table`,
    h(
      'table',
      { class: 'ranks' },
      headings(name, { text: number, columns: 2 }),
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

/** Each column has a strip of its own. */
function lines({ panel, columns, rows }: OwnData, { width }: Scene): SVGElement {
  const names = columns.slice(1)
  const labels = rows.map((row) => String(row[0] ?? '–'))
  return lineChart({
    label: `Lines of ${names.join('; ')} from ${labels[0]} to ${labels.at(-1)}`,
    labels: labels.map((label) => label.slice(0, LABEL)),
    strips: names.map((name, s) => ({
      name,
      values: rows.map((row) => {
        const cell = row[s + 1]
        return typeof cell === 'number' ? cell : undefined
      }),
    })),
    tickText: (value) => formatCell(value, panel.format),
    tip: (i) => [labels[i], ...names.map((name, s) => `${name}: ${formatCell(rows[i][s + 1], panel.format)}`)],
    width,
  })
}
