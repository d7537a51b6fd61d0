import { drawAlias } from '../random/alias.ts'
import { EXPONENTIAL_BITS, EXPONENTIALS } from '../random/exponential.ts'
import { sqrt } from '../random/math.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import * as c from '../world/calibration.ts'
import type { World } from '../world/world.ts'
import { type Batch, Movement } from './batch.ts'
import { AHEAD_DAYS, type BlockState } from './state.ts'

/**
 * Weekly review of a store: reorder points and targets from this week's and next week's demand, and an order for whatever has
 * fallen below. (s,S) with the supplier's lead time and a safety margin of z·√(variance).
 */
export function reviewStock(world: World, state: BlockState, store: number, week: number, localDay: number): void {
  const index = state.block.lo + store
  const cluster = world.cluster(world.stores.cluster[index])
  const plan = world.plan(world.stores.cluster[index], week)
  const lines = world.linesPerStoreDay * world.stores.demand[index]
  const rootLines = sqrt(lines)
  const base = state.base[store]
  for (let i = 0; i < cluster.carried; i++) {
    const at = base + i
    const daily = plan.daily[i] * lines
    if (daily === 0) {
      state.cells[at * 2 + 1] = -1
      continue
    }
    const p = cluster.products[i]
    const reorder = Math.max(
      1,
      Math.floor(daily * plan.exposedDays[i] + c.SAFETY_FACTOR * plan.deviation[i] * rootLines + 0.5),
    )
    state.cells[at * 2 + 1] = reorder
    state.target[at] = Math.max(
      c.PRESENTATION_MIN,
      reorder + Math.ceil(daily * c.COVER_DAYS[world.products.category[p]]),
    )
    const cell = state.cells[at * 2]
    // Before the opening count there is nothing to order against.
    if (state.utcDay[store] !== -1 && (cell & 1) === 0 && cell >> 1 <= reorder) {
      const rng = keyedRng(world.seed, Stream.supplier, index, week * 65_536 + i)
      placeOrder(world, state, store, at, p, localDay, rng.u32())
    }
  }
}

/** Orders a position up to its target; `r` is one random word for the lead time. */
export function placeOrder(
  world: World,
  state: BlockState,
  store: number,
  at: number,
  product: number,
  localDay: number,
  r: number,
): void {
  const late = (r & 1023) < c.LATE_OF_1024 ? c.LATE_DAYS : 0
  const chance = Math.floor(EXPONENTIALS[r >>> (32 - EXPONENTIAL_BITS)] * c.LEAD_MEAN_DAYS)
  const lead = Math.min(
    c.LEAD_MAX_DAYS,
    world.products.supplierLeadDays[world.products.supplier[product]] + chance + late,
  )
  const cell = state.cells[at * 2]
  state.orderQuantity[at] = Math.max(1, state.target[at] - (cell >> 1))
  state.cells[at * 2] = cell | 1
  const bucket = store * AHEAD_DAYS + ((localDay + lead) & (AHEAD_DAYS - 1))
  state.orderNext[at] = state.orderHead[bucket]
  state.orderHead[bucket] = at
}

/** The opening count finds a shop in the middle of its life: each product somewhere up to its target, what is low on order. */
export function openStock(
  world: World,
  state: BlockState,
  store: number,
  localDay: number,
  day: number,
  out: Batch,
): void {
  const index = state.block.lo + store
  const cluster = world.cluster(world.stores.cluster[index])
  const rng = keyedRng(world.seed, Stream.opening, index)
  const base = state.base[store]
  const { movements } = out
  out.reserve(0, cluster.carried)
  for (let i = 0; i < cluster.carried; i++) {
    const at = base + i
    const u = rng.unit()
    const reorder = state.cells[at * 2 + 1]
    if (reorder < 0) continue
    const onHand = 1 + Math.floor(state.target[at] * u)
    state.cells[at * 2] = onHand << 1
    append(out, movements.n++, cluster.products[i], 0, onHand, Movement.opening, day)
    if (onHand <= reorder) placeOrder(world, state, store, at, cluster.products[i], localDay, rng.u32())
  }
}

/** The day's delivery, before opening: every order that is due, a pallet every other second. */
export function receiveDelivery(
  world: World,
  state: BlockState,
  store: number,
  localDay: number,
  second: number,
  day: number,
  out: Batch,
): void {
  const bucket = store * AHEAD_DAYS + (localDay & (AHEAD_DAYS - 1))
  let at = state.orderHead[bucket]
  state.orderHead[bucket] = -1
  const index = state.block.lo + store
  const cluster = world.cluster(world.stores.cluster[index])
  const base = state.base[store]
  // Each store has its own slot between a quarter past and a quarter to.
  const arrival = second + 900 + (Math.imul(index, 40_503) & 1023)
  for (let i = 0; at >= 0; i++) {
    out.reserve(0, 1)
    const quantity = state.orderQuantity[at]
    state.cells[at * 2] = ((state.cells[at * 2] >> 1) + quantity) << 1
    append(
      out,
      out.movements.n++,
      cluster.products[at - base],
      Math.min(second + 3599, arrival + (i >> 1)),
      quantity,
      Movement.receipt,
      day,
    )
    at = state.orderNext[at]
  }
}

/** The count after closing finds what has vanished during the day: about `expected` units, one by one. */
export function countShrink(
  world: World,
  state: BlockState,
  store: number,
  expected: number,
  localDay: number,
  second: number,
  day: number,
  hour: number,
  out: Batch,
): void {
  const index = state.block.lo + store
  const clusterIndex = world.stores.cluster[index]
  const cluster = world.cluster(clusterIndex)
  const { alias } = world.week(clusterIndex, state.week[store])
  const rng = keyedRng(world.seed, Stream.shrink, index, hour)
  const base = state.base[store]
  let i = 0
  for (let gap = exponential(rng.u32()); gap < expected; gap += exponential(rng.u32())) {
    const carried = drawAlias(alias, rng.u32())
    const at = base + carried
    const cell = state.cells[at * 2]
    if (cell >> 1 === 0) continue
    state.cells[at * 2] = cell - 2
    out.reserve(0, 1)
    append(
      out,
      out.movements.n++,
      cluster.products[carried],
      Math.min(second + 3599, second + 600 + i++ * 3),
      -1,
      Movement.shrink,
      day,
    )
    if ((cell & 1) === 0 && (cell >> 1) - 1 <= state.cells[at * 2 + 1])
      placeOrder(world, state, store, at, cluster.products[carried], localDay, rng.u32())
  }
}

/** Without the tail's second draw: good enough for counts, whose largest gap only ends the day. */
const exponential = (r: number): number => EXPONENTIALS[r >>> (32 - EXPONENTIAL_BITS)]

function append(
  out: Batch,
  m: number,
  product: number,
  second: number,
  change: number,
  type: number,
  referenceDay: number,
): void {
  const { movements } = out
  movements.product[m] = product
  movements.second[m] = second
  movements.change[m] = change
  movements.type[m] = type
  if (out.extended) {
    movements.referenceDay[m] = referenceDay
    movements.referenceNumber[m] = 0
  }
}
