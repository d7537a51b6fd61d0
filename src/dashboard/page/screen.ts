import type { Filters } from '../filters.ts'
import type { OwnAnswer, OwnData, PageHead, PanelAnswer, PanelData, Trouble } from '../panel-data.ts'
import { ownTable } from '../views.ts'
import { type Card, card, cardOf, troubleBox } from './card.ts'
import { isDark, rampOf } from './colours.ts'
import { h } from './dom.ts'
import { formatInstant, partsText } from './format.ts'
import type { LiveTile } from './live.ts'
import { afterPress } from './press.ts'
import { drawTrail, whereText } from './trail.ts'
import type { Scene } from './view.ts'
import { change } from './views/change.ts'
import { daily } from './views/daily.ts'
import { heatmap } from './views/heatmap.ts'
import { figures } from './views/kpi.ts'
import { own } from './views/own.ts'
import { places } from './views/places.ts'
import { products } from './views/products.ts'
import { states } from './views/states.ts'
import { stock } from './views/stock.ts'
import { stockouts } from './views/stockouts.ts'
import { timeline } from './views/timeline.ts'
import { top } from './views/top.ts'

export interface Screen {
  element: HTMLElement
  head(): PageHead | undefined
  /** `filter`: undefined in a saved page. */
  showHead(head: PageHead, filters: Filters, filter: Scene['filter'] | undefined): void
  /** Draws a view. Before a head has arrived, there is nothing to draw it with. */
  draw(answer: PanelAnswer, choices: Choices): void
  /** Draws a panel of the user's project. */
  drawOwn(answer: OwnAnswer, choices: Choices): void
  /** Redraws every view, because the theme or the width changed. */
  redraw(choices: Choices): void
  /** Replaces the views with a message. */
  showTrouble(trouble: Trouble): void
  /** Keeps the views and shows an error above them. */
  warn(trouble: Trouble): void
}

/** The state that the views read, and how they change it. */
export type Choices = Pick<Scene, 'state' | 'canAsk' | 'filter' | 'change'>

