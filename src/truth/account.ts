import { Batch, Movement } from '../simulator/batch.ts'
import { beginBlock, simulateDays } from '../simulator/block.ts'
import { civilOf, type Day, monthOf, SECONDS_PER_DAY, type Second } from '../time.ts'
import type { Block } from '../world/blocks.ts'
import { CATEGORIES } from '../world/calibration.ts'
import type { World } from '../world/world.ts'
import { addRow, noSums, reduce, type Sums, squared, weightsOf } from './checksum.ts'
import { CHANGE_OFFSET, idHead } from './sql.ts'

/** Rows before `raw` are in raw, rows before `marts` in the marts. */
export interface TruthCut {
  raw: Second
  /** how far the line-level model is, where it is not as fresh as raw */
  model?: Second
  /** undefined: there are no marts */
  marts: Second | undefined
}

/** What one block should have left in the warehouse, by UTC day (index = day − world.from). Plain numbers: it crosses threads. */
export interface BlockTruth {
  lines: Sums[]
  movements: Sums[]
  /** rows of daily_sales at the marts' cut */
  dailySales: Sums[]
  /** of the lines at raw's cut */
  revenueCents: number[]
  units: number[]
  soldLines: number[]
  /** rows of stock_on_hand at the marts' cut, and of the same sums over raw at raw's cut */
  stockMarts: Sums
  stockRaw: Sums
  /** [month since the first × cities + city]: quantity change, movements */
  monthlyChange: number[]
  monthlyMovements: number[]
  /** at the marts' cut, by `salesKey`: cents, units, lines */
  monthlySales: Map<number, number[]>
  /** at the marts' cut, by `levelKey`: places, units on hand, places with none */
  stockLevels: Map<number, number[]>
  /** balances that were below zero, or closings that differ from the simulator's own; must be 0 */
  ledgerErrors: number
}

/** Room for the cities in `monthlyChange`. */
export const CITIES_MAX = 256

/** Of a city and category. */
export const levelKey = (city: number, category: number): number => city * CATEGORIES.length + category
/** Of a month since the first, a city and category. */
export const salesKey = (month: number, city: number, category: number): number =>
  levelKey(month * CITIES_MAX + city, category)

/** Adds numbers to those of a key. */
export function addTo(sums: Map<number, number[]>, key: number, values: readonly number[]): void {
  const sum = sums.get(key)
  sums.set(
    key,
    values.map((value, i) => value + (sum?.[i] ?? 0)),
  )
}

/** Simulates a block once more and accounts for every row; undefined when `stop` says so, which it is asked once a day. */
export function accountBlock(
  world: World,
  block: Block,
  cut: TruthCut,
  stop: () => boolean = () => false,
): BlockTruth | undefined {
  const end = Math.max(cut.raw, cut.marts ?? 0)
  const days = Math.ceil(end / SECONDS_PER_DAY) - world.from
  const account = new BlockAccount(world, block, cut, days)
  const traveller = beginBlock(world, block)
  const batch = new Batch(world.schema === 'extended', 1 << 14)
  for (let day = world.from; day < world.from + days; day++) {
    if (stop()) return undefined
    simulateDays(world, traveller, day + 1, batch)
    account.add(batch)
    batch.clear()
  }
  return account.finish()
}

export const yymmdd = (day: Day): number => {
  const { year, month, day: d } = civilOf(day)
  return (year % 100) * 10_000 + month * 100 + d
}
const idLength = ({ ids }: World): number => 1 + 6 + 1 + ids.store + 1 + ids.number
const weights = (side: 0 | 1): number[] => Array.from({ length: 14 }, (_, i) => weightsOf(i, side))
const A = weights(0)
const B = weights(1)

/** Weighted sums of values from column `at` on, for both sides. */
function weigh(values: readonly number[], at = 0): [number, number] {
  let [a, b] = [0, 0]
  values.forEach((value, i) => {
    a += value * A[at + i]
    b += value * B[at + i]
  })
  return [a, b]
}

