import { growth } from '../../growth.ts'
import type { PanelData, Sales } from '../../panel-data.ts'
import { h, svg } from '../dom.ts'
import { formatCount, formatMoney, shortCount, shortMoney, shortMonth } from '../format.ts'
import { changeText } from '../table.ts'

interface Figure {
  name: string
  isSum: boolean
  of: (sales: Sales) => number | undefined
  short: (n: number) => string
  long: (n: number) => string
}

const FIGURES: readonly Figure[] = [
  { name: 'Revenue', isSum: true, of: (sales) => sales.revenueCents, short: shortMoney, long: formatMoney },
  { name: 'Units', isSum: true, of: (sales) => sales.units, short: shortCount, long: formatCount },
  { name: 'Sale lines', isSum: true, of: (sales) => sales.lines, short: shortCount, long: formatCount },
  {
    name: 'Average line',
    isSum: false,
    of: ({ revenueCents, lines }) => (lines > 0 ? revenueCents / lines : undefined),
    short: formatMoney,
    long: formatMoney,
  },
]

/** Four numbers, each with its change and its trend. */
export function figures({ per, total, compared, trend }: PanelData['kpi']): HTMLElement[] {
  // An unfinished month or day would look like a fall.
  const whole = trend.filter(({ partial }) => !partial)
  return FIGURES.map(({ name: what, isSum, of, short, long }) => {
    const name = per === 'day' && isSum ? `${what} a day` : what
    const value = of(total)
    const change = compared && growth(of(compared.now), of(compared.before))
    return h(
      'div',
      { class: 'figure' },
      h('h2', {}, name),
      h(
        'p',
        { class: 'value', title: value === undefined ? undefined : long(value) },
        value === undefined ? '–' : short(value),
      ),
      change !== undefined && compared !== undefined
        ? h('p', { class: 'delta' }, changeText(change), ` ${compared.nowText} against ${compared.beforeText}`)
        : h('p', { class: 'delta' }, ''),
      spark(
        name,
        whole.map((sales) => ({ at: sales.at, value: of(sales) ?? 0 })),
        short,
      ),
    )
  })
}

const [WIDTH, HEIGHT] = [160, 30]

function spark(
  name: string,
  points: readonly { at: string; value: number }[],
  short: (n: number) => string,
): SVGElement | undefined {
  if (points.length < 2) return undefined
  const values = points.map(({ value }) => value)
  const [least, most] = [Math.min(...values), Math.max(...values)]
  const x = (i: number) => (i / (points.length - 1)) * WIDTH
  const y = (value: number) => HEIGHT - 2 - (most > least ? (value - least) / (most - least) : 0.5) * (HEIGHT - 4)
  const line = values.map((value, i) => `${i ? 'L' : 'M'}${x(i).toFixed(1)},${y(value).toFixed(1)}`).join('')
  const label = `${name} from ${dateText(points[0].at)} to ${dateText(points[points.length - 1].at)}: least ${short(least)}, most ${short(most)}`
  return svg(
    'svg',
    {
      class: 'spark',
      viewBox: `0 0 ${WIDTH} ${HEIGHT}`,
      preserveAspectRatio: 'none',
      role: 'img',
      'aria-label': label,
    },
    svg('path', { d: `${line}L${WIDTH},${HEIGHT}L0,${HEIGHT}Z`, class: 'under' }),
    svg('path', { d: line, class: 'over', 'vector-effect': 'non-scaling-stroke' }),
  )
}

const dateText = (at: string): string => (at.endsWith('-01') ? shortMonth(at) : at)
