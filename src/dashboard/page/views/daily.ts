import type { DailyData } from '../../panel-data.ts'
import { chart, lineThrough, pathOf, ticksOver } from '../chart.ts'
import { svg } from '../dom.ts'
import { formatChange, formatMoney, periodText, shortDay, shortMonth } from '../format.ts'
import { showTip } from '../tip.ts'
import type { View } from '../view.ts'

const MARGIN = { right: 20, top: 4, bottom: 24 }
/** Width of one character in a label of the scale, in pixels. */
const LETTER_PX = 6.6
/** Height of a strip: its name, then its line. */
const [NAME_PX, LINE_PX, ALONE_PX] = [28, 60, 212]
/** Distance between two labels of the calendar; half of it is available to the right of the last day. */
const [LABEL_PX, HALF_PX] = [75, 28]
/** Up to this many days, each day gets its own label. */
const FEW_DAYS = 62

/** Each location has a strip of its own on a shared scale: five lines across each other would be unreadable. */
export const daily: View<'daily'> = {
  hasTwin: true,
  about: ({ series }, { head, state }) =>
    `Each day against the day before, ${state.filters.product === undefined ? '' : 'all products, '}${periodText(head)}${
      state.filters.location === undefined && series.length > 1
        ? `; the ${series.length} locations with the most revenue`
        : series.length === 1
          ? `, ${series[0].name}`
          : ''
    }`,

  draw({ days, series }, { width }) {
    const known = series.flatMap(({ change }) => change.filter((value) => value !== null))
    const [least, most] = [Math.min(0, ...known), Math.max(0, ...known)]
    // Nothing falls by more than 100 %.
    const ticks = ticksOver(least, most, 3).filter((tick) => tick >= -1)
    const [bottom, top] = [Math.min(least, ticks[0]), ticks[ticks.length - 1]]
    const left = 12 + LETTER_PX * Math.max(...ticks.map((tick) => percent(tick).length))
    const alone = series.length === 1
    const linePx = alone ? ALONE_PX : LINE_PX
    const last = days.length - 1
    const x = (i: number) => left + (last > 0 ? i / last : 0.5) * (width - left - MARGIN.right)
    const y = (value: number) => ((top - value) / (top - bottom || 1)) * linePx
    const height = MARGIN.top + series.length * (NAME_PX + linePx) + MARGIN.bottom
    const strips = series.map(({ name, change }, s) => {
      const from = MARGIN.top + s * (NAME_PX + linePx) + NAME_PX
      const runs = lineThrough(
        change.map((value) => (value === null ? undefined : from + y(value))),
        x,
        (i) => i > 0 && !follows(days[i - 1], days[i]),
      )
      const zero = from + y(0)
      const under = runs.map(
        (run) => `${pathOf(run)}L${run[run.length - 1].x.toFixed(1)},${zero}L${run[0].x.toFixed(1)},${zero}Z`,
      )
      const across = { x1: left, x2: width - MARGIN.right }
      return svg(
        'g',
        {},
        ...ticks.map((tick) => svg('line', { ...across, y1: from + y(tick), y2: from + y(tick), class: 'grid' })),
        ...ticks.map((tick) => svg('text', { x: left - 6, y: from + y(tick) + 4, class: 'end' }, percent(tick))),
        svg('path', { d: under.join(''), class: 'under' }),
        svg('line', { ...across, y1: zero, y2: zero, class: 'zero' }),
        svg('path', { d: runs.map(pathOf).join(''), class: 'over' }),
        !alone && svg('text', { x: left, y: from - 8, class: 'name' }, name),
      )
    })
    const calendar = labelled(days, Math.max(2, Math.floor(width / LABEL_PX))).map(({ i, text }) =>
      svg('text', { x: Math.min(x(i), width - HALF_PX), y: height - 6 }, text),
    )
    const names = series.map(({ name }) => name).join('; ')
    const drawn = chart(
      known.length === 0
        ? 'No two whole days to compare'
        : `Lines of daily revenue change of ${names}, between ${formatChange(Math.min(...known))} and ${formatChange(Math.max(...known))}`,
      width,
      height,
      ...strips,
      svg('g', { class: 'middle' }, ...calendar),
    )
    showTip(drawn, (event) => {
      const seen = drawn.getBoundingClientRect()
      const at = ((event.clientX - seen.left) * width) / seen.width - left
      const i = Math.round((at / (width - left - MARGIN.right)) * last)
      return i < 0 || i > last ? undefined : tip({ days, series }, i)
    })
    return drawn
  },
}

const tip = ({ days, series }: DailyData, i: number): string[] => [
  days[i],
  ...series.map(({ name, change, revenueCents }) => {
    const [value, cents] = [change[i], revenueCents[i]]
    return `${name}: ${value === null ? '–' : formatChange(value)}${cents === null ? '' : `, ${formatMoney(cents)}`}`
  }),
]

/** Days that get a label: the first days of months or, for short periods, some of the days. */
function labelled(days: readonly string[], most: number): { i: number; text: string }[] {
  if (days.length <= FEW_DAYS && days.length > 0 && follows(days[0], days[days.length - 1], days.length - 1)) {
    const step = Math.ceil(days.length / most)
    return days.flatMap((day, i) => (i % step === 0 ? [{ i, text: shortDay(day) }] : []))
  }
  const firsts = days.flatMap((day, i) => (day.endsWith('-01') ? [{ i, text: shortMonth(day) }] : []))
  const step = Math.ceil(firsts.length / most)
  return firsts.filter((_, n) => n % step === 0)
}

const follows = (a: string, b: string, days = 1): boolean => Date.parse(b) - Date.parse(a) === days * 86_400_000

function percent(value: number): string {
  const text = String(Math.round(Math.abs(value) * 100))
  return `${value < 0 && text !== '0' ? '−' : ''}${text} %`
}
