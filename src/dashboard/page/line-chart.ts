import { chart, lineThrough, pathOf, ticksOver } from './chart.ts'
import { svg } from './dom.ts'
import { showTip } from './tip.ts'

const MARGIN = { right: 20, top: 8, bottom: 24 }
const LETTER_PX = 6.6
/** Height of a strip: its name, then its line. */
const [NAME_PX, LINE_PX, ALONE_PX] = [28, 60, 180]
/** Distance between two labels of the x axis. */
const LABEL_PX = 110

export interface Lines {
  /** What a screen reader reads. */
  label: string
  /** Of the x axis, one for each value. */
  labels: readonly string[]
  strips: readonly { name: string; values: readonly (number | undefined)[] }[]
  tickText: (value: number) => string
  tip: (i: number) => readonly string[]
  width: number
  /** Values that are marked, because they are not to be compared with the others. */
  marked?: (i: number) => boolean
  /** Called with the value under a click. */
  pick?: ((i: number) => void) | undefined
}

/** Each line has a strip of its own, and a scale of its own: they may be of any size. */
export function lineChart({ label, labels, strips, tickText, tip, width, marked, pick }: Lines): SVGSVGElement {
  const scales = strips.map(({ values }) => scaleOf(values))
  const left = 12 + LETTER_PX * Math.max(...scales.flatMap(({ ticks }) => ticks.map((tick) => tickText(tick).length)))
  const alone = strips.length === 1
  const linePx = alone ? ALONE_PX : LINE_PX
  const last = labels.length - 1
  const x = (i: number) => left + (last > 0 ? i / last : 0.5) * (width - left - MARGIN.right)
  const height = MARGIN.top + strips.length * (NAME_PX + linePx) + MARGIN.bottom
  const drawn = strips.map(({ name, values }, s) => {
    const { ticks, bottom, top } = scales[s]
    const from = MARGIN.top + s * (NAME_PX + linePx) + NAME_PX
    const y = (value: number) => from + ((top - value) / (top - bottom || 1)) * linePx
    const runs = lineThrough(
      values.map((value, i) => (value === undefined || marked?.(i) ? undefined : y(value))),
      x,
      () => false,
    )
    return svg(
      'g',
      {},
      ...ticks.map((tick) =>
        svg('line', { x1: left, x2: width - MARGIN.right, y1: y(tick), y2: y(tick), class: 'grid' }),
      ),
      ...ticks.map((tick) => svg('text', { x: left - 6, y: y(tick) + 4, class: 'end' }, tickText(tick))),
      svg('path', { d: runs.map(pathOf).join(''), class: 'over' }),
      // A line of one point has no length.
      ...values.flatMap((value, i) =>
        value !== undefined && (marked?.(i) || runs.some((run) => run.length === 1 && run[0].x === x(i)))
          ? [svg('circle', { cx: x(i), cy: y(value), r: 3.5, class: marked?.(i) ? 'mark' : 'dot' })]
          : [],
      ),
      !alone && svg('text', { x: left, y: from - 8, class: 'name' }, name),
    )
  })
  const step = Math.max(1, Math.ceil(labels.length / Math.max(2, Math.floor(width / LABEL_PX))))
  const axis = labels.flatMap((text, i) =>
    i % step === 0 ? [svg('text', { x: Math.min(x(i), width - LABEL_PX / 2), y: height - 6 }, text)] : [],
  )
  const image = chart(label, width, height, ...drawn, svg('g', { class: 'middle' }, ...axis))
  const at = (event: MouseEvent): number | undefined => {
    const seen = image.getBoundingClientRect()
    const place = ((event.clientX - seen.left) * width) / seen.width - left
    const i = Math.round((place / (width - left - MARGIN.right)) * last)
    return last === 0 ? 0 : i >= 0 && i <= last ? i : undefined
  }
  showTip(image, (event) => {
    const i = at(event)
    return i === undefined ? undefined : tip(i)
  })
  if (!pick) return image
  image.classList.add('pickable')
  image.addEventListener('click', (event) => {
    const i = event instanceof MouseEvent ? at(event) : undefined
    if (i !== undefined) pick(i)
  })
  return image
}

function scaleOf(values: readonly (number | undefined)[]) {
  const known = values.filter((value) => value !== undefined)
  const [least, most] = [Math.min(0, ...known), Math.max(0, ...known)]
  const ticks = ticksOver(least, most, 3)
  return { ticks, bottom: Math.min(least, ticks[0]), top: Math.max(most, ticks[ticks.length - 1]) }
}
