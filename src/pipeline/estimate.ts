import type { Config } from '../config/schema.ts'
import type { FactName, FileFormat, WorldSchema } from '../tables/index.ts'
import { civilOf, type Day, monthOf, parseDay } from '../time.ts'
import { blockCount } from '../world/blocks.ts'
import { dayFactor, isHolidaySeason } from '../world/calendar.ts'
import * as c from '../world/calibration.ts'
import { TIER_DEMAND } from '../world/stores.ts'
import type { Period } from './period.ts'

/** All that the number of a world's rows and their bytes depend on; its seed moves a month by some five percent more. */
export interface Shape {
  stores: number
  products: number
  linesPerStoreDay: number
  schema: WorldSchema
  compression: Config['parquet']['compression']
  /** first day, whose opening stock is counted */
  begins: Day
}

export interface Estimate {
  lines: number
  movements: number
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

/** [M] on two cores: 4 to 7 million rows a second, as Parquet. */
const ROWS_PER_SECOND = 5_000_000

/** What all stores over a period come to, as the parts of a lake. */
export function estimate(shape: Shape, period: Period): Estimate {
  const exact = estimateRows(shape, period)
  const rows = { transactions: Math.round(exact.transactions), inventories: Math.round(exact.inventories) }
  const files = blockCount(shape.stores, shape.linesPerStoreDay) * (monthOf(period.to) - monthOf(period.from) + 1)
  const storeDays = shape.stores * (period.to - period.from + 1)
  const sizeBytes =
    estimateBytes(shape, 'transactions', 'parquet', { rows: rows.transactions, files, storeDays }) +
    estimateBytes(shape, 'inventories', 'parquet', { rows: rows.inventories, files, storeDays })
  const seconds = (rows.transactions + rows.inventories) / ROWS_PER_SECOND
  return { lines: rows.transactions, movements: rows.inventories, sizeBytes, backfillSeconds: Math.max(1, seconds) }
}

/** Rows of so many of the stores in a period, not rounded: periods and stores add up. */
export function estimateRows(shape: Shape, { from, to }: Period, stores = shape.stores): Rows {
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

/** Bytes of rows of one table, shared by files that hold so many days of stores. */
export function estimateBytes(
  shape: Shape,
  table: FactName,
  format: FileFormat,
  { rows, files, storeDays }: { rows: number; files: number; storeDays: number },
): number {
  if (format !== 'parquet') return Math.round(rows * TEXT[format][shape.schema][table])
  const row = PARQUET[shape.compression]
  const extended = shape.schema === 'extended' ? row.extended[table] : 0
  const named = files * shape.products * (1 - Math.exp(-rows / Math.max(1, files) / shape.products))
  const bytes = row[table] + row.bit * Math.log2(shape.products) + extended
  return Math.round(rows * bytes + files * FILE + named * row.product + storeDays * row.storeDay)
}

// All below is [M] of this model: worlds of 8 to 1,000 stores, 50 to 5,000 products, 1 to 1,000 lines a day, five seeds, until two years.

/** Lines for each that the config names, over the year and by its seasons; and in the weeks of holiday promotions. */
const YEAR = 1.045
const ORDINARY = 1.022
const HOLIDAYS = 1.075
/** Movements of a line beside its own. */
const SHRINK = 0.018
const RETURNS = 0.07
/** Share of the carried products that are counted at the opening: the others are not sold that week, or leave soon. */
const COUNTED = 0.89
/** Deliveries of what the opening finds low, by those of a line. */
const FOUND_LOW = 1.3
/** Share of stores of each size. */
const TIERS = [0.314, 0.372, 0.314] as const
/** Units of an order: so many, and those of so many days. */
const ORDER = { units: 2, days: 94 } as const

/** Demand of a day's month, by what the categories sell. */
function seasonOf(day: Day): number {
  const month = MONTHS[civilOf(day).month - 1]
  return isHolidaySeason(day) ? month * HOLIDAYS : month
}

/** Units of a category are its revenue by its price, whose mean is that of a lognormal. */
const UNITS = c.REVENUE_SHARE.map((share, i) => share / (c.MEDIAN_PRICE[i] * Math.exp(c.PRICE_SPREAD[i] ** 2 / 2)))
const ALL_UNITS = UNITS.reduce((sum, units) => sum + units, 0)
const MONTHS = c.SEASON[0].map(
  (_, month) => (ORDINARY * UNITS.reduce((sum, units, i) => sum + units * c.SEASON[i][month], 0)) / ALL_UNITS,
)

/** Products that a mean store carries. */
const carriedOf = ({ products, linesPerStoreDay }: Pick<Shape, 'products' | 'linesPerStoreDay'>): number =>
  TIERS.reduce((sum, share, tier) => {
    const wanted = linesPerStoreDay * TIER_DEMAND[tier] * c.CARRIED_PER_DAILY_LINE
    return sum + share * Math.min(products, Math.max(c.CARRIED_MIN, wanted))
  }, 0)

/** What is counted, and the deliveries of what is found to be low. */
const openingOf = (shape: Shape): number => COUNTED * carriedOf(shape) * (1 + FOUND_LOW * receiptsOf(shape))

/** Deliveries of a line: the more products share the demand, the smaller the orders. */
function receiptsOf(shape: Pick<Shape, 'products' | 'linesPerStoreDay'>): number {
  const unitsADay = (c.MEAN_QUANTITY * shape.linesPerStoreDay) / carriedOf(shape)
  return c.MEAN_QUANTITY / (ORDER.units + ORDER.days * unitsADay)
}

/** Bytes of a row of text. */
const TEXT: Record<Exclude<FileFormat, 'parquet'>, Record<WorldSchema, Rows>> = {
  csv: { strict: { transactions: 61, inventories: 56 }, extended: { transactions: 81, inventories: 80 } },
  ndjson: { strict: { transactions: 149, inventories: 136 }, extended: { transactions: 183, inventories: 195 } },
}
/** Footer and page heads of a part. */
const FILE = 1100
/** Bytes of a row, and for each bit of the products' number; of each product in a part's dictionary; of a store's day. */
const PARQUET = {
  snappy: {
    transactions: 15.2,
    inventories: 14.4,
    bit: 0.11,
    product: 8,
    storeDay: 5,
    extended: { transactions: 23, inventories: 22.3 },
  },
  zstd: {
    transactions: 4.6,
    inventories: 3.7,
    bit: 0.12,
    product: 3,
    storeDay: 1,
    extended: { transactions: 1, inventories: 1.7 },
  },
} as const
