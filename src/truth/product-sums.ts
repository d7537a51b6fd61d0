import type { Dialect } from '../ports/index.ts'
import { CITIES_MAX } from './block-truth.ts'
import { reduce } from './checksum.ts'
import { categoryNumber } from './sql.ts'

/** Weights of products are below these, so that a weight × the cents of a line × the lines of a day stay exact. */
const PRIMES = [65_519, 65_521] as const
const [SQUARE, LINEAR] = [7919, 104_729]

/** What a line adds on each side: cents × the first, units × the second, and the third plus category × the fourth. */
const FACTORS = [
  [1, 131, 17, 29],
  [3, 977, 5, 37],
] as const

const weightsOf = (products: number, side: 0 | 1): Int32Array =>
  Int32Array.from({ length: products }, (_, i) => (((i + 1) * (i + 1) * SQUARE + (i + 1) * LINEAR) % PRIMES[side]) + 1)

/**
 * Checksums of monthly_product_sales by month and city. The stores of a city are in several blocks, so a block does not know any
 * of its rows as a whole: the sums are linear in them. Each product has a weight of its own, so what moved from one
 * product to another changes them.
 */
export class ProductSums {
  /** By `month × CITIES_MAX + city`, mod 2^31 − 1. */
  readonly a: number[]
  readonly b: number[]
  private readonly weights: readonly [Int32Array, Int32Array]
  private readonly category: ArrayLike<number>

  constructor(months: number, products: { count: number; category: ArrayLike<number> }) {
    this.a = new Array<number>(months * CITIES_MAX).fill(0)
    this.b = new Array<number>(months * CITIES_MAX).fill(0)
    this.weights = [weightsOf(products.count, 0), weightsOf(products.count, 1)]
    this.category = products.category
  }

  add(at: number, product: number, cents: number, units: number): void {
    const [[cents0, units0, line0, category0], [cents1, units1, line1, category1]] = FACTORS
    const category = this.category[product]
    const x = cents * cents0 + units * units0 + line0 + category * category0
    const y = cents * cents1 + units * units1 + line1 + category * category1
    this.a[at] = reduce(this.a[at] + this.weights[0][product] * x)
    this.b[at] = reduce(this.b[at] + this.weights[1][product] * y)
  }
}

/** The same sums of rows of marts.monthly_product_sales, not yet mod 2^31 − 1. */
export function productSumsColumns(categories: readonly string[], dialect: Dialect): { a: string; b: string } {
  const number = dialect.integer('substr(product_id, 2)')
  const column = (side: 0 | 1) => {
    const [cents, units, line, category] = FACTORS[side]
    const weight = `(mod(${number} * ${number} * ${SQUARE} + ${number} * ${LINEAR}, ${PRIMES[side]}) + 1)`
    return dialect.whole(
      `SUM(${weight} * (${dialect.whole('revenue * 100')} * ${cents} + units * ${units} + lines * (${line} + ${categoryNumber(categories)} * ${category})))`,
    )
  }
  return { a: column(0), b: column(1) }
}
