import { byFact, type FactName, facts } from '../tables/index.ts'
import type { Block } from '../world/blocks.ts'
import { LEAD_MAX_DAYS, RETURN_MAX_DAYS } from '../world/calibration.ts'
import type { WeekTable } from '../world/clusters.ts'
import type { World } from '../world/world.ts'
import { CELL_WORDS } from './cell.ts'
import type { Visitors } from './visitors.ts'

/** Buckets of future days: orders, and returns, arrive within them. */
export const ORDER_DAYS = 256
export const RETURN_DAYS = 64
if (RETURN_MAX_DAYS >= RETURN_DAYS) throw new RangeError('returns come back later than the ring holds')
if (LEAD_MAX_DAYS >= ORDER_DAYS) throw new RangeError('orders arrive later than the ring holds')
/** Buckets of local hours for returns; hour & 15 keeps 10 … 20 apart. */
export const HOUR_BUCKETS = 16

const NONE = -1
/** Words of a pending return; returns.ts names them. */
export const RETURN_WORDS = 5

/**
 * The state of a block's stores from one hour to the next: stock, pending orders, pending returns, the next ids. All of
 * it is typed arrays, so saving is copying. An item is a carried product of one store: `base[store] + i`.
 */
export class BlockState {
  readonly block: Block
  readonly stores: number
  /** First item of each store; the last entry is the end. */
  readonly base: Int32Array
  /** Stock of each item (cell.ts). */
  readonly cells: Int32Array
  /** Order-up-to level. */
  readonly target: Int32Array
  readonly orderQuantity: Int32Array
  /** Next item in the same delivery. */
  readonly orderNext: Int32Array
  /** First item of the delivery of (store, day & 255). */
  readonly orderHead: Int32Array
  /** First return of (store, day & 63, hour & 15). */
  readonly returnHead: Int32Array
  /** Pool of pending returns (returns.ts), and its links. */
  returns: Int32Array
  returnNext: Int32Array
  /** Per store. */
  readonly utcDay: Int32Array
  readonly localDay: Int32Array
  readonly week: Int32Array
  /** Number of the next row of each fact. */
  readonly numbers: Record<FactName, Int32Array>
  /** The same, in the order of facts. */
  readonly next: readonly Int32Array[]
  /** [first free return, opened: 0 or 1]. */
  readonly scalars: Int32Array
  /** Visits per ordinary local day, per store: derived, not saved. */
  readonly dayRate: Float64Array
  /** This week's assortment of each store: derived, not saved. */
  readonly shelf: WeekTable[] = []
  /** Who may come to each store these weeks: derived, not saved; only in an extended world. */
  readonly visitors: Visitors[] = []

  constructor(world: World, block: Block) {
    this.block = block
    const stores = block.hi - block.lo
    this.stores = stores
    this.base = new Int32Array(stores + 1)
    for (let s = 0; s < stores; s++)
      this.base[s + 1] = this.base[s] + world.cluster(world.stores.cluster[block.lo + s]).carried
    const items = this.base[stores]
    this.cells = new Int32Array(items * CELL_WORDS)
    this.target = new Int32Array(items)
    this.orderQuantity = new Int32Array(items)
    this.orderNext = new Int32Array(items).fill(NONE)
    this.orderHead = new Int32Array(stores * ORDER_DAYS).fill(NONE)
    this.returnHead = new Int32Array(stores * RETURN_DAYS * HOUR_BUCKETS).fill(NONE)
    this.returns = new Int32Array(0)
    this.returnNext = new Int32Array(0)
    this.utcDay = new Int32Array(stores).fill(NONE)
    this.localDay = new Int32Array(stores).fill(NONE)
    this.week = new Int32Array(stores).fill(NONE)
    this.numbers = byFact(() => new Int32Array(stores).fill(1))
    this.next = facts.map(({ name }) => this.numbers[name])
    this.scalars = Int32Array.of(NONE)
    this.dayRate = new Float64Array(stores)
  }

  /** Allocates an entry in the pool of returns. */
  takeReturn(): number {
    if (this.scalars[0] === NONE) this.growReturns()
    const entry = this.scalars[0]
    this.scalars[0] = this.returnNext[entry]
    return entry
  }

  freeReturn(entry: number): void {
    this.returnNext[entry] = this.scalars[0]
    this.scalars[0] = entry
  }

  private growReturns(): void {
    const old = this.returnNext.length
    const size = Math.max(1024, old * 2)
    const returns = new Int32Array(size * RETURN_WORDS)
    const next = new Int32Array(size)
    returns.set(this.returns)
    next.set(this.returnNext)
    for (let i = old; i < size; i++) next[i] = i + 1 < size ? i + 1 : NONE
    this.returns = returns
    this.returnNext = next
    this.scalars[0] = old
  }

  private columns(): Int32Array[] {
    const { cells, target, orderQuantity, orderNext, orderHead, returnHead, utcDay, localDay, week } = this
    return [
      cells,
      target,
      orderQuantity,
      orderNext,
      orderHead,
      returnHead,
      utcDay,
      localDay,
      week,
      ...this.next,
      this.scalars,
    ]
  }

  /** The state as one buffer: a snapshot is a cache, equivalent to simulating from the start. */
  save(): Buffer {
    const columns = [...this.columns(), this.returns, this.returnNext]
    const header = Int32Array.of(columns.length, ...columns.map((column) => column.length))
    return Buffer.concat(
      [header, ...columns].map((column) => Buffer.from(column.buffer, column.byteOffset, column.byteLength)),
    )
  }

  /** False if the buffer does not fit a block of this shape; then nothing changes. */
  load(saved: Buffer): boolean {
    const words = new Int32Array(
      saved.buffer.slice(saved.byteOffset, saved.byteOffset + saved.byteLength - (saved.byteLength % 4)),
    )
    const columns = this.columns()
    const count = columns.length + 2
    if (words[0] !== count || columns.some((column, i) => words[1 + i] !== column.length)) return false
    const lengths = words.subarray(1, 1 + count)
    if (lengths.reduce((sum, n) => sum + n, 1 + count) !== words.length) return false
    let at = 1 + count
    for (const column of columns) {
      column.set(words.subarray(at, at + column.length))
      at += column.length
    }
    this.returns = words.slice(at, at + lengths[count - 2])
    this.returnNext = words.slice(at + lengths[count - 2], at + lengths[count - 2] + lengths[count - 1])
    return true
  }
}