/** The views and the header above them. */
export function openScreen(live: LiveTile | undefined): Screen {
  const cards: { [N in Exclude<PanelAnswer['panel'], 'kpi'>]: Card<PanelData[N]> } = {
    timeline: card('timeline', timeline),
    places: card('places', places),
    products: card('products', products),
    states: card('states', states),
    change: card('change', change),
    heatmap: card('heatmap', heatmap),
    top: card('top', top),
    daily: card('daily', daily),
    stockouts: card('stockouts', stockouts),
    stock: card('stock', stock),
  }
  const answers = new Map<PanelAnswer['panel'], PanelAnswer>()
  /** By the name of its table; a card is made when its first answer says how to draw it. */
  const owned = new Map<string, { answer: OwnAnswer; drawnAs: string; card: Card<OwnData> }>()
  /** Measured once: measuring after each drawn view would make the browser repeat its layout. */
  const widths = new Map<string, number>()
  const unpressed = afterPress()
  let head: PageHead | undefined

  const subtitle = h('p', { class: 'subtitle' })
  const trail = h('nav', { class: 'trail', 'aria-label': 'Selected place' })
  const keyFigures = h('div', { class: 'figures' })
  const ownCards = h('div', { class: 'cards own' })
  const notice = h('div', { class: 'notice', role: 'alert' })
  const element = h(
    'main',
    { id: 'views', tabindex: '-1' },
    h(
      'header',
      { class: 'masthead' },
      h('div', {}, h('h1', {}, 'US retail'), subtitle),
      live?.chip ?? h('p', { class: 'chip' }, 'saved page'),
    ),
    trail,
    notice,
    keyFigures,
    h(
      'div',
      { class: 'cards' },
      cards.timeline.element,
      cards.places.element,
      cards.states.element,
      cards.change.element,
      cards.heatmap.element,
      cards.top.element,
      cards.daily.element,
      live?.card,
      cards.products.element,
      cards.stockouts.element,
      cards.stock.element,
    ),
    ownCards,
  )

  function widthOf(name: string, body: HTMLElement): number {
    if (widths.size === 0)
      for (const [each, { body: place }] of Object.entries(cards))
        widths.set(each, Math.max(240, Math.floor(place.getBoundingClientRect().width)))
    return widths.get(name) ?? body.clientWidth
  }

  function draw(answer: PanelAnswer, choices: Choices): void {
    if (!head) return
    answers.set(answer.panel, answer)
    if (answer.panel === 'kpi') {
      const shown = 'data' in answer ? figures(answer.data) : [troubleBox(answer.trouble)]
      keyFigures.replaceChildren(...shown)
      return
    }
    const place = cards[answer.panel] as Card<unknown>
    const scene = sceneOf(head, choices, widthOf(answer.panel, place.body))
    unpressed(place.element, () => put(place, answer, scene))
  }

  function drawOwn(answer: OwnAnswer, choices: Choices): void {
    const listed = head?.own.find(({ name }) => name === answer.own)
    if (!head || !listed) return
    const type = 'data' in answer ? answer.data.panel.type : 'table'
    const drawnAs = `${type} ${listed.title}`
    let there = owned.get(answer.own)
    if (there?.drawnAs !== drawnAs) {
      const made = cardOf(`own-${answer.own}`, listed.title, own(type), ownTable)
      if (there) there.card.element.replaceWith(made.element)
      there = { answer, drawnAs, card: made }
      owned.set(answer.own, there)
    }
    there.answer = answer
    arrange(head)
    const { card } = there
    const scene = sceneOf(head, choices, Math.max(240, Math.floor(card.body.getBoundingClientRect().width)))
    unpressed(card.element, () => put(card, answer, scene))
  }

  /** In the order of the head; those that have left are gone. */
  function arrange({ own: listed }: PageHead): void {
    for (const name of owned.keys()) if (!listed.some((each) => each.name === name)) owned.delete(name)
    const elements = listed.flatMap(({ name }) => owned.get(name)?.card.element ?? [])
    const there = [...ownCards.children]
    if (elements.length !== there.length || elements.some((each, i) => each !== there[i]))
      ownCards.replaceChildren(...elements)
  }

  return {
    element,
    head: () => head,
    draw,
    drawOwn,
    showHead(next, filters, filter) {
      head = next
      arrange(head)
      const where = whereText(filters, head)
      drawTrail(trail, filters, head, filter)
      const dataTo = head.dataTo === undefined ? '' : ` · data to ${formatInstant(head.dataTo)}`
      subtitle.textContent = `${capital(partsText(head))} · ${where}${dataTo}`
      document.title = `US retail · ${head.period} · ${where}`
      element.classList.remove('silent')
      element.classList.toggle('empty', head.empty !== undefined)
      notice.replaceChildren(...(head.empty ? [troubleBox(head.empty)] : []))
    },
    redraw(choices) {
      widths.clear()
      for (const answer of answers.values()) draw(answer, choices)
      for (const { answer } of owned.values()) drawOwn(answer, choices)
    },
    showTrouble(trouble) {
      notice.replaceChildren(troubleBox(trouble))
      element.classList.add('empty', 'silent')
    },
    warn(trouble) {
      notice.replaceChildren(troubleBox(trouble))
    },
  }
}

function sceneOf(head: PageHead, choices: Choices, width: number): Scene {
  const dark = isDark()
  return { ...choices, head, width, isDark: dark, ramp: rampOf(choices.state.colours, dark) }
}

function put<D>({ body, element, show }: Card<D>, answer: Parameters<Card<D>['show']>[0], scene: Scene): void {
  const focused = focusedText(element)
  show(answer, scene)
  if (focused) restoreFocus(element, focused)
  body.dataset.drawn = String(Number(body.dataset.drawn ?? 0) + 1)
}

/** A redrawn button is another element; the focus moves to its successor, which has the same text. */
function focusedText(within: HTMLElement): string | undefined {
  const { activeElement } = document
  return activeElement && within.contains(activeElement) ? (activeElement.textContent ?? undefined) : undefined
}

function restoreFocus(within: HTMLElement, text: string): void {
  const next = [...within.querySelectorAll<HTMLElement>('button')].find(({ textContent }) => textContent === text)
  next?.focus({ preventScroll: true })
}

const capital = (text: string): string => text[0].toUpperCase() + text.slice(1)
