// Longer than our limit: the loop below takes most of the time, and it is fast because it is one flat function. Profile
// of a worker (102 million rows, 550 lines per store and day, Node 20, 124 ns per row to synced Parquet): sell() 35 %,
// the rest of the model 28 % (stock, weekly shelves, returns), encoding 22 %, write and fsync 10 %, crc32 3 %, garbage
// collection 1 %. Twenty times the speed of DuckDB's COPY would be 71 ns on two cores; the model alone takes 78. Tried:
// V8's compiler on the worker's own thread (same speed).
import { EXPONENTIAL_TAIL, EXPONENTIALS } from '../random/exponential.ts'
import { SEED_ROUNDS, Stream, scramble } from '../random/rng.ts'
import { weekdayOf, weekOf } from '../time.ts'
import { dayFactor } from '../world/calendar.ts'
import * as c from '../world/calibration.ts'
import { CURVE_SEGMENTS, HOUR_CURVES, type HourCurve } from '../world/hours.ts'
import * as shelfFormat from '../world/shelf.ts'
import type { World } from '../world/world.ts'
import * as cellFormat from './cell.ts'
import { comebackWord, DRAWS, headsReaderOf, orderWord, read, readerOf, substitutionWord } from './chance.ts'
import { type ColumnBatch, Movement } from './column-batch.ts'
import { QUANTITIES } from './quantities.ts'
import { bringBack, dueAt, dueReturns, scheduleReturn } from './returns.ts'
import type { BlockState } from './state.ts'
import { type Hour, type Step, stepOf } from './step.ts'
import { countShrink, openStock, placeOrder, receiveDelivery, reviewStock } from './stock.ts'
import { NOBODY, VisitorsOfStep } from './visitors.ts'

/**
 * Advances one store of a block by one UTC hour and appends its lines and movements to `out`, in time order. The same
 * world, state, and hour give the same rows on any machine. The hours of a store must be simulated in sequence from the
 * world's first.
 */
export function advance(world: World, state: BlockState, store: number, hour: Hour, out: ColumnBatch): void {
  const step = stepOf(world, state, store, hour, out)
  const { index, day, localDay, localHour } = step
  const { next } = state
  const newDay = state.utcDay[store] !== day
  const newLocalDay = state.localDay[store] !== localDay
  const curve = curveOf(localDay, localHour)
  // At night, nothing happens. In a small store, most of an hour's time is what follows here, not its lines.
  if (curve.share === 0 && !newDay && !newLocalDay && !isStockHour(localHour)) return

  const first = state.utcDay[store] === -1
  if (newLocalDay) beginLocalDay(step)
  if (first) openStock(step)
  if (newDay) {
    state.utcDay[store] = day
    for (let i = 0; i < next.length; i++) next[i][store] = 1
  }

  if (localHour === c.DELIVERY_HOUR) receiveDelivery(step)
  if (localHour === c.COUNT_HOUR)
    countShrink(step, state.dayRate[store] * SHRUNK_PER_VISIT * world.stores.shrink[index])
  if (curve.share > 0) sell(step, ask(step, curve))

  out.close(index, day, next, store)
  for (let i = 0; i < next.length; i++) {
    if (next[i][store] > world.ids.most)
      throw new RangeError(`store ${index + 1} moves more a day than its ids can number`)
  }
}

const isStockHour = (localHour: number): boolean => localHour === c.DELIVERY_HOUR || localHour === c.COUNT_HOUR

function curveOf(localDay: number, localHour: number): HourCurve {
  const weekday = weekdayOf(localDay)
  return HOUR_CURVES[weekday < 5 ? 0 : weekday - 4][localHour]
}

/** Units. */
const SHRUNK_PER_VISIT = c.MEAN_LINES_PER_VISIT * c.MEAN_QUANTITY * c.SHRINK_RATE

