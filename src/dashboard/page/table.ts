import { h } from './dom.ts'
import { arrowOf, directionOf, formatChange, formatShare } from './format.ts'

/** A table in a region that scrolls, so that the keyboard can scroll it too. `isLong`: it has a height of its own. */
export const scrolling = (label: string, table: HTMLTableElement, isLong = false): HTMLElement =>
  h('div', { class: isLong ? 'scroll twin' : 'scroll', tabindex: '0', role: 'region', 'aria-label': label }, table)

/** The row of headings; undefined omits one. */
export const headings = (...names: readonly (string | Heading | undefined)[]): HTMLElement =>
  h(
    'thead',
    {},
    h(
      'tr',
      {},
      ...names.map((name) => {
        if (name === undefined) return undefined
        const { text, isText, columns }: Heading = typeof name === 'string' ? { text: name } : name
        return h('th', { scope: 'col', class: isText ? 'text' : undefined, colspan: columns }, text)
      }),
    ),
  )

interface Heading {
  text: string
  /** Its column is of text. */
  isText?: boolean
  /** How many columns it is above. */
  columns?: number
}

/** A text that chooses something; only the text if it chooses nothing, as in a saved page. */
export const link = (text: string, pick: (() => void) | false | undefined): HTMLElement | string =>
  pick ? h('button', { type: 'button', class: 'link', onclick: pick }, text) : text

/** A change with its arrow and color. */
export const changeText = (change: number): HTMLElement =>
  h('span', { class: directionOf(change) }, `${arrowOf(change)} ${formatChange(change)}`)

/** The same as a cell; undefined: there is nothing to compare with. */
export const changeCell = (change: number | undefined): HTMLElement =>
  h('td', {}, change === undefined ? h('span', { class: 'same' }, '–') : changeText(change))

/** A share as a bar up to `most`, and as a number. */
export const shareCell = (share: number, most: number, label: string): HTMLElement =>
  h(
    'td',
    { class: 'metered' },
    h('meter', { min: 0, max: most, value: share, 'aria-label': label }, formatShare(share)),
    h('span', {}, formatShare(share)),
  )
