import { beginBlock, simulateDays } from '../simulator/block.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { NOBODY } from '../simulator/visitors.ts'
import { endBefore } from '../simulator/within-second.ts'
import { byFact, type FactName, type FactRows, facts } from '../tables/index.ts'
import { type Day, monthOf, SECONDS_PER_DAY, type Second } from '../time.ts'
import type { Block } from '../world/blocks.ts'
import { CATEGORIES } from '../world/calibration.ts'
import type { World } from '../world/world.ts'
import {
  addTo,
  type BlockTruth,
  CITIES_MAX,
  dailySalesValues,
  levelKey,
  salesKey,
  stockValues,
  type TruthCut,
} from './block-truth.ts'
import { addRow, noSums } from './checksum.ts'
import { CustomerSums, cohortsOf } from './customer-sums.ts'
import { yymmdd } from './integers.ts'
import { MonthStock } from './month-stock.ts'
import { ProductSums } from './product-sums.ts'
import { type SumRows, sumRowsOf } from './sum-rows.ts'

/**
 * Simulates a block again and accounts for every row; undefined if `stop`, which it calls once per day, returns true.
 */
export function accountBlock(
  world: World,
  block: Block,
  cut: TruthCut,
  stop: () => boolean = () => false,
): BlockTruth | undefined {
  const end = Math.max(cut.raw, cut.marts ?? 0)
  const days = Math.ceil(end / SECONDS_PER_DAY) - world.from
  const account = new BlockAccount(world, block, cut, days)
  const cursor = beginBlock(world, block)
  const batch = new ColumnBatch(world.schema === 'extended', 1 << 14)
  for (let day = world.from; day < world.from + days; day++) {
    if (stop()) return undefined
    simulateDays(world, cursor, day + 1, batch)
    account.add(batch)
    account.endDay(day)
    batch.clear()
  }
  return account.finish()
}

/** The rows [from, end) of a fact for a store and day before a cut, in time order. */
interface SpanOfFact {
  from: number
  end: number
  /** Number of the first row. */
  first: number
  store: number
  day: Day
  midnight: Second
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
  private readonly lastDay: Day
  private readonly productSums: ProductSums
  private readonly monthStock: MonthStock
  /** Undefined in a strict world. */
  private readonly customerSums: CustomerSums | undefined
  private readonly sumRows: readonly SumRows[]
  /** The sums of a span by category; a new array per span would be garbage. */
  private readonly byCategory = {
    cents: new Float64Array(CATEGORIES.length),
    units: new Float64Array(CATEGORIES.length),
    lines: new Float64Array(CATEGORIES.length),
  }
  /** What the facts that marts read add to them. */
  private readonly marts: Partial<Record<FactName, (batch: ColumnBatch, span: SpanOfFact) => void>> = {
    transactions: ({ facts }, span) => this.addLines(facts.transactions.rows, span),
    inventories: ({ facts }, span) => this.addMovements(facts.inventories.rows, span),
  }

  constructor(world: World, block: Block, cut: TruthCut, days: number) {
    this.world = world
    this.block = block
    this.cut = cut
    this.sumRows = facts.map(({ name }) => sumRowsOf(world, name))
    const perDay = () => Array.from({ length: days }, noSums)
    const zeros = (n: number) => new Array<number>(n).fill(0)
    this.firstMonth = monthOf(world.from)
    const months = days > 0 ? monthOf(world.from + days - 1) - this.firstMonth + 1 : 0
    this.productSums = new ProductSums(months, world.products)
    this.monthStock = new MonthStock(world, block, months)
    this.lastDay = world.from + days - 1
    if (world.schema === 'extended') this.customerSums = new CustomerSums(months, cohortsOf(world))
    this.truth = {
      facts: byFact(perDay),
      dailySales: perDay(),
      revenueCents: zeros(days),
      units: zeros(days),
      soldLines: zeros(days),
      stockMarts: noSums(),
      stockRaw: noSums(),
      monthlyChange: zeros(months * CITIES_MAX),
      monthlyMovements: zeros(months * CITIES_MAX),
      monthlySales: new Map(),
      productSales: { a: this.productSums.a, b: this.productSums.b },
      monthlyStock: this.monthStock.sums,
      customerMonths: this.customerSums?.sums ?? [],
      stockLevels: new Map(),
      ledgerErrors: 0,
    }
    const positions = (block.hi - block.lo) * world.products.count
    this.onHand = new Int32Array(positions)
    this.onHandMarts = new Int32Array(positions)
    this.lastMoved = new Int32Array(positions).fill(-1)
    this.lastMovedMarts = new Int32Array(positions).fill(-1)
  }

