import { type FactName, facts } from '../tables/index.ts'
import { afterMicros, MICROS_PER_SECOND, SECONDS_PER_DAY, SECONDS_PER_HOUR, type Second } from '../time.ts'
import type { World } from '../world/world.ts'
import { type BlockCursor, simulateHour } from './block.ts'
import { ColumnBatch } from './column-batch.ts'
import { countBefore, microOf } from './within-second.ts'

/** Called with the states at each hour, before it is simulated, and with the rows of the previous hour. */
export type OnHour = (hour: number, cursors: readonly BlockCursor[], rows: number) => void

/** Number of rows that are simulated on the way to a position and dropped, before their arrays are reused. */
const ROWS_DROPPED = 1 << 17

/**
 * The place of each span (a store's hour) of a fact: its first row, the next due row, the end of its rows, and the
 * number of the next due row.
 */
interface Pointers {
  name: FactName
  begin: Int32Array
  at: Int32Array
  end: Int32Array
  next: Int32Array
}

/** The rows of the same second around a row of a span [begin, end): the first of them, and how many they are. */
function groupAt(seconds: ArrayLike<number>, row: number, begin: number, end: number): [first: number, n: number] {
  let [first, last] = [row, row]
  while (first > begin && seconds[first - 1] === seconds[row]) first--
  while (last < end && seconds[last] === seconds[row]) last++
  return [first, last - first]
}

function pointersOf(name: FactName, spans: number): Pointers {
  const column = () => new Int32Array(spans)
  return { name, begin: column(), at: column(), end: column(), next: column() }
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
  /** Number of rows per second of the held hour, without those that are released; computed on demand. */
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

  /**
   * The same, but no further than where `released` reaches `events`: to the end of that second if at most `beyond` more
   * events follow in it, otherwise within it.
   */
  advance(until: Second, events: number, out: ColumnBatch, beyond = Number.POSITIVE_INFINITY): void {
    while (this.position < until && this.released < events) {
      if (this.position >= this.simulatedUntil) this.simulateNext()
      const end = this.instantOf(events, Math.min(until, this.simulatedUntil), beyond)
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

  /** Where `released` reaches `events` (see `advance`), or `until`, whichever is earlier; both in the held hour. */
  private instantOf(events: number, until: Second, beyond: number): Second {
    if (this.released + this.left <= events) return until
    this.count()
    const begin = this.simulatedUntil - SECONDS_PER_HOUR
    // Whoever looked ahead for the next event may hold an hour that begins later.
    if (begin >= until) return until
    let n = this.released
    for (let second = Math.max(Math.floor(this.position), begin); second < until; second++) {
      const there = this.perSecond[second - begin]
      n += there
      if (n < events) continue
      return Math.min(until, n - events <= beyond ? second + 1 : this.within(second, there - (n - events)))
    }
    return until
  }

  /** The first instant of a second before which this many of its events happen that are not released yet. */
  private within(second: Second, count: number): Second {
    const micros: number[] = []
    const { spans } = this.held
    const stores = this.world.stores.count
    for (const [fact, { name, begin, at, end }] of this.pointers.entries()) {
      const seconds = this.held.facts[name].rows.second
      for (let span = 0; span < spans.n; span++) {
        const wanted = second - spans.day[span] * SECONDS_PER_DAY
        let row = at[span]
        while (row < end[span] && seconds[row] < wanted) row++
        if (row === end[span] || seconds[row] !== wanted) continue
        const [first, n] = groupAt(seconds, row, begin[span], end[span])
        const events = { stores, store: spans.store[span], fact, n }
        for (let i = row - first; i < n; i++) micros.push(microOf(events, i))
      }
    }
    const last = micros.sort((a, b) => a - b)[count - 1]
    return last + 1 < MICROS_PER_SECOND ? afterMicros(second, last + 1) : second + 1
  }

  private count(): void {
    if (this.counted) return
    this.counted = true
    const { perSecond, held } = this
    perSecond.fill(0)
    const begin = this.simulatedUntil - SECONDS_PER_HOUR
    for (const { name, at, end } of this.pointers) {
      const { rows } = held.facts[name]
      for (let span = 0; span < held.spans.n; span++) {
        const offset = held.spans.day[span] * SECONDS_PER_DAY - begin
        for (let row = at[span]; row < end[span]; row++) perSecond[offset + rows.second[row]]++
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
    for (const { name, begin, at, end, next } of this.pointers) {
      const { length, first } = held.facts[name]
      for (let span = 0, row = 0; span < spans.n; span++) {
        begin[span] = at[span] = row
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
    const whole = Math.floor(until)
    const isWithin = whole < until
    for (let span = 0; span < spans.n; span++) {
      const second = whole - spans.day[span] * SECONDS_PER_DAY
      for (let i = 0; i < pointers.length; i++) {
        const { begin, at, end, next } = pointers[i]
        const from = at[span]
        let to = from
        while (to < end[span] && seconds[i][to] < second) to++
        if (isWithin && to < end[span] && seconds[i][to] === second) {
          const [first, n] = groupAt(seconds[i], to, begin[span], end[span])
          const events = { stores: this.world.stores.count, store: spans.store[span], fact: i, n }
          const within = Math.max(0, first + countBefore(events, until) - to)
          if (this.counted && within > 0) this.perSecond[whole % SECONDS_PER_HOUR] -= within
          to += within
        }
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