class BlockAccount {
  private readonly world: World
  private readonly block: Block
  private readonly cut: TruthCut
  private readonly truth: BlockTruth
  private readonly onHand: Int32Array
  private readonly onHandMarts: Int32Array
  private readonly lastMoved: Int32Array
  private readonly lastMovedMarts: Int32Array
  private readonly firstMonth: number

  constructor(world: World, block: Block, cut: TruthCut, days: number) {
    this.world = world
    this.block = block
    this.cut = cut
    const perDay = () => Array.from({ length: days }, noSums)
    const zeros = (n: number) => new Array<number>(n).fill(0)
    this.firstMonth = monthOf(world.from)
    const months = days > 0 ? monthOf(world.from + days - 1) - this.firstMonth + 1 : 0
    this.truth = {
      lines: perDay(),
      movements: perDay(),
      dailySales: perDay(),
      revenueCents: zeros(days),
      units: zeros(days),
      soldLines: zeros(days),
      stockMarts: noSums(),
      stockRaw: noSums(),
      monthlyChange: zeros(months * CITIES_MAX),
      monthlyMovements: zeros(months * CITIES_MAX),
      monthlySales: new Map(),
      stockLevels: new Map(),
      ledgerErrors: 0,
    }
    const positions = (block.hi - block.lo) * world.products.count
    this.onHand = new Int32Array(positions)
    this.onHandMarts = new Int32Array(positions)
    this.lastMoved = new Int32Array(positions).fill(-1)
    this.lastMovedMarts = new Int32Array(positions).fill(-1)
  }

  add(batch: Batch): void {
    let [line, movement] = [0, 0]
    for (let run = 0; run < batch.runs.n; run++) {
      this.addLines(batch, run, line)
      this.addMovements(batch, run, movement)
      line += batch.runs.lines[run]
      movement += batch.runs.movements[run]
    }
  }

  /** Plain loops with the run's constant part taken out: about 25 ns a row. */
  private addLines({ lines, runs, extended }: Batch, run: number, from: number): void {
    const { world, cut, truth } = this
    const { prices, category } = world.products
    const [store, day] = [runs.store[run], runs.day[run]]
    const midnight = day * SECONDS_PER_DAY
    const sums = truth.lines[day - world.from]
    const length = idLength(world)
    const of = [yymmdd(day), store + 1]
    const [fixedA, fixedB] = weigh([idHead('T', length), ...of, 0, 0, 0, 0, store + 1])
    const [basketA, basketB] = extended ? weigh([idHead('B', length), ...of], 10) : [0, 0]
    const cents = new Float64Array(CATEGORIES.length)
    const units = new Float64Array(CATEGORIES.length)
    const count = new Float64Array(CATEGORIES.length)
    let [revenue, sold, taken] = [0, 0, 0]
    const model = cut.model ?? cut.raw
    for (let i = from; i < from + runs.lines[run]; i++) {
      const second = midnight + lines.second[i]
      if (second >= cut.raw) break
      const number = runs.firstLine[run] + i - from
      const product = lines.product[i]
      const quantity = lines.quantity[i]
      const price = prices[lines.price[i]]
      let a = fixedA + number * A[3] + (product + 1) * A[4] + second * A[5] + quantity * A[8] + price * A[9]
      let b = fixedB + number * B[3] + (product + 1) * B[4] + second * B[5] + quantity * B[8] + price * B[9]
      if (extended) {
        a += basketA + lines.basket[i] * A[13]
        b += basketB + lines.basket[i] * B[13]
      }
      sums.rows++
      sums.a += squared(reduce(a))
      sums.b += squared(reduce(b))
      if (second < model) {
        revenue += quantity * price
        sold += quantity
        taken++
      }
      if (cut.marts !== undefined && second < cut.marts) {
        const c = category[product]
        cents[c] += quantity * price
        units[c] += quantity
        count[c]++
      }
    }
    const month = monthOf(day) - this.firstMonth
    for (let c = 0; c < CATEGORIES.length; c++) {
      if (count[c] === 0) continue
      addRow(truth.dailySales[day - world.from], dailySalesValues(day, store, c, cents[c], units[c], count[c]))
      addTo(truth.monthlySales, salesKey(month, world.stores.city[store], c), [cents[c], units[c], count[c]])
    }
    truth.revenueCents[day - world.from] += revenue
    truth.units[day - world.from] += sold
    truth.soldLines[day - world.from] += taken
  }

