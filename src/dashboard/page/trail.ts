import type { Filters } from '../filters.ts'
import type { PageHead } from '../panel-data.ts'
import { h } from './dom.ts'
import { link } from './table.ts'
import { stateName } from './views/state-names.ts'

type Names = Pick<PageHead, 'storeLocation' | 'productName'>

interface Step {
  text: string
  /** The filters of this step: where it leads. */
  place: Partial<Filters>
}

/** The way from everything down to the selected place and product: each step but the last one leads back to it. */
export function trailSteps(
  { state, location, store, product }: Filters,
  { storeLocation, productName }: Names,
): Step[] {
  const city = location ?? (store === undefined ? undefined : storeLocation)
  const code = state ?? city?.slice(-2)
  // A step back from a product is one to all products.
  const none = product === undefined ? {} : { product: undefined }
  const steps: Step[] = [{ text: 'All states', place: { state: undefined, ...none } }]
  if (code !== undefined) steps.push({ text: stateName(code), place: { state: code, ...none } })
  if (city !== undefined) steps.push({ text: city, place: { location: city, ...none } })
  if (store !== undefined) steps.push({ text: `Store ${store}`, place: { store } })
  if (product !== undefined) steps.push({ text: productName ?? product, place: { product } })
  return steps
}

/** `all locations`, `Texas`, `Austin, TX`, `store S0412 in Austin, TX`, with the category and the product. */
export function whereText(
  { state, location, store, category, product }: Filters,
  { storeLocation, productName = product }: Names,
): string {
  const place =
    store !== undefined
      ? `store ${store}${storeLocation === undefined ? '' : ` in ${storeLocation}`}`
      : (location ?? (state === undefined ? 'all locations' : stateName(state)))
  return [place, category, productName].filter((part) => part !== undefined).join(' · ')
}

export function drawTrail(
  nav: HTMLElement,
  filters: Filters,
  names: Names,
  filter: ((change: Partial<Filters>) => void) | undefined,
): void {
  const steps = trailSteps(filters, names)
  // A step that stays keeps its element, and with it the focus, and a press of the pointer.
  const there = [...nav.querySelectorAll('li')].map(({ textContent }) => textContent)
  if (steps.length === there.length && steps.every(({ text }, i) => text === there[i])) return
  nav.replaceChildren(
    h(
      'ol',
      {},
      ...steps.map(({ text, place }, i) =>
        h(
          'li',
          i === steps.length - 1 ? { 'aria-current': 'location' } : {},
          link(text, i < steps.length - 1 && filter && (() => filter(place))),
        ),
      ),
    ),
  )
}
