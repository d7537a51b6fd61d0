import type { LiveData } from '../live-data.ts'
import { h, prose } from './dom.ts'
import { formatCount, formatInstant, formatMoney } from './format.ts'

const ANNOUNCE_MS = 10_000

export interface LiveTile {
  /** in the header */
  chip: HTMLElement
  /** a card with the last sales */
  card: HTMLElement
  /** Begins; what is shown first should not wait for it. */
  listen(): void
}

/** Follows the server's events: what is sold right now, and that the data changed. It listens again by itself when the server was away. */
export function follow(onData: (version: string) => void, onConnection: (there: boolean) => void): LiveTile {
  const chip = h('p', { class: 'chip', 'data-live': 'off' }, 'no stream')
  const rate = h('p', { class: 'value' }, '–')
  const about = h('p', { class: 'about' }, 'Waiting for the server')
  const list = h('ol', { class: 'events' })
  const polite = h('p', { class: 'unseen', 'aria-live': 'polite' })
  let announced = 0
  let told = false

  const show = (live: LiveData) => {
    const { running, salesPerMinute, position, last } = live
    told = true
    const speed = salesPerMinute === undefined ? '' : ` · ${formatCount(salesPerMinute)} sales/min`
    chip.dataset.live = running ? 'on' : 'off'
    chip.textContent = running ? `live${speed}` : 'no stream'
    rate.textContent = running && salesPerMinute !== undefined ? formatCount(salesPerMinute) : '–'
    about.replaceChildren(
      ...prose(
        running
          ? `sales a minute · data to ${formatInstant(position)}`
          : `No stream is running; delivered to ${formatInstant(position)}. Run \`retail stream\` to see sales come in.`,
      ),
    )
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
      if (!told) about.replaceChildren(...prose('No stream has run yet. Run `retail stream` to see sales come in.'))
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
