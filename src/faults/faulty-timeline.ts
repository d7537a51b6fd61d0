import { ColumnBatch } from '../simulator/column-batch.ts'
import type { LiveTimeline } from '../simulator/live-timeline.ts'
import { facts } from '../tables/index.ts'
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, type Second } from '../time.ts'
import type { World } from '../world/world.ts'
import { Arrivals, type RowEvent } from './arrivals.ts'
import { deletedNumber, Fate, type Fates, type Silence } from './fates.ts'
import type { SentBatch } from './sent-batch.ts'

/** Copies that wait at most. More would need more memory than a stream may use: about 40 bytes each. */
export const MOST_WAITING = 1_600_000

/**
 * What a faulty stream has delivered: every copy that arrived before `position`, of events at or after `origin` and
 * before `end`. Nothing that is still on its way is stored: it is computed again from these instants.
 */
export interface FaultyPosition {
  /** Every copy of events before it was delivered. */
  origin: Second
  position: Second
}

interface FaultyRange {
  position: Second
  /** Events from here on are not sent. */
  end: Second
}

/**
 * The timeline as a faulty network delivers it: copies of events in order of arrival, each at its own instant. Within a
 * second, copies are ordered by event time, store, fact, number, and copy. The order depends on nothing else: no batch
 * size, pace, or restart.
 */
export class FaultyTimeline {
  /** Every copy that arrives before it was released. */
  position: Second
  /** Copies that were released by this object. */
  released = 0
  private readonly fates: Fates
  private readonly ids: World['ids']
  private readonly timeline: LiveTimeline
  private readonly rows: ColumnBatch
  /** By hour of arrival. */
  private readonly arrivals = new Map<number, Arrivals>()
  /** The order of the current hour's arrivals, and the next one to release. */
  private order: Int32Array | undefined
  private next = 0
  /** Events from here on are not sent. */
  private readonly end: Second

  private constructor(world: World, fates: Fates, timeline: LiveTimeline, { position, end }: FaultyRange) {
    this.end = end
    this.fates = fates
    this.ids = world.ids
    this.timeline = timeline
    this.position = position
    this.rows = new ColumnBatch(world.schema === 'extended', 1 << 14)
  }

  /**
   * `open` opens the timeline at an instant. It is opened before the position, by the longest delay of the profile,
   * and what is still on its way at the position is computed again. `end`: events from here on are never sent; the
   * timeline is read ahead, so it has to be known from the start.
   */
  static async open(
    world: World,
    fates: Fates,
    { origin, position, end = Number.POSITIVE_INFINITY }: FaultyPosition & Partial<FaultyRange>,
    open: (at: Second) => Promise<LiveTimeline>,
  ): Promise<FaultyTimeline> {
    const from = Math.max(origin, position - fates.longest)
    const faulty = new FaultyTimeline(world, fates, await open(from), { position, end })
    while (faulty.timeline.position < position) faulty.read(Math.min(position, hourAfter(faulty.timeline.position)))
    return faulty
  }

  /** Releases every copy of the events before its end that was not released; `position` is then that end. */
  drain(out: SentBatch): void {
    this.advanceTo(this.end + this.fates.longest + 1, out)
    this.position = this.end
  }

  advanceTo(until: Second, out: SentBatch): void {
    this.advance(until, Number.POSITIVE_INFINITY, out)
  }

  /** Releases copies before `until`, but no further than the end of the second in which `released` reaches `events`. */
  advance(until: Second, events: number, out: SentBatch): void {
    while (this.position < until && this.released < events) {
      const hour = Math.floor(this.position / SECONDS_PER_HOUR)
      const end = Math.min(until, (hour + 1) * SECONDS_PER_HOUR)
      this.read((hour + 1) * SECONDS_PER_HOUR)
      this.release(hour, end, events, out)
    }
  }

