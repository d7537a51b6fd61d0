import { svg } from './dom.ts'

/**
 * An SVG of `width` × `height` units, which are pixels if the card has room. A screen reader reads `label` and no part
 * of the chart.
 */
export const chart = (label: string, width: number, height: number, ...marks: readonly SVGElement[]): SVGSVGElement =>
  svg(
    'svg',
    { class: 'chart', role: 'img', 'aria-label': label, width, height, viewBox: `0 0 ${width} ${height}` },
    ...marks,
  )

/** About `count` ticks at 1, 2, or 5 times a power of ten; the first and last are at or beyond the bounds. */
export function ticksOver(least: number, most: number, count: number): number[] {
  const rough = (most - least) / count || 1
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5].find((n) => n * power >= rough * 0.999) ?? 10) * power
  const [first, last] = [Math.floor(least / step), Math.ceil(most / step)]
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
}

/** A line through the points that have a height. It is interrupted at a point without one, and at `breaks`. */
export function lineThrough(
  heights: readonly (number | undefined)[],
  x: (i: number) => number,
  breaks: (i: number) => boolean,
): { x: number; y: number }[][] {
  const runs: { x: number; y: number }[][] = []
  let run: { x: number; y: number }[] = []
  heights.forEach((y, i) => {
    if (y === undefined || breaks(i)) run = []
    if (y === undefined) return
    if (run.length === 0) runs.push(run)
    run.push({ x: x(i), y })
  })
  return runs
}

/** Path data, rounded to a tenth of a pixel. */
export const pathOf = (points: readonly { x: number; y: number }[]): string =>
  `M${points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L')}`
