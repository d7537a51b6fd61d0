import { type FactName, facts } from '../tables/index.ts'
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, type Second } from '../time.ts'
import type { World } from '../world/world.ts'
import { type BlockCursor, simulateHour } from './block.ts'
import { ColumnBatch } from './column-batch.ts'

/** Called with the states at each hour, before it is simulated, and with the rows of the previous hour. */
export type OnHour = (hour: number, cursors: readonly BlockCursor[], rows: number) => void

/** Number of rows that are simulated on the way to a position and dropped, before their arrays are reused. */
const ROWS_DROPPED = 1 << 17

/**
 * The place of each span (a store's hour) of a fact: the next due row, the end of its rows, and the number of the next
 * due row.
 */
interface Pointers {
  name: FactName
  at: Int32Array
  end: Int32Array
  next: Int32Array
}

function pointersOf(name: FactName, spans: number): Pointers {
  const column = () => new Int32Array(spans)
  return { name, at: column(), end: column(), next: column() }
}

/**
 * The timeline, simulated an hour ahead and released second by second. Rows that are simulated and not due yet are
 * held: for each span and fact, a pointer moves through its rows, which are in time order.
 */
export class LiveTimeline {
  private readonly world: World
  private readonly cursors: readonly BlockCursor[]
  private readonly held: ColumnBatch
  private pointers = facts.map(({ name }) => pointersOf(name, 0))
  private next: Int32Array[] = []
  /** Rows held that were not released yet. */
  private left = 0
  /** Number of rows per second of the held hour; computed on demand. */
  private readonly perSecond = new Uint32Array(SECONDS_PER_HOUR)
  private counted = false
  /** Everything before it was released. */
  position: Second
  /** Rows that were released. */
  released = 0

  private readonly onHour: OnHour | undefined

  private constructor(world: World, cursors: readonly BlockCursor[], position: Second, onHour?: OnHour) {
    this.onHour = onHour
    this.world = world
    this.cursors = cursors
    this.held = new ColumnBatch(world.schema === 'extended', 1 << 14)
    this.position = position
  }

  /** Simulates up to the hour that contains `position`; the cursors are at it, or at an earlier one. */
  static open(world: World, cursors: readonly BlockCursor[], position: Second, onHour?: OnHour): LiveTimeline {
    const timeline = new LiveTimeline(world, cursors, position, onHour)
    const { held } = timeline
    const hour = Math.floor(position / SECONDS_PER_HOUR)
    for (const cursor of cursors) {
      while (cursor.hour < hour) {
        simulateHour(world, cursor, held)
        if (held.n > ROWS_DROPPED) held.clear()
      }
    }
    held.clear()
    timeline.simulateNext()
    // Rows of this hour that an earlier run has released.
    timeline.take(position, undefined)
    return timeline
  }

  /** The position of the simulation: the end of the held hour. */
  get simulatedUntil(): Second {
    return this.cursors[0].hour * 3600
  }

  /** Appends everything before `until` that was not released yet; in span order, hour by hour. */
  advanceTo(until: Second, out: ColumnBatch): void {
    this.advance(until, Number.POSITIVE_INFINITY, out)
  }

  /** The same, but no further than the end of the second in which `released` reaches `events`. */
  advance(until: Second, events: number, out: ColumnBatch): void {
    while (this.position < until && this.released < events) {
      if (this.position >= this.simulatedUntil) this.simulateNext()
      const end = this.secondOf(events, Math.min(until, this.simulatedUntil))
      this.released += this.take(end, out)
      this.position = end
    }
  }

  /** The second of the next event that is not released yet; simulates ahead to find it, at most to `end`. */
  nextEvent(end: Second): Second {
    while (this.left === 0 && this.simulatedUntil < end) this.simulateNext()
    const { spans, facts } = this.held
    let first = Number.POSITIVE_INFINITY
    for (const { name, at, end } of this.pointers) {
      const { second } = facts[name].rows
      for (let span = 0; span < spans.n; span++)
        if (at[span] < end[span]) first = Math.min(first, spans.day[span] * SECONDS_PER_DAY + second[at[span]])
    }
    return first < end ? first : end
  }

  /**
   * The end of the second in which `released` reaches `events`, or `until`, whichever is earlier; both in the held
   * hour.
   */
  private secondOf(events: number, until: Second): Second {
    if (this.released + this.left <= events) return until
    this.count()
    const begin = this.simulatedUntil - SECONDS_PER_HOUR
    // Whoever looked ahead for the next event may hold an hour that begins later.
    if (begin >= until) return until
    let second = Math.max(this.position, begin)
    for (let n = this.released; second < until && n < events; second++) n += this.perSecond[second - begin]
    return second
  }

  private count(): void {
    if (this.counted) return
    this.counted = true
    const { perSecond, held } = this
    perSecond.fill(0)
    const begin = this.simulatedUntil - SECONDS_PER_HOUR
    for (const { name } of facts) {
      const { rows, length } = held.facts[name]
      for (let span = 0, row = 0; span < held.spans.n; span++) {
        const offset = held.spans.day[span] * SECONDS_PER_DAY - begin
        for (const end = row + length[span]; row < end; row++) perSecond[offset + rows.second[row]]++
      }
    }
  }

  private simulateNext(): void {
    const { held } = this
    const rows = held.n
    held.clear()
    this.onHour?.(this.cursors[0].hour, this.cursors, rows)
    for (const cursor of this.cursors) simulateHour(this.world, cursor, held)
    this.left = held.n
    this.counted = false
    const { spans } = held
    if (this.pointers[0].at.length < spans.n) this.pointers = facts.map(({ name }) => pointersOf(name, spans.n * 2))
    this.next = this.pointers.map(({ next }) => next)
    for (const { name, at, end, next } of this.pointers) {
      const { length, first } = held.facts[name]
      for (let span = 0, row = 0; span < spans.n; span++) {
        at[span] = row
        end[span] = row += length[span]
        next[span] = first[span]
      }
    }
  }

  /**
   * Moves the pointers up to `until`. The rows that they pass are appended to `out`, or dropped. Returns the number of
   * rows passed.
   */
  private take(until: Second, out: ColumnBatch | undefined): number {
    let taken = 0
    const { held, pointers } = this
    const { spans } = held
    const seconds = pointers.map(({ name }) => held.facts[name].rows.second)
    for (let span = 0; span < spans.n; span++) {
      const second = until - spans.day[span] * SECONDS_PER_DAY
      for (let i = 0; i < pointers.length; i++) {
        const { at, end, next } = pointers[i]
        const from = at[span]
        let to = from
        while (to < end[span] && seconds[i][to] < second) to++
        if (to === from) continue
        at[span] = to
        taken += to - from
        if (out) out.copy(held, i, from, to)
        else next[span] += to - from
      }
      out?.close(spans.store[span], spans.day[span], this.next, span)
    }
    this.left -= taken
    return taken
  }
}
