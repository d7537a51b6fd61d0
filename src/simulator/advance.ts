// Longer than the house likes: the loop below is where the time goes, and one flat function is what makes it fast.
// Profile of a worker (102 million rows, 550 lines a store and day, Node 20, 124 ns a row to synced Parquet): sell() 35 %, the rest of the
// model 28 % (stock, weekly shelves, returns), encoding 22 %, write and fsync 10 %, crc32 3 %, garbage 1 %. Twenty times the speed of DuckDB's
// COPY would be 71 ns on two cores; the model alone takes 78. Tried: V8's compiler on the worker's own thread (as fast).
import { EXPONENTIAL_BITS, EXPONENTIAL_TAIL, EXPONENTIALS } from '../random/exponential.ts'
import { SEED_ROUNDS, Stream, scramble } from '../random/rng.ts'
import { weekdayOf, weekOf } from '../time.ts'
import { dayFactor } from '../world/calendar.ts'
import * as c from '../world/calibration.ts'
import { CURVE_SEGMENTS, HOUR_CURVES, type HourCurve } from '../world/hours.ts'
import type { World } from '../world/world.ts'
import { offsetHours } from '../world/zones.ts'
import { type Batch, Movement } from './batch.ts'
import { QUANTITIES } from './quantities.ts'
import { bringBack, due, dueReturns, scheduleReturn } from './returns.ts'
import type { BlockState } from './state.ts'
import { countShrink, openStock, placeOrder, receiveDelivery, reviewStock } from './stock.ts'

/** Hours since 1970, UTC. */
export type Hour = number

/**
 * Moves one store of a block one UTC hour on and appends its lines and movements to `out`, in time order.
 * Same world, same state, same hour: same rows, on any machine. The hours of a store follow each other from the world's first.
 */
export function advance(world: World, state: BlockState, store: number, hour: Hour, out: Batch): void {
  const index = state.block.lo + store
  const zone = world.stores.zone[index]
  const day = Math.floor(hour / 24)
  const second = (hour - day * 24) * 3600
  const local = hour + offsetHours(zone, hour)
  const localDay = Math.floor(local / 24)
  const localHour = local - localDay * 24
  const n0 = out.lines.n
  const m0 = out.movements.n
  const first = state.utcDay[store] === -1

  if (localDay !== state.localDay[store]) beginLocalDay(world, state, store, localDay)
  if (first) openStock(world, state, store, localDay, day, out)
  if (state.utcDay[store] !== day) {
    state.utcDay[store] = day
    state.nextLine[store] = 1
    state.nextMovement[store] = 1
  }
  const firstLine = state.nextLine[store]
  const firstMovement = state.nextMovement[store]

  if (localHour === c.DELIVERY_HOUR) receiveDelivery(world, state, store, localDay, second, day, out)
  if (localHour === c.COUNT_HOUR) {
    const expected = state.dayRate[store] * c.MEAN_LINES_PER_VISIT * c.MEAN_QUANTITY * c.SHRINK_RATE
    countShrink(world, state, store, expected, localDay, second, day, hour, out)
  }
  const weekday = weekdayOf(localDay)
  const curve = HOUR_CURVES[weekday < 5 ? 0 : weekday - 4][localHour]
  if (curve.share > 0) sell(world, state, store, hour, localDay, localHour, day, second, curve, firstLine, out)

  state.nextLine[store] = firstLine + out.lines.n - n0
  state.nextMovement[store] = firstMovement + out.movements.n - m0
  if (state.nextMovement[store] > world.ids.most)
    throw new RangeError(`store ${index + 1} moves more a day than its ids can number`)
  out.close(index, day, n0, firstLine, m0, firstMovement)
}

function beginLocalDay(world: World, state: BlockState, store: number, localDay: number): void {
  const index = state.block.lo + store
  const week = weekOf(localDay)
  state.localDay[store] = localDay
  if (state.week[store] !== week) {
    state.week[store] = week
    reviewStock(world, state, store, week, localDay)
  }
  setShelf(world, state, store, localDay, index)
}

