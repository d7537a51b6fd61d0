import { compactDay } from '../encode/ids.ts'
import type { FactName, WorldSchema } from '../tables/index.ts'
import type { Day } from '../time.ts'
import { letterOf } from '../truth/own-ids.ts'
import type { World } from '../world/world.ts'
import { placesOf } from './forms.ts'

/** What is known of the rows of one fact, store, and UTC day: of a store-day. */
export const State = { unvisited: 0, equal: 1, differs: 2, absent: 3, repeated: 4 } as const

/** Counts and sums of what was found, per store-day; all threads share them. Index: (day − from) × stores + store. */
export interface FoundSums {
  counts: Int32Array
  a: Int32Array
  b: Int32Array
  state: Uint8Array
}

export const bytesOfSums = (storeDays: number): SharedArrayBuffer => new SharedArrayBuffer(storeDays * 13)

export const sumsIn = (memory: SharedArrayBuffer): FoundSums => {
  const n = memory.byteLength / 13
  return {
    counts: new Int32Array(memory, 0, n),
    a: new Int32Array(memory, n * 4, n),
    b: new Int32Array(memory, n * 8, n),
    state: new Uint8Array(memory, n * 12, n),
  }
}

/** Days that a table of found sums covers: [from, end). */
export interface Days {
  from: Day
  end: Day
}

/** Heads of ids that cannot be of this world and period, which are listed; more of them are only counted. */
const STRANGERS_MOST = 20_000

/** The heads of ids in both directions: `T240131-0412-` and the index of its store-day. */
export class Heads {
  private readonly letter: string
  private readonly digits: number
  private readonly stores: number
  private readonly length: number
  private readonly dayOf = new Map<string, number>()
  private readonly texts: string[] = []

  constructor(table: FactName, world: Pick<World, 'ids' | 'counts'>, { from, end }: Days) {
    this.letter = letterOf(table)
    this.digits = world.ids.store
    this.stores = world.counts.store
    this.length = placesOf(world.ids).head
    for (let day = from; day < end; day++) {
      const text = compactDay(day)
      // Years have two digits: a hundred years later the same text returns, and the first one counts.
      if (!this.dayOf.has(text)) this.dayOf.set(text, day - from)
      this.texts.push(text)
    }
  }

  /** Undefined for a head that no row of this world and these days has. */
  indexOf(head: string | null): number | undefined {
    if (head === null || head.length !== this.length || head[0] !== this.letter) return undefined
    const day = this.dayOf.get(head.slice(1, 7))
    if (day === undefined || head[7] !== '-' || head[this.length - 1] !== '-') return undefined
    let store = 0
    for (let at = 8; at < 8 + this.digits; at++) {
      const digit = head.charCodeAt(at) - 48
      if (!(digit >= 0 && digit <= 9)) return undefined
      store = store * 10 + digit
    }
    return store >= 1 && store <= this.stores ? day * this.stores + store - 1 : undefined
  }

  textOf(index: number): string {
    const store = String((index % this.stores) + 1).padStart(this.digits, '0')
    return `${this.letter}${this.texts[Math.floor(index / this.stores)]}-${store}-`
  }
}

/** The result of the first scan of a table. */
export class Found {
  readonly memory: SharedArrayBuffer
  readonly sums: FoundSums
  readonly heads: Heads
  /** Rows with a head of no store-day, by head; null: without an id. */
  readonly strangers = new Map<string | null, number>()
  strangerRows = 0
  rows = 0
  /** The last day with rows, as an index. */
  lastDay = -1
  private readonly stores: number

  constructor(table: FactName, world: Pick<World, 'ids' | 'counts'> & { schema: WorldSchema }, days: Days) {
    this.stores = world.counts.store
    this.memory = bytesOfSums((days.end - days.from) * this.stores)
    this.sums = sumsIn(this.memory)
    this.heads = new Heads(table, world, days)
  }

  add(head: string | null, rows: number, a: number, b: number): void {
    this.rows += rows
    const index = this.heads.indexOf(head)
    if (index === undefined) {
      this.strangerRows += rows
      if (this.strangers.has(head) || this.strangers.size < STRANGERS_MOST)
        this.strangers.set(head, (this.strangers.get(head) ?? 0) + rows)
      return
    }
    this.sums.counts[index] = rows
    this.sums.a[index] = a
    this.sums.b[index] = b
    this.lastDay = Math.max(this.lastDay, Math.floor(index / this.stores))
  }
}
