import { EXPONENTIALS } from '../random/exponential.ts'
import * as c from '../world/calibration.ts'
import { productOn, SHELF_WORDS } from '../world/shelf.ts'
import { cellAt, changeBy } from './cell.ts'
import { DRAWS, readerOf } from './chance.ts'
import { Movement } from './column-batch.ts'
import { type BlockState, HOUR_BUCKETS, RETURN_DAYS, RETURN_WORDS } from './state.ts'
import type { Step } from './step.ts'

const { comeback } = DRAWS
const daysIn = readerOf(comeback.days)
const hourIn = readerOf(comeback.hour)
const secondOfHourIn = readerOf(comeback.second)

/** Words of a return in the pool of BlockState. */
const WORDS = RETURN_WORDS
const ITEM = 0
const QUANTITY = 1
/** Of its hour. */
const SECOND = 2
const SALE_DAY = 3
const SALE_NUMBER = 4

/** Returns of the current step, ordered by second. */
const due = new Int32Array(1 << 16)

const bucketOf = (store: number, localDay: number, localHour: number): number =>
  (store * RETURN_DAYS + (localDay & (RETURN_DAYS - 1))) * HOUR_BUCKETS + (localHour & (HOUR_BUCKETS - 1))

/** Schedules the return of these units of a line, on a later local day at some hour. */
export function scheduleReturn(step: Step, item: number, quantity: number, number: number, word: number): void {
  const { state, store, localDay, day } = step
  const days = 1 + Math.min(c.RETURN_MAX_DAYS - 1, Math.floor(EXPONENTIALS[daysIn(word)] * c.RETURN_MEAN_DAYS))
  const hours = c.RETURN_HOURS.to - c.RETURN_HOURS.from + 1
  const hour = c.RETURN_HOURS.from + ((hourIn(word) * hours) >> comeback.hour.width)
  const bucket = bucketOf(store, localDay + days, hour)
  const entry = state.takeReturn()
  const { returns } = state
  const at = entry * WORDS
  returns[at + ITEM] = item
  returns[at + QUANTITY] = quantity
  returns[at + SECOND] = (secondOfHourIn(word) * 3600) >> comeback.second.width
  returns[at + SALE_DAY] = day
  returns[at + SALE_NUMBER] = number
  state.returnNext[entry] = state.returnHead[bucket]
  state.returnHead[bucket] = entry
}

/**
 * Moves the returns of this hour from their bucket to `due`, ordered by second; for equal seconds, the latest sale
 * first.
 */
export function dueReturns({ state, store, localDay, localHour }: Step): number {
  const bucket = bucketOf(store, localDay, localHour)
  let entry = state.returnHead[bucket]
  if (entry < 0) return 0
  state.returnHead[bucket] = -1
  const { returns, returnNext } = state
  let count = 0
  for (; entry >= 0; entry = returnNext[entry]) {
    const second = returns[entry * WORDS + SECOND]
    let i = count++
    for (; i > 0 && returns[due[i - 1] * WORDS + SECOND] > second; i--) due[i] = due[i - 1]
    due[i] = entry
  }
  return count
}

const secondOf = ({ returns }: BlockState, entry: number): number => returns[entry * WORDS + SECOND]

/** Second of the day of return `i` of the step. */
export const dueAt = ({ state, second }: Step, i: number): number => second + secondOf(state, due[i])

/** Puts return `i` of the step back on the shelf, as movement `m`. */
export function bringBack(step: Step, i: number, m: number): void {
  const { state, store, out } = step
  const { returns } = state
  const entry = due[i]
  const at = entry * WORDS
  const item = returns[at + ITEM]
  const quantity = returns[at + QUANTITY]
  const cell = cellAt(state.base[store] + item)
  state.cells[cell] = changeBy(state.cells[cell], quantity)
  out.put.inventories(out.facts.inventories.rows, m, {
    product: productOn(state.shelf[store].shelf[item * SHELF_WORDS]),
    second: dueAt(step, i),
    change: quantity,
    type: Movement.return,
    referenceDay: returns[at + SALE_DAY],
    referenceNumber: returns[at + SALE_NUMBER],
  })
  state.freeReturn(entry)
}
