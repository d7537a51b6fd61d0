import type { Config } from '../config/schema.ts'
import { byFact, type FactName, type FileFormat, sumOfFacts, type WorldSchema } from '../tables/index.ts'
import { civilOf, type Day, monthOf, parseDay } from '../time.ts'
import { blockCount } from '../world/blocks.ts'
import { dayFactor, isHolidaySeason } from '../world/calendar.ts'
import * as c from '../world/calibration.ts'
import { countsOf, idWidthsOf } from '../world/counts.ts'
import { TIER_DEMAND } from '../world/stores.ts'
import { MEASURED, type Measured } from './measured-rates.ts'
import type { Period } from './period.ts'
import { type Breadth, parquetBytes, textRowBytes } from './widths.ts'

/** Everything that determines a world's row counts and sizes; the seed shifts a month by about five percent more. */
export interface Shape {
  stores: number
  products: number
  linesPerStoreDay: number
  schema: WorldSchema
  compression: Config['parquet']['compression']
  /** First day, whose opening stock is counted. */
  begins: Day
}

/** What of it determines row counts. */
type OfRows = Pick<Shape, 'stores' | 'products' | 'linesPerStoreDay' | 'begins'>

export interface Estimate {
  rows: Rows
  sizeBytes: number
  backfillSeconds: number
}

type Rows = Record<FactName, number>

export const shapeOf = ({ world, history, parquet }: Pick<Config, 'world' | 'history' | 'parquet'>): Shape => ({
  stores: world.stores,
  products: world.products,
  linesPerStoreDay: world.lines_per_store_day,
  schema: world.schema,
  compression: parquet.compression,
  begins: parseDay(history.from)!,
})

/**
 * Seconds of a command on the machine of the benchmarks: between two measured sizes, a straight line; beyond the
 * largest, at the speed between the last two, because start-up counts for nothing there.
 */
export function secondsFor(rows: number, measured: readonly Measured[]): number {
  const points = [{ rows: 0, seconds: 0 }, ...measured]
  const next = points.findIndex((point) => point.rows >= rows)
  const i = next === -1 ? points.length - 1 : Math.max(1, next)
  const [a, b] = [points[i - 1], points[i]]
  return Math.max(1, b.seconds + ((rows - b.rows) * (b.seconds - a.seconds)) / (b.rows - a.rows))
}

/** The totals of all stores over a period, as the parts of a lake. */
export function estimate(shape: Shape, period: Period): Estimate {
  const exact = estimateRows(shape, period)
  const rows = byFact((name) => Math.round(exact[name]))
  const files = blockCount(shape.stores, shape.linesPerStoreDay) * (monthOf(period.to) - monthOf(period.from) + 1)
  const storeDays = shape.stores * (period.to - period.from + 1)
  const sizeBytes = sumOfFacts(
    byFact((name) => estimateBytes(shape, name, 'parquet', { rows: rows[name], files, storeDays })),
  )
  return { rows, sizeBytes, backfillSeconds: secondsFor(sumOfFacts(rows), MEASURED.backfill) }
}

/** Rows of some of the stores in a period, not rounded, so that periods and stores add up. */
export function estimateRows(shape: OfRows, { from, to }: Period, stores = shape.stores): Rows {
  let [demand, returned] = [0, 0]
  for (let day = from; day <= to; day++) {
    const factor = dayFactor(day) * seasonOf(day)
    demand += factor
    returned += factor * (1 - Math.exp((shape.begins - day) / c.RETURN_MEAN_DAYS))
  }
  const lines = stores * shape.linesPerStoreDay
  const opening = from <= shape.begins ? stores * openingOf(shape) : 0
  return {
    transactions: lines * demand,
    inventories: lines * (demand * (1 + SHRINK + receiptsOf(shape)) + returned * RETURNS) + opening,
  }
}

