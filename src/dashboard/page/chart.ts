import { plot } from '@observablehq/plot'

type PlotOptions = NonNullable<Parameters<typeof plot>[0]>

/**
 * A plot as one picture with a label. Its style element goes (the page's own sheet has the rules, and its security policy
 * lets no other in), and so do the labels of its parts, which a screen reader would read without their meaning.
 */
export function chart(label: string, options: PlotOptions): Element {
  const drawn = plot(options)
  for (const style of drawn.querySelectorAll('style')) style.remove()
  for (const part of drawn.querySelectorAll('[aria-label]')) {
    part.setAttribute('data-mark', part.getAttribute('aria-label') ?? '')
    part.removeAttribute('aria-label')
    part.removeAttribute('aria-description')
  }
  for (const part of drawn.querySelectorAll('[aria-hidden]')) part.removeAttribute('aria-hidden')
  drawn.setAttribute('role', 'img')
  drawn.setAttribute('aria-label', label)
  drawn.setAttribute('class', 'chart')
  return drawn
}

/** The marks of one kind, in the order of their data. */
export function marksOf(drawn: Element, kind: string, tag: string): SVGElement[] {
  return [...drawn.querySelectorAll<SVGElement>(`[data-mark="${kind}"] ${tag}`)]
}