/** The shelf of the week and the visits of the day: derived from the world alone, so a loaded snapshot makes them again. */
export function setShelf(
  world: World,
  state: BlockState,
  store: number,
  localDay: number,
  index = state.block.lo + store,
): void {
  const shelf = world.week(world.stores.cluster[index], weekOf(localDay))
  state.shelf[store] = shelf
  const lines =
    world.linesPerStoreDay *
    world.stores.demand[index] *
    shelf.lift *
    dayFactor(localDay) *
    world.shock(index, localDay)
  state.dayRate[store] = Math.min(lines, world.linesPerStoreDay * c.BUSIEST_DAY) / c.MEAN_LINES_PER_VISIT
}

/** Room for an hour of the largest store on its busiest day (BUSIEST_DAY): 104 thousand lines, give or take a thousand. */
const LINES_PER_STEP = 1 << 17
/** Second of each line of the step; the sign bit marks a line that continues a visit. */
const times = new Int32Array(LINES_PER_STEP + 32)
const CONTINUES = 0x80000000 | 0
/** Position that each line of the step asks for, and the random word that decides the rest about it. */
const picks = new Int32Array(LINES_PER_STEP + 32)
const words = new Int32Array(LINES_PER_STEP + 32)
/** Its stock before the step: read for no other reason than that the reads overlap here and wait for each other below. */
const fetched = new Int32Array(LINES_PER_STEP + 32)
/** So that what a line sets off (an order's lead time, a return's hour) is drawn anew from its word. */
const ORDERS = 0x1b873593
const RETURNS = 0x3c6ef372