  private addMovements({ movements, runs, extended }: Batch, run: number, from: number): void {
    const { world, cut, truth, onHand, lastMoved } = this
    const [store, day] = [runs.store[run], runs.day[run]]
    const midnight = day * SECONDS_PER_DAY
    const sums = truth.movements[day - world.from]
    const month = (monthOf(day) - this.firstMonth) * CITIES_MAX + world.stores.city[store]
    const length = idLength(world)
    const [fixedA, fixedB] = weigh([idHead('I', length), yymmdd(day), store + 1, 0, 0, 0, 0, store + 1])
    const base = (store - this.block.lo) * world.products.count
    for (let i = from; i < from + runs.movements[run]; i++) {
      const second = midnight + movements.second[i]
      if (second >= cut.raw) break
      const number = runs.firstMovement[run] + i - from
      const product = movements.product[i]
      const change = movements.change[i]
      let a = fixedA + number * A[3] + (product + 1) * A[4] + second * A[5] + (change + CHANGE_OFFSET) * A[8]
      let b = fixedB + number * B[3] + (product + 1) * B[4] + second * B[5] + (change + CHANGE_OFFSET) * B[8]
      if (extended) {
        const type = movements.type[i]
        const ofLine = type === Movement.sale || type === Movement.return
        const form = ofLine
          ? idHead('T', length)
          : idHead(type === Movement.receipt ? 'D' : 'C', length - 1 - world.ids.number, false)
        const cause = [form, yymmdd(movements.referenceDay[i]), store + 1, movements.referenceNumber[i]]
        const [moreA, moreB] = weigh([type, ...cause], 9)
        a += moreA
        b += moreB
      }
      sums.rows++
      sums.a += squared(reduce(a))
      sums.b += squared(reduce(b))
      const at = base + product
      onHand[at] += change
      lastMoved[at] = second - world.from * SECONDS_PER_DAY
      if (onHand[at] < 0) truth.ledgerErrors++
      if (cut.marts !== undefined && second < cut.marts) {
        this.onHandMarts[at] = onHand[at]
        this.lastMovedMarts[at] = lastMoved[at]
        truth.monthlyChange[month] += change
        truth.monthlyMovements[month]++
      }
    }
  }

  finish(): BlockTruth {
    const { world, block, truth } = this
    const midnight = world.from * SECONDS_PER_DAY
    for (let at = 0; at < this.onHand.length; at++) {
      const store = block.lo + Math.floor(at / world.products.count)
      const product = at % world.products.count
      if (this.lastMoved[at] >= 0)
        addRow(truth.stockRaw, stockValues(store, product, this.onHand[at], midnight + this.lastMoved[at]))
      if (this.lastMovedMarts[at] < 0) continue
      const held = this.onHandMarts[at]
      addRow(truth.stockMarts, stockValues(store, product, held, midnight + this.lastMovedMarts[at]))
      const level = levelKey(world.stores.city[store], world.products.category[product])
      addTo(truth.stockLevels, level, [1, held, held <= 0 ? 1 : 0])
    }
    return truth
  }
}

/** The integers of a row of daily_sales; `truthSql.dailySales` has the same order. */
export const dailySalesValues = (
  day: Day,
  store: number,
  category: number,
  cents: number,
  units: number,
  lines: number,
): number[] => [yymmdd(day), store + 1, category, cents, units, lines]

/** The integers of a row of stock_on_hand. */
export const stockValues = (store: number, product: number, onHand: number, lastMoved: Second): number[] => [
  store + 1,
  product + 1,
  onHand,
  lastMoved,
]
