import { drawAlias } from '../random/alias.ts'
import { EXPONENTIAL_BITS, EXPONENTIALS } from '../random/exponential.ts'
import { sqrt } from '../random/math.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import * as c from '../world/calibration.ts'
import * as cellFormat from './cell.ts'
import { DRAWS, readerOf } from './chance.ts'
import { Movement } from './column-batch.ts'
import { ORDER_DAYS } from './state.ts'
import type { Step } from './step.ts'

// Constants of this module, as in advance.ts: the weekly review visits every product.
const { cellAt, cellOf, changeBy, isOnOrder, NEVER, putOnOrder, REORDER_POINT, unitsIn } = cellFormat

const lateIn = readerOf(DRAWS.order.late)
const waitIn = readerOf(DRAWS.order.wait)

const LAST_SECOND = 3599

/**
 * Weekly review of a store: reorder points and targets from the demand of this week and the next, and an order for
 * every item below its reorder point. (s,S) with the supplier's lead time and safety stock.
 */
export function reviewStock(step: Step, week: number): void {
  const { world, state, store, index } = step
  const { cells } = state
  const cluster = world.cluster(world.stores.cluster[index])
  const plan = world.plan(world.stores.cluster[index], week)
  const lines = world.linesPerStoreDay * world.stores.demand[index]
  const safety = sqrt(lines) * world.stores.safety[index]
  const base = state.base[store]
  for (let i = 0; i < cluster.carried; i++) {
    const item = base + i
    const at = cellAt(item)
    const daily = plan.daily[i] * lines
    if (daily === 0) {
      cells[at + REORDER_POINT] = NEVER
      continue
    }
    const reorder = Math.max(c.REORDER_MIN, Math.floor(daily * plan.exposedDays[i] + plan.safety[i] * safety + 0.5))
    cells[at + REORDER_POINT] = reorder
    state.target[item] = Math.max(c.PRESENTATION_MIN, reorder + Math.ceil(plan.cover[i] * lines))
    // Before the opening count, there is no stock to compare.
    if (state.utcDay[store] !== -1 && !isOnOrder(cells[at]) && unitsIn(cells[at]) <= reorder) {
      const rng = keyedRng(world.seed, Stream.review, index, week * 65_536 + i)
      placeOrder(step, item, cluster.products[i], rng.u32())
    }
  }
}

/** Days that a delivery is late: none, unless its draw is among the first of 1,024. */
const lateDays = (draw: number, lateOf1024: number): number =>
  draw < lateOf1024 ? c.LATE_DAYS.min + Math.floor((draw * (c.LATE_DAYS.max - c.LATE_DAYS.min)) / lateOf1024) : 0

/** Orders an item up to its target; `word` decides the lead time. */
export function placeOrder(step: Step, item: number, product: number, word: number): void {
  const { world, state, store, index, localDay } = step
  const late = lateDays(lateIn(word), world.stores.lateOf1024[index])
  const chance = Math.floor(EXPONENTIALS[waitIn(word)] * c.LEAD_MEAN_DAYS)
  const lead = Math.min(
    c.LEAD_MAX_DAYS,
    world.products.supplierLeadDays[world.products.supplier[product]] + chance + late,
  )
  const at = cellAt(item)
  const cell = state.cells[at]
  state.orderQuantity[item] = Math.max(1, state.target[item] - unitsIn(cell))
  state.cells[at] = putOnOrder(cell)
  const bucket = store * ORDER_DAYS + ((localDay + lead) & (ORDER_DAYS - 1))
  state.orderNext[item] = state.orderHead[bucket]
  state.orderHead[bucket] = item
}

/**
 * The opening count finds a shop in the middle of its life: each product somewhere up to its target, with orders for
 * what is low.
 */
export function openStock(step: Step): void {
  const { world, state, store, index } = step
  const { cells } = state
  const cluster = world.cluster(world.stores.cluster[index])
  const rng = keyedRng(world.seed, Stream.opening, index)
  const base = state.base[store]
  for (let i = 0; i < cluster.carried; i++) {
    const at = cellAt(base + i)
    const u = rng.unit()
    const reorder = cells[at + REORDER_POINT]
    if (reorder === NEVER) continue
    const units = 1 + Math.floor(state.target[base + i] * u)
    cells[at] = cellOf(units)
    append(step, cluster.products[i], 0, units, Movement.opening)
    if (units <= reorder) placeOrder(step, base + i, cluster.products[i], rng.u32())
  }
}

/** The day's delivery, before opening: every order that is due, a pallet every other second. */
export function receiveDelivery(step: Step): void {
  const { world, state, store, index, localDay, second } = step
  const bucket = store * ORDER_DAYS + (localDay & (ORDER_DAYS - 1))
  let item = state.orderHead[bucket]
  state.orderHead[bucket] = -1
  const cluster = world.cluster(world.stores.cluster[index])
  const base = state.base[store]
  // Each store has its own slot between a quarter past and a quarter to.
  const arrival = second + 900 + (Math.imul(index, 40_503) & 1023)
  for (let i = 0; item >= 0; i++) {
    const quantity = state.orderQuantity[item]
    const at = cellAt(item)
    state.cells[at] = cellOf(unitsIn(state.cells[at]) + quantity)
    const unloaded = Math.min(second + LAST_SECOND, arrival + (i >> 1))
    append(step, cluster.products[item - base], unloaded, quantity, Movement.receipt)
    item = state.orderNext[item]
  }
}

/** The count after closing finds the day's shrink: about `expected` units, one by one. */
export function countShrink(step: Step, expected: number): void {
  const { world, state, store, index, second, hour } = step
  const { cells } = state
  const clusterIndex = world.stores.cluster[index]
  const cluster = world.cluster(clusterIndex)
  const { alias } = world.week(clusterIndex, state.week[store])
  const rng = keyedRng(world.seed, Stream.shrink, index, hour)
  const base = state.base[store]
  let i = 0
  for (let gap = exponential(rng.u32()); gap < expected; gap += exponential(rng.u32())) {
    const carried = drawAlias(alias, rng.u32())
    const at = cellAt(base + carried)
    if (unitsIn(cells[at]) === 0) continue
    cells[at] = changeBy(cells[at], -1)
    const counted = Math.min(second + LAST_SECOND, second + 600 + i++ * 3)
    append(step, cluster.products[carried], counted, -1, Movement.shrink)
    if (!isOnOrder(cells[at]) && unitsIn(cells[at]) <= cells[at + REORDER_POINT])
      placeOrder(step, base + carried, cluster.products[carried], rng.u32())
  }
}

/** Without a second draw for the tail: good enough for counts, because the largest gap only ends the day. */
const exponential = (word: number): number => EXPONENTIALS[word >>> (32 - EXPONENTIAL_BITS)]

/** Adds a movement without a sale line. */
function append({ out, day }: Step, product: number, second: number, change: number, type: number): void {
  const { inventories } = out.facts
  inventories.reserve(1)
  const { rows } = inventories
  out.put.inventories(rows, rows.n++, { product, second, change, type, referenceDay: day, referenceNumber: 0 })
}