function sell(
  world: World,
  state: BlockState,
  store: number,
  hour: Hour,
  localDay: number,
  localHour: number,
  day: number,
  second: number,
  curve: HourCurve,
  firstLine: number,
  out: Batch,
): void {
  const index = state.block.lo + store
  const returns = dueReturns(state, store, localDay, localHour)

  // The stream of this store-hour: sfc32 in locals (random/rng.ts says why 128 bits).
  let a = scramble(world.seed ^ 0x9e3779b9)
  let b = scramble(index ^ 0x2545f491)
  let cc = scramble(hour ^ 0x6c078965)
  let d = scramble(Stream.step)
  let t = 0
  for (let i = 0; i < SEED_ROUNDS; i++) {
    t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (cc + (cc << 3)) | 0
    cc = (cc << 21) | (cc >>> 11)
    cc = (cc + t) | 0
  }

  // 1. When people come, and how many lines each buys: exponential gaps in operational time, so the times come out sorted.
  const perVisit = 1 / (state.dayRate[store] * curve.share)
  const { secondAt } = curve
  let x = 0
  let L = 0
  for (;;) {
    t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (cc + (cc << 3)) | 0
    cc = (cc << 21) | (cc >>> 11)
    cc = (cc + t) | 0
    const gap = t >>> (32 - EXPONENTIAL_BITS)
    x += EXPONENTIALS[gap] * perVisit
    if (x >= 1 || L >= LINES_PER_STEP) break
    if (gap === EXPONENTIAL_TAIL) continue
    // The low twenty bits: leading zeros are heads in a row, so a geometric number of lines with mean 2.
    const lines = 1 + Math.clz32((t << EXPONENTIAL_BITS) | (1 << (EXPONENTIAL_BITS - 1)))
    const at = x * CURVE_SEGMENTS
    const i = at | 0
    const from = secondAt[i]
    const time = second + ((from + (secondAt[i + 1] - from) * (at - i)) | 0)
    const continued = time | CONTINUES
    times[L] = time
    for (let k = 1; k < lines; k++) times[L + k] = continued
    L += lines
  }
  if (L >= LINES_PER_STEP) throw new RangeError(`store ${index + 1} sells more than ${LINES_PER_STEP} lines an hour`)

  // 2. What each line asks for. Nothing here depends on the stock, so that the loads of the next loop overlap.
  const { complements, alias, shelf } = state.shelf[store]
  const { bins, bits } = alias
  const shift = 32 - bits
  const rest = 0xffffffff >>> bits
  const low = (1 << bits) - 1
  const base = state.base[store]
  const { cells } = state
  let p = 0
  for (let i = 0; i < L; i++) {
    t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (cc + (cc << 3)) | 0
    cc = (cc << 21) | (cc >>> 11)
    cc = (cc + t) | 0
    const bin = t >>> shift
    const bar = bins[bin]
    // Without a branch: it would be taken by chance, so guessed wrong as often. −1 when the draw stays in its bin.
    const stays = ((t & rest) - (bar >>> bits)) >> 31
    const drawn = (bar & low & ~stays) | (bin & stays)

    t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (cc + (cc << 3)) | 0
    cc = (cc << 21) | (cc >>> 11)
    cc = (cc + t) | 0
    p = times[i] < 0 && t >>> 27 < c.COMPLEMENT_OF_32 ? complements[(p << 3) | ((t >>> 24) & 7)] : drawn
    picks[i] = p
    words[i] = t
    fetched[i] = cells[(base + p) << 1]
  }

  // 3. What the shelf gives: quantity, stock, order, return.
  out.reserve(L, L + returns)
  const { carried, products: productOf } = world.cluster(world.stores.cluster[index])
  const { product, second: lineSecond, quantity, price: linePrice, basket: lineBasket } = out.lines
  const { product: movedProduct, second: movedSecond, change, type, referenceDay, referenceNumber } = out.movements
  const { extended } = out
  const n0 = out.lines.n
  let n = n0
  let m = out.movements.n
  let basket = firstLine
  let nextReturn = 0
  let returnAt = returns > 0 ? second + state.returns[due[0] * 5 + 2] : 0x7fffffff

  for (let i = 0; i < L; i++) {
    const entry = times[i]
    const time = entry & 0x7fffffff
    while (time >= returnAt) {
      bringBack(state, productOf, base, due[nextReturn], returnAt, m++, out)
      nextReturn++
      returnAt = nextReturn < returns ? second + state.returns[due[nextReturn] * 5 + 2] : 0x7fffffff
    }
    if (entry >= 0) basket = firstLine + n - n0

    p = picks[i]
    t = words[i]
    let at = (base + p) << 1
    let cell = cells[at]
    let priceAndBand = shelf[p * 2 + 1]
    let wanted = QUANTITIES[(priceAndBand & 0xffff) | (t & 1023)]
    if (cell >> 1 < wanted) {
      if (cell >> 1 === 0) {
        // Out of stock: some take the neighbour on the shelf, the others leave without.
        if (((t >>> 10) & 1023) >= c.SUBSTITUTE_OF_1024) continue
        p = p + 1 < carried ? p + 1 : p - 1
        at = (base + p) << 1
        cell = cells[at]
        if (cell >> 1 === 0) continue
        priceAndBand = shelf[p * 2 + 1]
      }
      if (cell >> 1 < wanted) wanted = cell >> 1
    }
    cell -= wanted << 1
    cells[at] = cell
    const productAndReturns = shelf[p * 2]
    const code = productAndReturns & 0xffff
    product[n] = code
    lineSecond[n] = time
    quantity[n] = wanted
    linePrice[n] = priceAndBand >>> 16
    movedProduct[m] = code
    movedSecond[m] = time
    change[m] = -wanted
    type[m] = Movement.sale
    const number = firstLine + n - n0
    if (extended) {
      lineBasket[n] = basket
      referenceDay[m] = day
      referenceNumber[m] = number
    }
    n++
    m++
    if ((cell & 1) === 0 && cell >> 1 <= cells[at + 1])
      placeOrder(world, state, store, at >> 1, code, localDay, scramble(t ^ ORDERS) >>> 0)
    if (((t >>> 10) & 16383) < productAndReturns >>> 16)
      scheduleReturn(state, store, p, wanted, localDay, day, number, scramble(t ^ RETURNS) >>> 0)
  }
  for (; nextReturn < returns; nextReturn++)
    bringBack(state, productOf, base, due[nextReturn], second + state.returns[due[nextReturn] * 5 + 2], m++, out)
  out.lines.n = n
  out.movements.n = m
}
