import { firstDayOf, monthOf } from '../time.ts'
import { CATEGORIES } from '../world/calibration.ts'
import type { World } from '../world/world.ts'
import { CITIES_MAX, monthlyStockValues } from './block-truth.ts'
import { addRow, noSums, type Sums } from './checksum.ts'

/** The stock of a block's stores by category at the end of each month, as rows of monthly_stock. */
export class MonthStock {
  /** By month since the first × cities + city. */
  readonly sums: Sums[]
  private readonly world: World
  private readonly lo: number
  /** By store of the block and category: changes and movements since the month began. */
  private readonly change: Float64Array
  private readonly movements: Float64Array

  constructor(world: World, { lo, hi }: { lo: number; hi: number }, months: number) {
    this.world = world
    this.lo = lo
    this.sums = Array.from({ length: months * CITIES_MAX }, noSums)
    this.change = new Float64Array((hi - lo) * CATEGORIES.length)
    this.movements = new Float64Array((hi - lo) * CATEGORIES.length)
  }

  add(store: number, product: number, change: number): void {
    const at = (store - this.lo) * CATEGORIES.length + this.world.products.category[product]
    this.change[at] += change
    this.movements[at]++
  }

  /** `onHand` and `lastMoved`, below zero for an item without a movement, by store of the block and product. */
  endMonth(month: number, onHand: Int32Array, lastMoved: Int32Array): void {
    const { count: products, category } = this.world.products
    const first = firstDayOf(monthOf(this.world.from) + month)
    for (let i = 0; i < this.change.length / CATEGORIES.length; i++) {
      const levels = CATEGORIES.map(() => [0, 0, 0])
      for (let product = 0; product < products; product++) {
        const at = i * products + product
        if (lastMoved[at] < 0) continue
        const level = levels[category[product]]
        level[0]++
        level[1] += onHand[at]
        if (onHand[at] <= 0) level[2]++
      }
      const store = this.lo + i
      const sums = this.sums[month * CITIES_MAX + this.world.stores.city[store]]
      levels.forEach((level, c) => {
        const at = i * CATEGORIES.length + c
        const flow = [this.change[at], this.movements[at]]
        if (level[0] > 0) addRow(sums, monthlyStockValues(first, store, c, [...level, ...flow]))
      })
    }
    this.change.fill(0)
    this.movements.fill(0)
  }
}
