import { type FactName, keyOf, tables } from '../../tables/index.ts'
import type { DamagedEvent } from './damaged.ts'

interface Column {
  name: string
  kind: string
  first: number
}

/**
 * Rows that have no id, or the id of nobody, because a consumer made them of a damaged event: found by what the body
 * that was sent decodes to.
 */
export class DamagedRows {
  private readonly byId = new Map<string, DamagedEvent[]>()
  private readonly byInstant = new Map<number, DamagedEvent[]>()
  private readonly instant: number | undefined
  private readonly open: Set<DamagedEvent>
  private readonly own: Map<string, DamagedEvent>

  constructor(table: FactName, columns: readonly Column[], events: readonly DamagedEvent[]) {
    this.instant = columns.find(({ kind }) => kind === 'instant')?.first
    this.open = new Set(events)
    this.own = new Map(events.map((event) => [event.id, event]))
    const key = new RegExp(`"${keyOf(tables[table])}":"([^"]*)`)
    for (const event of events) {
      for (const id of idsIn(event.body, key)) push(this.byId, id, event)
      if (this.instant !== undefined) push(this.byInstant, event.integers[this.instant], event)
    }
  }

  /** Takes the event that became a row with this id, if there is one. */
  take(id: string | null, integers: readonly (number | null)[]): DamagedEvent | undefined {
    const event = id === null || id === '' ? this.withoutId(integers) : this.first(this.byId.get(id))
    if (event) this.open.delete(event)
    return event
  }

  /** The event became a row under its own id. */
  isRow(id: string): void {
    const event = this.own.get(id)
    if (event) this.open.delete(event)
  }

  /** Events that became no row as far as is known. */
  get others(): ReadonlySet<DamagedEvent> {
    return this.open
  }

  private withoutId(integers: readonly (number | null)[]): DamagedEvent | undefined {
    const fits = ({ integers: of }: DamagedEvent) => integers.every((value, i) => value === null || value === of[i])
    const instant = this.instant === undefined ? null : integers[this.instant]
    if (instant !== null) return this.first(this.byInstant.get(instant)?.filter(fits))
    // Without a time, too: nothing of it could be read.
    const isEmpty = integers.every((value) => value === null)
    if (!isEmpty) return find(this.open, (event) => fits(event) && !NOTHING.has(event.form)) ?? find(this.open, fits)
    return find(this.open, ({ form }) => NOTHING.has(form)) ?? find(this.open, ({ form }) => MAYBE_NOTHING.has(form))
  }

  private first = (events: readonly DamagedEvent[] | undefined) => events?.find((event) => this.open.has(event))
}

/** Forms of which most consumers read nothing at all, and forms of which some do. */
const NOTHING = new Set(['cut', 'empty', 'nested'])
const MAYBE_NOTHING = new Set(['not-utf8', 'oversized'])

function find(events: Iterable<DamagedEvent>, is: (event: DamagedEvent) => boolean): DamagedEvent | undefined {
  for (const event of events) if (is(event)) return event
  return undefined
}

/** The ids that readers find in a body: by replacing, leaving out, or keeping bytes that are not UTF-8. */
function idsIn(body: string, key: RegExp): Set<string> {
  const bytes = Buffer.from(body, 'latin1')
  const replaced = new TextDecoder('utf-8').decode(bytes)
  const ids = [replaced, replaced.replaceAll('\uFFFD', ''), body].map((text) => key.exec(text)?.[1])
  return new Set(ids.filter((id) => id !== undefined && id !== '') as string[])
}

function push<K>(map: Map<K, DamagedEvent[]>, key: K, event: DamagedEvent): void {
  const known = map.get(key)
  if (known) known.push(event)
  else map.set(key, [event])
}