function beginLocalDay(step: Step): void {
  const { world, state, store, index, localDay } = step
  const week = weekOf(localDay)
  state.localDay[store] = localDay
  if (state.week[store] !== week) {
    state.week[store] = week
    reviewStock(step, week)
  }
  setShelf(world, state, store, localDay, index)
}

/**
 * The shelf of the week and the visits of the day. Both are derived from the world alone, so they are recomputed after
 * a snapshot is loaded.
 */
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
    (weekdayOf(localDay) < 5 ? world.stores.weekday[index] : world.stores.weekend[index]) *
    world.shock(index, localDay)
  state.dayRate[store] = Math.min(lines, world.linesPerStoreDay * c.BUSIEST_DAY) / c.MEAN_LINES_PER_VISIT
}

/**
 * Room for an hour of the largest store on its busiest day (BUSIEST_DAY): 104 thousand lines, give or take a thousand.
 */
const LINES_PER_STEP = 1 << 17
/** Second of each line of the step; its sign bit marks a line that continues a visit. */
const times = new Int32Array(LINES_PER_STEP + 32)
const continued = (second: number): number => second | 0x80000000
const isContinued = (time: number): boolean => time < 0
const secondIn = (time: number): number => time & 0x7fffffff
const visitors = new VisitorsOfStep()
/** The time of a return that never happens. */
const NO_MORE = 0x7fffffff
/**
 * Shelf position that each line of the step requests, and the random word that decides everything else about the line.
 */
const picks = new Int32Array(LINES_PER_STEP + 32)
const words = new Int32Array(LINES_PER_STEP + 32)
/**
 * Its stock before the step. It is read only so that the memory reads overlap here instead of waiting for each other
 * below.
 */
const fetched = new Int32Array(LINES_PER_STEP + 32)

// What the loops call is a constant of this module: V8 then knows it, whereas it would load an import for each line.
const { cellAt, changeBy, isOnOrder, positionAt, REORDER_POINT, unitsIn } = cellFormat
const { priceOn, productOn, quantitiesOn, returnedOn, SHELF_WORDS } = shelfFormat
const gapIn = readerOf(DRAWS.visit.gap)
const furtherLinesIn = headsReaderOf(DRAWS.visit.lines)
const complementsIn = readerOf(DRAWS.line.complements)
const complementIn = readerOf(DRAWS.line.complement)
const quantityIn = readerOf(DRAWS.line.quantity)
const returnedIn = readerOf(DRAWS.line.returned)
const COMPLEMENTS_BITS = DRAWS.line.complement.width
const { COMPLEMENT_OF_32 } = c
const quantities = QUANTITIES
const exponentials = EXPONENTIALS
const TAIL = EXPONENTIAL_TAIL
const SEGMENTS = CURVE_SEGMENTS
const { sale: SALE } = Movement

/**
 * The visits of the step: fills `times`, `picks`, and `words`, and returns the number of requested lines. Nothing here
 * depends on the stock.
 */
function ask({ world, state, store, index, hour, second }: Step, curve: HourCurve): number {
  // The stream of this store-hour: sfc32 in locals (random/rng.ts explains the 128 bits).
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

  // 1. When customers arrive, and how many lines each buys: exponential gaps in operational time, so the times come out
  // sorted.
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
    const gap = gapIn(t)
    x += exponentials[gap] * perVisit
    if (x >= 1 || L >= LINES_PER_STEP) break
    if (gap === TAIL) continue
    const lines = 1 + furtherLinesIn(t)
    const at = x * SEGMENTS
    const i = at | 0
    const from = secondAt[i]
    const time = second + ((from + (secondAt[i + 1] - from) * (at - i)) | 0)
    const further = continued(time)
    times[L] = time
    for (let k = 1; k < lines; k++) times[L + k] = further
    L += lines
  }
  if (L >= LINES_PER_STEP) throw new RangeError(`store ${index + 1} sells more than ${LINES_PER_STEP} lines an hour`)

  // 2. What each line requests. The loads of `sell` start here, so that they overlap.
  const { complements, alias } = state.shelf[store]
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
    // Branch-free, because the branch would be random and mispredicted half the time. −1 if the draw stays in its bin.
    const stays = ((t & rest) - (bar >>> bits)) >> 31
    const drawn = (bar & low & ~stays) | (bin & stays)

    t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (cc + (cc << 3)) | 0
    cc = (cc << 21) | (cc >>> 11)
    cc = (cc + t) | 0
    p =
      isContinued(times[i]) && complementsIn(t) < COMPLEMENT_OF_32
        ? complements[(p << COMPLEMENTS_BITS) | complementIn(t)]
        : drawn
    picks[i] = p
    words[i] = t
    fetched[i] = cells[cellAt(base + p)]
  }
  return L
}

