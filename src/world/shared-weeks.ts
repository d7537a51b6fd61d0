import { bitsFor } from '../random/alias.ts'
import type { Cluster, StockPlan, WeekTable } from './clusters.ts'
import { onSale } from './on-sale.ts'
import { SHELF_WORDS } from './shelf.ts'

// Tables of weeks, which the threads of a command share: each table is built by the thread that needs it first. Threads
// go through the weeks once per block, so without this memory every block would build most of them again.

/** More would be felt by a machine that runs many threads; weeks beyond it are built per thread. */
const MEMORY_MAX = 32 * 1024 * 1024
/** The states of a table, each an element of `states`. */
const BUSY = 1
const READY = 2

type WeekColumns = Pick<WeekTable, 'share' | 'price' | 'shelf' | 'left'> & {
  lift: Float64Array
  bins: Uint32Array
}
type Column = Float64Array | Int32Array | Uint32Array | Uint8Array
/** The typed arrays of a table for a number of carried products, those with the widest elements first. */
type Layout<Columns> = {
  [Name in keyof Columns]: {
    array: new (memory: SharedArrayBuffer, at: number, length: number) => Columns[Name]
    length: (n: number) => number
  }
}
const one = () => 1
const perProduct = (n: number) => n
const WEEK: Layout<WeekColumns> = {
  lift: { array: Float64Array, length: one },
  share: { array: Float64Array, length: perProduct },
  price: { array: Int32Array, length: perProduct },
  shelf: { array: Uint32Array, length: (n) => SHELF_WORDS * n },
  bins: { array: Uint32Array, length: (n) => 2 ** bitsFor(n) },
  left: { array: Uint8Array, length: perProduct },
}
const PLAN: Layout<StockPlan> = {
  daily: { array: Float64Array, length: perProduct },
  exposedDays: { array: Float64Array, length: perProduct },
  safety: { array: Float64Array, length: perProduct },
  cover: { array: Float64Array, length: perProduct },
}
type AnyLayout = Layout<Record<string, Column>>

const bytesOf = (layout: object, most: number): number =>
  Object.values(layout as AnyLayout).reduce((sum, { array, length }) => sum + length(most) * elementBytes(array), 0)
const elementBytes = (array: unknown): number => (array as typeof Uint8Array).BYTES_PER_ELEMENT
const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8

/** For this many tables of weeks, as far as the memory goes. `most`: the largest number of products of a cluster. */
export function sharedMemory(tables: number, most: number): SharedArrayBuffer {
  const each = 2 * 4 + aligned(bytesOf(WEEK, most)) + bytesOf(PLAN, most)
  const slots = Math.max(0, Math.min(tables, Math.floor(MEMORY_MAX / each)))
  return new SharedArrayBuffer(slots * each)
}

export interface SharedWeeks {
  /** The table of that number, from this memory or newly built. */
  week(number: number, cluster: Cluster, build: () => WeekTable): WeekTable
  plan(number: number, cluster: Cluster, build: () => StockPlan): StockPlan
}

export function sharedWeeks(memory: SharedArrayBuffer, most: number): SharedWeeks {
  const [weekBytes, planBytes] = [aligned(bytesOf(WEEK, most)), bytesOf(PLAN, most)]
  const slots = memory.byteLength / (2 * 4 + weekBytes + planBytes)
  const plans = slots * weekBytes
  const states = new Int32Array(memory, plans + slots * planBytes, 2 * slots)

  /**
   * Nobody waits: while another thread builds a table, this one builds its own, which is the same. So a thread that ends
   * in the middle holds up nobody.
   */
  function shared<C extends object>(layout: Layout<C>, at: number, state: number, n: number, build: () => C): C {
    const found = Atomics.load(states, state)
    if (found !== READY && Atomics.compareExchange(states, state, 0, BUSY) !== 0) return build()
    const columns = columnsAt(memory, layout as unknown as AnyLayout, at, n)
    if (found !== READY) {
      for (const [name, column] of Object.entries(build())) columns[name].set(column)
      Atomics.store(states, state, READY)
    }
    return columns as C
  }

  return {
    week(number, { carried, complements }, build) {
      if (!(number >= 0 && number < slots)) return build()
      const { lift, bins, ...columns } = shared(WEEK, number * weekBytes, number, carried, () => {
        const { alias, lift, share, price, shelf, left } = build()
        return { lift: Float64Array.of(lift), share, price, shelf, bins: alias.bins, left }
      })
      return {
        ...columns,
        ...onSale(columns.share, complements),
        alias: { bits: bitsFor(carried), bins },
        lift: lift[0],
      }
    },
    plan(number, { carried }, build) {
      if (!(number >= 0 && number < slots)) return build()
      return shared(PLAN, plans + number * planBytes, slots + number, carried, build)
    },
  }
}

function columnsAt(memory: SharedArrayBuffer, layout: AnyLayout, start: number, n: number): Record<string, Column> {
  let at = start
  return Object.fromEntries(
    Object.entries(layout).map(([name, { array, length }]) => {
      const column = new array(memory, at, length(n))
      at += column.byteLength
      return [name, column]
    }),
  )
}
