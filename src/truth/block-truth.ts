import type { FactName } from '../tables/index.ts'
import { type Day, SECONDS_PER_DAY, type Second } from '../time.ts'
import { CATEGORIES } from '../world/calibration.ts'
import type { Sums } from './checksum.ts'
import { yymmdd } from './integers.ts'

/** Rows before `raw` are in raw, rows before `marts` in the marts. */
export interface TruthCut {
  raw: Second
  /** The instant of the line-level model, if it is not as fresh as raw. */
  model?: Second
  /** Undefined: there are no marts. */
  marts: Second | undefined
}

/** The day after the last one that it reaches. */
export const endOf = ({ raw, marts = 0 }: TruthCut): Day => Math.ceil(Math.max(raw, marts) / SECONDS_PER_DAY)

/**
 * The expected content of the warehouse for one block, by UTC day (index = day − world.from). Plain numbers, because it
 * crosses threads.
 */
export interface BlockTruth {
  facts: Record<FactName, Sums[]>
  /** Rows of daily_sales at the marts' cut. */
  dailySales: Sums[]
  /** Of the lines at raw's cut. */
  revenueCents: number[]
  units: number[]
  soldLines: number[]
  /** Rows of stock_on_hand at the marts' cut, and of the same sums over raw at raw's cut. */
  stockMarts: Sums
  stockRaw: Sums
  /** [month since the first × cities + city]: quantity change, movements. */
  monthlyChange: number[]
  monthlyMovements: number[]
  /** At the marts' cut, by `salesKey`: cents, units, lines. */
  monthlySales: Map<number, number[]>
  /** At the marts' cut, by month × cities + city: see `ProductSums`. */
  productSales: { a: number[]; b: number[] }
  /** Rows of monthly_stock at the marts' cut, by month since the first × cities + city. Months without movements have rows, too. */
  monthlyStock: Sums[]
  /** At the marts' cut, by month: see `CustomerSums`; empty in a strict world. */
  customerMonths: number[][]
  /** At the marts' cut, by `levelKey`: stocked items, units on hand, stocked items out of stock. */
  stockLevels: Map<number, number[]>
  /** Balances below zero, and closing balances that differ from the simulator's own; must be 0. */
  ledgerErrors: number
}

/** Maximum number of cities in `monthlyChange`. */
export const CITIES_MAX = 256

/** Key of a city and category. */
export const levelKey = (city: number, category: number): number => city * CATEGORIES.length + category
/** Key of a month since the first, a city, and a category. */
export const salesKey = (month: number, city: number, category: number): number =>
  levelKey(month * CITIES_MAX + city, category)

/** Adds numbers to those of a key. */
export function addTo(sums: Map<number, number[]>, key: number, values: readonly number[]): void {
  const sum = sums.get(key)
  if (sum) for (let i = 0; i < values.length; i++) sum[i] += values[i]
  else sums.set(key, [...values])
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

/** Added to a change, so that it is not negative. */
export const MOST_CHANGE = 1_000_000_000

/** The integers of a row of monthly_stock; `monthlyStockColumns` has the same order. `month`: its first day. */
export const monthlyStockValues = (
  month: Day,
  store: number,
  category: number,
  [items, onHand, out, change, movements]: readonly number[],
): number[] => [yymmdd(month), store + 1, category, items, onHand, out, change + MOST_CHANGE, movements]

/** The integers of a row of stock_on_hand. */
export const stockValues = (store: number, product: number, onHand: number, lastMoved: Second): number[] => [
  store + 1,
  product + 1,
  onHand,
  lastMoved,
]