/**
 * What the shelf provides for the requested lines: quantity, stock, order, return. A separate function, because V8
 * limits inlining per function.
 */
function sell(step: Step, asked: number): void {
  const { world, state, store, index, day, out } = step
  const returns = dueReturns(step)
  const { transactions, inventories } = out.facts
  transactions.reserve(asked)
  inventories.reserve(asked + returns)
  const firstLine = state.numbers.transactions[store]
  const { shelf, neighbors } = state.shelf[store]
  const base = state.base[store]
  const returnsOf256 = world.stores.returnsOf256[index]
  const { cells } = state
  const { rows: lines } = transactions
  const { rows: movements } = inventories
  const { transactions: putLine, inventories: putMovement } = out.put
  const n0 = lines.n
  let n = n0
  let m = movements.n
  let basket = firstLine
  let customer = NOBODY
  const { extended } = out
  if (extended) visitors.begin(step)
  let nextReturn = 0
  let returnAt = returns > 0 ? dueAt(step, 0) : NO_MORE

  for (let i = 0; i < asked; i++) {
    const time = secondIn(times[i])
    while (time >= returnAt) {
      bringBack(step, nextReturn++, m++)
      returnAt = nextReturn < returns ? dueAt(step, nextReturn) : NO_MORE
    }
    if (!isContinued(times[i])) {
      basket = firstLine + n - n0
      if (extended) customer = visitors.next()
    }

    let p = picks[i]
    const t = words[i]
    let at = cellAt(base + p)
    let cell = cells[at]
    let pricing = shelf[p * SHELF_WORDS + 1]
    let wanted = quantities[quantitiesOn(pricing) | quantityIn(t)]
    if (unitsIn(cell) < wanted) {
      if (unitsIn(cell) === 0) {
        // Out of stock: some take the neighbor on the shelf, the others leave without.
        if (read(substitutionWord(t), DRAWS.substitution.accepted) >= c.SUBSTITUTE_OF_1024) continue
        p = neighbors[p]
        at = cellAt(base + p)
        cell = cells[at]
        if (unitsIn(cell) === 0) continue
        pricing = shelf[p * SHELF_WORDS + 1]
      }
      if (unitsIn(cell) < wanted) wanted = unitsIn(cell)
    }
    cell = changeBy(cell, -wanted)
    cells[at] = cell
    const goods = shelf[p * SHELF_WORDS]
    const product = productOn(goods)
    const number = firstLine + n - n0
    putLine(lines, n++, { product, second: time, quantity: wanted, price: priceOn(pricing), basket, customer })
    putMovement(movements, m++, {
      product,
      second: time,
      change: -wanted,
      type: SALE,
      referenceDay: day,
      referenceNumber: number,
    })
    if (!isOnOrder(cell) && unitsIn(cell) <= cells[at + REORDER_POINT])
      placeOrder(step, positionAt(at), product, orderWord(t))
    if (returnedIn(t) < (returnedOn(goods) * returnsOf256) >> 8)
      scheduleReturn(step, p, wanted, number, comebackWord(t))
  }
  while (nextReturn < returns) bringBack(step, nextReturn++, m++)
  lines.n = n
  movements.n = m
}
