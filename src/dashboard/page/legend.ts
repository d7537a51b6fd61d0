import { gradientOf } from './colours.ts'
import { h } from './dom.ts'

/** A color strip from least to most, between two numbers. */
export function legend(least: string, most: string, ramp: (t: number) => string): HTMLElement {
  const strip = h('span', { class: 'ramp', 'aria-hidden': 'true' })
  strip.style.background = gradientOf(ramp)
  return h('div', { class: 'legend' }, h('span', {}, least), strip, h('span', {}, most))
}
