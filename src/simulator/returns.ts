import { EXPONENTIAL_BITS, EXPONENTIALS } from '../random/exponential.ts'
import * as c from '../world/calibration.ts'
import { type Batch, Movement } from './batch.ts'
import { AHEAD_DAYS, type BlockState, HOUR_BUCKETS } from './state.ts'

/** Returns of the step in hand, ordered by second. */
export const due = new Int32Array(1 << 16)

/** Remembers that these units will be on the shelf again, on a later local day at some hour. */
export function scheduleReturn(
  state: BlockState,
  store: number,
  position: number,
  quantity: number,
  localDay: number,
  day: number,
  line: number,
  r: number,
): void {
  const days =
    1 + Math.min(c.RETURN_MAX_DAYS - 1, Math.floor(EXPONENTIALS[r >>> (32 - EXPONENTIAL_BITS)] * c.RETURN_MEAN_DAYS))
  const hours = c.RETURN_HOURS.to - c.RETURN_HOURS.from + 1
  const hour = c.RETURN_HOURS.from + ((((r >>> 12) & 255) * hours) >> 8)
  const bucket =
    (store * AHEAD_DAYS + ((localDay + days) & (AHEAD_DAYS - 1))) * HOUR_BUCKETS + (hour & (HOUR_BUCKETS - 1))
  const entry = state.takeReturn()
  const { returns } = state
  returns[entry * 5] = position
  returns[entry * 5 + 1] = quantity
  returns[entry * 5 + 2] = ((r & 4095) * 3600) >> 12
  returns[entry * 5 + 3] = day
  returns[entry * 5 + 4] = line
  state.returnNext[entry] = state.returnHead[bucket]
  state.returnHead[bucket] = entry
}

/** Takes the returns of this hour out of their bucket into `due`, ordered by second; equal seconds latest sale first. */
export function dueReturns(state: BlockState, store: number, localDay: number, localHour: number): number {
  const bucket = (store * AHEAD_DAYS + (localDay & (AHEAD_DAYS - 1))) * HOUR_BUCKETS + (localHour & (HOUR_BUCKETS - 1))
  let entry = state.returnHead[bucket]
  state.returnHead[bucket] = -1
  let count = 0
  for (; entry >= 0; entry = state.returnNext[entry]) {
    const second = state.returns[entry * 5 + 2]
    let i = count++
    for (; i > 0 && state.returns[due[i - 1] * 5 + 2] > second; i--) due[i] = due[i - 1]
    due[i] = entry
  }
  return count
}

export function bringBack(
  state: BlockState,
  productOf: Int32Array,
  base: number,
  entry: number,
  second: number,
  m: number,
  out: Batch,
): void {
  const { movements } = out
  const position = state.returns[entry * 5]
  const quantity = state.returns[entry * 5 + 1]
  state.cells[(base + position) * 2] += quantity << 1
  movements.product[m] = productOf[position]
  movements.second[m] = second
  movements.change[m] = quantity
  movements.type[m] = Movement.return
  if (out.extended) {
    movements.referenceDay[m] = state.returns[entry * 5 + 3]
    movements.referenceNumber[m] = state.returns[entry * 5 + 4]
  }
  state.freeReturn(entry)
}