/** Rows of a mean day of the year, long after the opening. */
export function rowsOfDay(shape: Pick<Shape, 'stores' | 'products' | 'linesPerStoreDay'>): Rows {
  const lines = shape.stores * shape.linesPerStoreDay * YEAR
  return { transactions: lines, inventories: lines * (1 + SHRINK + RETURNS + receiptsOf(shape)) }
}

/** Bytes of one table's rows, in files that hold this many store-days. */
export function estimateBytes(
  shape: Shape,
  table: FactName,
  format: FileFormat,
  { rows, files, storeDays }: { rows: number; files: number; storeDays: number },
): number {
  const breadth = breadthOf(shape)
  return Math.round(
    format === 'parquet'
      ? parquetBytes(table, shape.schema, shape.compression, breadth, { rows, files, storeDays })
      : rows * textRowBytes(table, shape.schema, format, breadth),
  )
}

/** The products that a block's stores carry together, as a multiple of one store's. */
const CARRIED_OF_A_BLOCK = 4

function breadthOf(shape: Shape): Breadth {
  const { stores, products, linesPerStoreDay, schema } = shape
  const world = { stores, products, lines_per_store_day: linesPerStoreDay, schema }
  const product = Math.min(products, CARRIED_OF_A_BLOCK * carriedOf(shape))
  return { ids: idWidthsOf(world), reach: { ...countsOf(world), product } }
}

// All constants below are [M] of this model: worlds of 8 to 1,000 stores, 50 to 5,000 products, 1 to 1,000 lines a day,
// five seeds, up to two years.

/** Actual lines per configured line: over the year, by season, and in the weeks of holiday promotions. */
const YEAR = 1.085
const ORDINARY = 1.065
const HOLIDAYS = 1.05
/** Movements per line, besides the line's own. */
const SHRINK = 0.018
const RETURNS = 0.07
/** Share of the carried products in the opening count: the others are not sold that week, or leave soon. */
const COUNTED = 0.7
/** Deliveries for products that the opening count finds low, per line. */
const FOUND_LOW = 1.3
/** Share of stores of each size. */
const TIERS = [0.314, 0.372, 0.314] as const
/** Units per order: a constant, plus those of a number of days. */
const ORDER = { units: 2, days: 94 } as const

/** Demand of a month's days, weighted by what the categories sell. */
function seasonOf(day: Day): number {
  const month = MONTHS[civilOf(day).month - 1]
  return isHolidaySeason(day) ? month * HOLIDAYS : month
}

/** Units of each category, relative. */
const UNITS = [0.2, 0.27, 0.27, 0.14, 0.12]
const ALL_UNITS = UNITS.reduce((sum, units) => sum + units, 0)
const MONTHS = c.SEASON[0].map(
  (_, month) => (ORDINARY * UNITS.reduce((sum, units, i) => sum + units * c.SEASON[i][month], 0)) / ALL_UNITS,
)

/** Products that a mean store carries. */
export const carriedOf = ({ products, linesPerStoreDay }: Pick<Shape, 'products' | 'linesPerStoreDay'>): number =>
  TIERS.reduce((sum, share, tier) => {
    const wanted = linesPerStoreDay * TIER_DEMAND[tier] * c.CARRIED_PER_DAILY_LINE
    return sum + share * Math.min(products, Math.max(c.CARRIED_MIN, wanted))
  }, 0)

/** The opening count, and the deliveries of products found low. */
const openingOf = (shape: OfRows): number => COUNTED * carriedOf(shape) * (1 + FOUND_LOW * receiptsOf(shape))

/** Deliveries per line: the more products share the demand, the smaller the orders. */
function receiptsOf(shape: Pick<Shape, 'products' | 'linesPerStoreDay'>): number {
  const unitsADay = (c.MEAN_QUANTITY * shape.linesPerStoreDay) / carriedOf(shape)
  return c.MEAN_QUANTITY / (ORDER.units + ORDER.days * unitsADay)
}