  /** The instant of the next arrival, at most `end`. */
  nextEvent(end: Second): Second {
    for (let hour = Math.floor(this.position / SECONDS_PER_HOUR); hour * SECONDS_PER_HOUR < end; hour++) {
      this.read((hour + 1) * SECONDS_PER_HOUR)
      const arrivals = this.arrivals.get(hour)
      if (!arrivals) continue
      let first = Number.POSITIVE_INFINITY
      for (let i = 0; i < arrivals.n; i++) {
        const at = hour * SECONDS_PER_HOUR + arrivals.second[i]
        if (at >= this.position) first = Math.min(first, at)
      }
      if (first < end) return first
      if (first < Number.POSITIVE_INFINITY) return end
    }
    return end
  }

  private release(hour: number, until: Second, events: number, out: SentBatch): void {
    const arrivals = this.arrivals.get(hour)
    if (arrivals) {
      this.order ??= arrivals.inOrder()
      const { order } = this
      const { second, n } = arrivals
      const begin = hour * SECONDS_PER_HOUR
      let { next, released } = this
      let last = -1
      for (; next < n; next++, released++) {
        const i = order[next]
        if (begin + second[i] >= until) break
        // Whole seconds: the position says which copies were delivered.
        if (released >= events && second[i] !== last) break
        last = second[i]
        const place = arrivals.place[i]
        out.add(
          begin + second[i],
          arrivals.rows,
          place % facts.length,
          arrivals.row[i],
          Math.floor(place / facts.length),
          arrivals.day[i],
          arrivals.number[i],
          arrivals.form[i],
        )
      }
      if (released >= events) until = Math.min(until, begin + last + 1)
      this.released = released
      this.next = next
    }
    this.position = until
    if (until % SECONDS_PER_HOUR === 0) {
      this.arrivals.delete(hour)
      this.order = undefined
      this.next = 0
    }
  }

  /** Simulates events before `until`, and files their copies by the hour of arrival. */
  private read(until: Second): void {
    const to = Math.min(until, this.end)
    if (this.timeline.position >= to) return
    const { rows, fates } = this
    rows.clear()
    this.timeline.advanceTo(to, rows)
    const { spans } = rows
    for (let table = 0; table < facts.length; table++) {
      const { rows: cells, length, first } = rows.facts[facts[table].name]
      for (let span = 0, row = 0; span < spans.n; span++) {
        const store = spans.store[span]
        const day = spans.day[span]
        const spanKey = fates.spanKey(table, day, store)
        const silences = fates.silencesOf(store, day)
        // One object for all events of the span: there are millions.
        const event: RowEvent = { fact: table, store, day, row, number: 0, time: 0 }
        for (const end = row + length[span], offset = first[span] - row; row < end; row++) {
          const key = fates.eventKey(spanKey, row + offset)
          event.row = row
          event.number = row + offset
          event.time = day * SECONDS_PER_DAY + cells.second[row]
          this.send(event, fates.fateOf(key), key, silences)
          if (!fates.hasDeleted(key)) continue
          event.number = deletedNumber(row + offset, this.ids)
          this.send(event, Fate.deleted, fates.eventKey(spanKey, event.number), silences)
        }
      }
    }
  }

  /** Files the copies of an event that were not released. */
  private send(event: RowEvent, fate: number, key: number, silences: readonly Silence[]): void {
    const { fates } = this
    const copies = fates.copiesOf(fate, key, event.time, silences)
    for (let copy = 0; copy < copies; copy++)
      if (fates.at[copy] >= this.position) this.file(event, fates.at[copy], copy, fates.formOf(fate, copy, key))
  }

  private file(event: RowEvent, at: Second, copy: number, form: number): void {
    const hour = Math.floor(at / SECONDS_PER_HOUR)
    let arrivals = this.arrivals.get(hour)
    if (!arrivals) this.arrivals.set(hour, (arrivals = new Arrivals(this.rows.extended)))
    arrivals.add(this.rows, event, at - hour * SECONDS_PER_HOUR, copy, form)
  }
}

const hourAfter = (second: Second): Second => (Math.floor(second / SECONDS_PER_HOUR) + 1) * SECONDS_PER_HOUR
