import type { Second } from '../../time.ts'
import { addTo, type Spread } from './spread.ts'

/** Slots of time of a table; a long period has longer ones. */
const MOST_SLOTS = 1 << 21

/** Where `NewestTimes` keeps its numbers; all threads share them. */
export interface TimesMemory {
  memory: SharedArrayBuffer
  from: Second
  /** Seconds of a slot. */
  slot: number
}

export function timesMemory(from: Second, end: Second): TimesMemory {
  const slot = Math.ceil((end - from) / MOST_SLOTS)
  return { memory: new SharedArrayBuffer((Math.ceil((end - from) / slot) + 1) * 8), from, slot }
}

/**
 * The newest time in any event that arrived until an instant: a clock that is ahead makes all others look late. And, by
 * instant of arrival, the oldest time in a row that was found.
 */
export class NewestTimes {
  private readonly newest: Int32Array
  private readonly oldest: Int32Array
  private readonly from: Second
  private readonly slot: number

  constructor({ memory, from, slot }: TimesMemory) {
    const n = memory.byteLength / 8
    this.newest = new Int32Array(memory, 0, n)
    this.oldest = new Int32Array(memory, n * 4, n)
    this.from = from
    this.slot = slot
  }

  /** An event arrives, with that time in it. */
  arrive(at: Second, sent: Second): void {
    const i = this.slotOf(at)
    for (let was = Atomics.load(this.newest, i); sent > was; was = Atomics.load(this.newest, i))
      if (Atomics.compareExchange(this.newest, i, was, sent) === was) return
  }

  /** The row of an event was found. */
  keep(at: Second, sent: Second): void {
    const i = this.slotOf(at)
    for (let was = Atomics.load(this.oldest, i); was === 0 || sent < was; was = Atomics.load(this.oldest, i))
      if (Atomics.compareExchange(this.oldest, i, was, sent) === was) return
  }

  /** After all events: from now on, `lag` is known. */
  finish(): void {
    const { newest } = this
    for (let i = 1; i < newest.length; i++) if (newest[i] < newest[i - 1]) newest[i] = newest[i - 1]
  }

  /** Seconds by which a time lies behind the newest one that had arrived. */
  lag = (at: Second, sent: Second): number => Math.max(0, this.newest[this.slotOf(at)] - sent)

  /** The largest lag of a kept row in each slot. */
  keptIn(spread: Spread): void {
    const { newest, oldest } = this
    for (let i = 0; i < oldest.length; i++) if (oldest[i] > 0) addTo(spread, Math.max(0, newest[i] - oldest[i]))
  }

  private slotOf = (at: Second) =>
    Math.min(this.newest.length - 1, Math.max(0, Math.floor((at - this.from) / this.slot)))
}
