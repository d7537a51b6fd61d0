import type { ErrorCode } from '../errors.ts'
import type { OwnPanel } from '../ports/own-panel.ts'
import type { Filters, Grain } from './filters.ts'

/**
 * The data of the panels as plain values: money in cents, months `YYYY-MM`, days `YYYY-MM-DD`, shares 0 to 1. With
 * `per=day`, money and counts are those of an average day.
 */
export interface PanelData {
  kpi: KpiData
  timeline: TimelineData
  places: PlacesData
  products: ProductsData
  change: ChangeData
  states: StatesData
  heatmap: HeatmapData
  daily: DailyData
  top: TopData
  stockouts: StockoutsData
  stock: StockData
}
export type PanelName = keyof PanelData

export interface Sales {
  revenueCents: number
  units: number
  lines: number
}

export interface KpiData {
  per: Filters['per']
  total: Sales
  /** Undefined: no comparison period, or comparison is off. */
  compared: { now: Sales; before: Sales; nowText: string; beforeText: string } | undefined
  /** By month, or by day if the period is one month. */
  trend: ({ at: string; partial: boolean } & Sales)[]
}

/** Revenue over time. Weeks start on Monday; a point at the edge of the period has fewer days. */
export interface TimelineData {
  per: Filters['per']
  by: Grain
  /** `to`: the last day. */
  points: ({ from: string; to: string; partial: boolean } & Sales)[]
}

export type PlaceLevel = 'state' | 'location' | 'store'

/** What the selected place consists of, by revenue. */
export interface PlacesData {
  per: Filters['per']
  level: PlaceLevel
  /** Number of rows in total. */
  all: number
  nowText: string | undefined
  beforeText: string | undefined
  /** `change`: of revenue, in the compared periods. */
  rows: ({ name: string; share: number; change: number | undefined } & Sales)[]
}

/** The hundred products with the highest revenue, in whole months. */
export interface ProductsData {
  per: Filters['per']
  /** These months: `March 2024` */
  period: string
  /** Number of products in total. */
  all: number
  nowText: string | undefined
  beforeText: string | undefined
  rows: {
    product: string
    name: string
    category: string
    revenueCents: number
    units: number
    share: number
    change: number | undefined
  }[]
}

/** Units sold in a month and in the calendar month before, by location. */
export interface ChangeData {
  per: Filters['per']
  nowText: string
  beforeText: string | undefined
  rows: { location: string; units: number; before: number | undefined; change: number | undefined }[]
}

export interface StatesData {
  rows: { state: string; revenueCents: number; lines: number; averageCents: number }[]
}

export interface HeatmapData {
  per: Filters['per']
  months: string[]
  /** The months of which the data has only a part. */
  partial: string[]
  by: 'locations' | 'states'
  /** Number of rows in total; this lists the first twenty by revenue. */
  all: number
  /** `revenueCents[i]` belongs to `months[i]`; null: no sale. */
  rows: { name: string; totalCents: number; revenueCents: (number | null)[] }[]
}

/** Change of daily revenue against the day before, for the locations with the highest revenue. */
export interface DailyData {
  days: string[]
  series: { name: string; revenueCents: (number | null)[]; change: (number | null)[] }[]
}

export interface TopData {
  per: Filters['per']
  categories: {
    category: string
    revenueCents: number
    top: { location: string; revenueCents: number; share: number }[]
  }[]
}

export interface StockLevel {
  onHand: number
  /** Stocked items: products carried, counted per store. */
  stockedItems: number
  outOfStock: number
}

/** Stock at the end of each month; of a month that is not over, at the end of the data. */
export interface StockoutsData {
  /** These months: `March 2024` */
  period: string
  points: ({ month: string; partial: boolean } & StockLevel)[]
}

export interface StockData {
  categories: ({ category: string } & StockLevel)[]
  /** The twenty locations and categories with the highest share out of stock. */
  worst: ({ location: string; category: string } & StockLevel)[]
  /** Of a chosen store, instead: the hundred products with the least stock, by id and name. */
  items: { product: string; name: string; category: string; onHand: number }[] | undefined
  /** Of a chosen product, instead: the hundred stores with the least stock of it. */
  stores: { store: string; location: string; onHand: number }[] | undefined
  total: StockLevel
}

/** A table of the user's project, as its `meta.dashboard` says. Numbers are plain: dollars, counts, shares. */
export interface OwnData {
  panel: OwnPanel
  columns: string[]
  rows: (string | number | null)[][]
  /** There are more rows than these. */
  more: boolean
}

/** An error: what failed, why, and the command that fixes it. */
export interface Trouble {
  /** The error's code, for a process that ends with its exit code. */
  code?: ErrorCode
  message: string
  why?: string
  hint?: string
}

/** What the page needs besides its panels. */
export interface PageHead {
  filters: Filters
  /** `March 2024` */
  period: string
  /** Months of the period of which the data has only a part: `April 2024`, `to 1 April, 00:28 UTC`. */
  partial: { month: string; part: string }[]
  /** The latest instant in the marts, in whole seconds, UTC. */
  dataTo: string | undefined
  source: string
  /** The choices: years, months `YYYY-MM` with sales, locations, and their states. */
  years: number[]
  /** The days that have data, `YYYY-MM-DD`. */
  days: { first: string; last: string }
  months: string[]
  locations: string[]
  categories: string[]
  /** The location of a chosen store. */
  storeLocation: string | undefined
  /** The name of a chosen product. */
  productName: string | undefined
  /** The panels of the user's project, by the names of their tables. */
  own: { name: string; title: string }[]
  /** Changes when the data does. */
  version: string
  /** The spelling of the commands that the page names. */
  commands: { stream: string; dashboard: string }
  /** No sales in the period, and what to do about it. */
  empty: Trouble | undefined
}

export type PanelAnswer<N extends PanelName = PanelName> = {
  [K in N]: { panel: K; data: PanelData[K]; bytesBilled?: number } | { panel: K; trouble: Trouble }
}[N]

/** The answer of a panel of the user's project. */
export type OwnAnswer =
  | { own: string; data: OwnData; bytesBilled?: number | undefined }
  | { own: string; trouble: Trouble }

/** A line of `/api/panels`: the head first, then the panels as they become ready. */
export type PageLine = { head: PageHead } | PanelAnswer | OwnAnswer | { trouble: Trouble }

/** The answers that a page contains. */
export interface CarriedPage {
  /** Filters and, in a saved page, the theme. */
  search: string
  lines: PageLine[]
  /** Self-contained: there is no server. */
  saved: boolean
}
