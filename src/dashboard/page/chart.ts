import { svg } from './dom.ts'

/** One picture, `width` × `height` of its own units, which are pixels where there is room; a screen reader hears `label` and no part of it. */
export const chart = (label: string, width: number, height: number, ...marks: readonly SVGElement[]): SVGSVGElement =>
  svg(
    'svg',
    { class: 'chart', role: 'img', 'aria-label': label, width, height, viewBox: `0 0 ${width} ${height}` },
    ...marks,
  )

/** At 1, 2 or 5 times a power of ten, about `count` of them, the first and last at or beyond the ends. */
export function ticksOver(least: number, most: number, count: number): number[] {
  const rough = (most - least) / count || 1
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = ([1, 2, 5].find((n) => n * power >= rough * 0.999) ?? 10) * power
  const [first, last] = [Math.floor(least / step), Math.ceil(most / step)]
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step)
}

/** Moves through the points that have a height; where one has none, or `breaks`, the line begins anew. */
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

/** Path data, to a tenth of a pixel. */
export const pathOf = (points: readonly { x: number; y: number }[]): string =>
  `M${points.map(({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L')}`
