import type { Day } from '../time.ts'
import type { Block } from '../world/blocks.ts'
import type { World } from '../world/world.ts'
import { advance, setShelf } from './advance.ts'
import type { ColumnBatch } from './column-batch.ts'
import { BlockState } from './state.ts'
import type { Hour } from './step.ts'

/** A block with its current hour. */
export interface BlockCursor {
  state: BlockState
  /** the next hour to simulate */
  hour: Hour
}

/** At the start of the world, before the opening count. */
export const beginBlock = (world: World, block: Block): BlockCursor => ({
  state: new BlockState(world, block),
  hour: world.from * 24,
})

/** At `hour`, from a snapshot. Undefined if it does not fit; then simulate from the start. */
export function resumeBlock(
  world: World,
  block: Block,
  hour: Hour,
  saved: Buffer | undefined,
): BlockCursor | undefined {
  const state = new BlockState(world, block)
  if (!saved || !state.load(saved)) return undefined
  for (let store = 0; store < state.stores; store++) setShelf(world, state, store, state.localDay[store])
  return { state, hour }
}

/** Simulates whole days up to `until` (exclusive) in the order of parts: day by day, store by store. */
export function simulateDays(
  world: World,
  cursor: BlockCursor,
  until: Day,
  out: ColumnBatch,
  onDay?: (day: Day) => void,
): void {
  const { state } = cursor
  if (cursor.hour % 24 !== 0) throw new RangeError('days begin at midnight')
  for (let day = cursor.hour / 24; day < until; day++) {
    for (let store = 0; store < state.stores; store++) {
      for (let hour = day * 24; hour < day * 24 + 24; hour++) advance(world, state, store, hour, out)
    }
    cursor.hour = (day + 1) * 24
    onDay?.(day)
  }
}

/** Simulates one hour of all stores of the block. */
export function simulateHour(world: World, cursor: BlockCursor, out: ColumnBatch): void {
  for (let store = 0; store < cursor.state.stores; store++) advance(world, cursor.state, store, cursor.hour, out)
  cursor.hour++
}