  add(batch: ColumnBatch): void {
    for (let fact = 0; fact < facts.length; fact++) this.addFact(batch, fact)
  }

  private addFact(batch: ColumnBatch, fact: number): void {
    const { world, cut, truth } = this
    const { name } = facts[fact]
    const { spans } = batch
    const { rows, length, first } = batch.facts[name]
    const [sumRows, addToMarts] = [this.sumRows[fact], this.marts[name]]
    const stores = world.stores.count
    for (let span = 0, from = 0; span < spans.n; from += length[span++]) {
      const [store, day] = [spans.store[span], spans.day[span]]
      const midnight = day * SECONDS_PER_DAY
      const end = endBefore(rows.second, { stores, fact, from, end: from + length[span], store, midnight }, cut.raw)
      if (end === from) continue
      const sums = truth.facts[name][day - world.from]
      sumRows(rows, from, end, first[span], yymmdd(day), store + 1, midnight, sums)
      addToMarts?.(batch, { from, end, first: first[span], store, day, midnight })
    }
  }

  private addLines(lines: FactRows<'transactions'>, { from, end, first, store, day, midnight }: SpanOfFact): void {
    const { world, cut, truth } = this
    const { prices, category } = world.products
    const { cents, units, lines: count } = this.byCategory
    for (const sums of [cents, units, count]) sums.fill(0)
    let [revenue, sold, taken] = [0, 0, 0]
    const model = cut.model ?? cut.raw
    const marts = cut.marts ?? Number.NEGATIVE_INFINITY
    const month = monthOf(day) - this.firstMonth
    const place = month * CITIES_MAX + world.stores.city[store]
    const { second: seconds, product: products, quantity: quantities, price: codes } = lines
    const { customer: customers, basket: baskets } = lines
    for (let i = from; i < end; i++) {
      const second = midnight + seconds[i]
      const quantity = quantities[i]
      const amount = quantity * prices[codes[i]]
      if (second < model) {
        revenue += amount
        sold += quantity
        taken++
      }
      if (second < marts) {
        const c = category[products[i]]
        cents[c] += amount
        units[c] += quantity
        count[c]++
        this.productSums.add(place, products[i], amount, quantity)
        if (this.customerSums && customers[i] !== NOBODY)
          this.customerSums.add(month, customers[i] - 1, amount, quantity, baskets[i] === first + i - from ? 1 : 0)
      }
    }
    for (let c = 0; c < CATEGORIES.length; c++) {
      if (count[c] === 0) continue
      addRow(truth.dailySales[day - world.from], dailySalesValues(day, store, c, cents[c], units[c], count[c]))
      addTo(truth.monthlySales, salesKey(month, world.stores.city[store], c), [cents[c], units[c], count[c]])
    }
    truth.revenueCents[day - world.from] += revenue
    truth.units[day - world.from] += sold
    truth.soldLines[day - world.from] += taken
  }

  private addMovements(movements: FactRows<'inventories'>, { from, end, store, day, midnight }: SpanOfFact): void {
    const { world, cut, truth, onHand, lastMoved } = this
    const month = (monthOf(day) - this.firstMonth) * CITIES_MAX + world.stores.city[store]
    const base = (store - this.block.lo) * world.products.count
    const marts = cut.marts ?? Number.NEGATIVE_INFINITY
    const { second: seconds, product: products, change: changes } = movements
    for (let i = from; i < end; i++) {
      const second = midnight + seconds[i]
      const change = changes[i]
      const at = base + products[i]
      onHand[at] += change
      lastMoved[at] = second - world.from * SECONDS_PER_DAY
      if (onHand[at] < 0) truth.ledgerErrors++
      if (second < marts) {
        this.onHandMarts[at] = onHand[at]
        this.lastMovedMarts[at] = lastMoved[at]
        truth.monthlyChange[month] += change
        truth.monthlyMovements[month]++
        this.monthStock.add(store, products[i], change)
      }
    }
  }

  endDay(day: Day): void {
    const month = monthOf(day)
    if (day === this.lastDay || monthOf(day + 1) !== month)
      this.monthStock.endMonth(month - this.firstMonth, this.onHandMarts, this.lastMovedMarts)
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
