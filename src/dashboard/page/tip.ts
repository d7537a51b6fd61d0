import { h } from './dom.ts'

const tip = h('div', { class: 'tip', 'aria-hidden': 'true' })

/**
 * Shows what `textAt` returns for the place under the pointer: a title and lines. The table view has the same numbers.
 */
export function showTip(chart: Element, textAt: (event: PointerEvent) => readonly string[] | undefined): void {
  chart.addEventListener('pointermove', (event) => {
    if (!(event instanceof PointerEvent)) return
    const text = textAt(event)
    if (!text) return hide()
    const [title, ...lines] = text
    tip.replaceChildren(h('strong', {}, title), ...lines.map((line) => h('span', {}, line)))
    if (!tip.isConnected) document.body.append(tip)
    tip.classList.add('shown')
    const { offsetWidth, offsetHeight } = tip
    const left = event.clientX + 14 + offsetWidth > innerWidth ? event.clientX - 14 - offsetWidth : event.clientX + 14
    tip.style.left = `${Math.max(4, left)}px`
    tip.style.top = `${Math.max(4, Math.min(event.clientY + 14, innerHeight - offsetHeight - 4))}px`
  })
  chart.addEventListener('pointerleave', hide)
}

export function hide(): void {
  tip.classList.remove('shown')
}
