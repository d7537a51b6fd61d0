import type { LiveData } from '../live-data.ts'
import { h, prose } from './dom.ts'
import { formatCount, formatInstant, formatMoney } from './format.ts'

const ANNOUNCE_MS = 10_000

export interface LiveTile {
  /** The indicator in the header. */
  chip: HTMLElement
  /** A card with the latest sales. */
  card: HTMLElement
  /** Starts; the first views should not wait for it. */
  listen(): void
}

/**
 * Follows the server's events: current sales, and changes of the data. It reconnects by itself after the server was
 * unavailable.
 */
export function follow(
  onData: (version: string) => void,
  onConnection: (there: boolean) => void,
  streamCommand: () => string | undefined,
): LiveTile {
  const chip = h('p', { class: 'chip', 'data-live': 'off' }, 'no stream')
  const rate = h('p', { class: 'value' }, '–')
  const about = h('p', { class: 'about' }, 'Waiting for the server')
  const list = h('ol', { class: 'events' })
  const polite = h('p', { class: 'unseen', 'aria-live': 'polite' })
  let announced = 0
  let hasSales = false

  const howToStream = () => `Run \`${streamCommand() ?? 'stream'}\` to see sales come in.`
  const show = (live: LiveData) => {
    const { running, trouble, salesPerMinute, position, last } = live
    hasSales = true
    const speed = salesPerMinute === undefined ? '' : ` · ${formatCount(salesPerMinute)} sales/min`
    chip.dataset.live = running ? 'on' : 'off'
    chip.textContent = running ? `live${speed}` : 'no stream'
    rate.textContent = running && salesPerMinute !== undefined ? formatCount(salesPerMinute) : '–'
    const state = running
      ? `sales a minute · data to ${formatInstant(position)}`
      : `No stream is running; delivered to ${formatInstant(position)}. ${howToStream()}`
    about.replaceChildren(...prose(trouble === undefined ? state : `${trouble}; \`repair\` moves it aside. ${state}`))
    list.replaceChildren(
      ...last.map(({ time, product, location, quantity, revenueCents }) =>
        h(
          'li',
          {},
          h('time', {}, time.slice(11, 19)),
          h('span', { class: 'what' }, h('span', {}, product), h('span', { class: 'where' }, location)),
          h('span', { class: 'count' }, `${quantity} ×`),
          h('span', { class: 'sum' }, formatMoney(revenueCents)),
        ),
      ),
    )
    if (performance.now() - announced > ANNOUNCE_MS) {
      announced = performance.now()
      polite.textContent = running ? `Live${speed}, data to ${formatInstant(position)}` : ''
    }
  }

  const listen = () => {
    const events = new EventSource('api/events')
    events.addEventListener('live', ({ data }) => show(JSON.parse(data)))
    events.addEventListener('data', ({ data }) => onData(JSON.parse(data).version))
    events.addEventListener('open', () => {
      if (!hasSales) about.replaceChildren(...prose(`No stream has run yet. ${howToStream()}`))
      onConnection(true)
    })
    events.addEventListener('error', () => {
      chip.dataset.live = 'lost'
      chip.textContent = 'server away'
      onConnection(false)
    })
  }

  const card = h(
    'section',
    { class: 'card live', 'aria-labelledby': 'title-live', 'data-view': 'live' },
    h('header', {}, h('div', {}, h('h2', { id: 'title-live' }, 'Live sales'), about)),
    h('div', { class: 'body' }, rate, list, polite),
  )
  return { chip, card, listen }
}
