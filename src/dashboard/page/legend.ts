import { h, svg } from './dom.ts'

/** From least to most, as a strip between two numbers. */
export function legend(least: string, most: string, ramp: (t: number) => string): HTMLElement {
  const steps = 24
  const strip = svg('svg', { viewBox: `0 0 ${steps} 1`, preserveAspectRatio: 'none', 'aria-hidden': 'true' })
  for (let i = 0; i < steps; i++)
    strip.append(svg('rect', { x: i, y: 0, width: 1.05, height: 1, fill: ramp(i / (steps - 1)) }))
  return h('div', { class: 'legend' }, h('span', {}, least), strip, h('span', {}, most))
}
