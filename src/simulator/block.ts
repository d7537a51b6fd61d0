import type { Day } from '../time.ts'
import type { Block } from '../world/blocks.ts'
import type { World } from '../world/world.ts'
import { advance, type Hour, setShelf } from './advance.ts'
import type { Batch } from './batch.ts'
import { BlockState } from './state.ts'

/** A block on its way through the timeline. */
export interface Traveller {
  state: BlockState
  /** the next hour to simulate */
  hour: Hour
}

/** At the beginning of the world, before the opening count. */
export const beginBlock = (world: World, block: Block): Traveller => ({
  state: new BlockState(world, block),
  hour: world.from * 24,
})

/** At `hour`, from a snapshot. Undefined when it does not fit; then begin at the beginning. */
export function resumeBlock(world: World, block: Block, hour: Hour, saved: Buffer | undefined): Traveller | undefined {
  const state = new BlockState(world, block)
  if (!saved || !state.load(saved)) return undefined
  for (let store = 0; store < state.stores; store++) setShelf(world, state, store, state.localDay[store])
  return { state, hour }
}

/** Simulates whole days up to `until` (exclusive) in the order of parts: day by day, store by store. */
export function simulateDays(
  world: World,
  traveller: Traveller,
  until: Day,
  out: Batch,
  onDay?: (day: Day) => void,
): void {
  const { state } = traveller
  if (traveller.hour % 24 !== 0) throw new RangeError('days begin at midnight')
  for (let day = traveller.hour / 24; day < until; day++) {
    for (let store = 0; store < state.stores; store++) {
      for (let hour = day * 24; hour < day * 24 + 24; hour++) advance(world, state, store, hour, out)
    }
    traveller.hour = (day + 1) * 24
    onDay?.(day)
  }
}

/** Simulates one hour of all stores of the block. */
export function simulateHour(world: World, traveller: Traveller, out: Batch): void {
  for (let store = 0; store < traveller.state.stores; store++)
    advance(world, traveller.state, store, traveller.hour, out)
  traveller.hour++
}
