import type { Filters } from './filters.ts'

/** What the panels say, as plain values: money in cents, months `YYYY-MM`, days `YYYY-MM-DD`, shares 0 to 1. */
export interface PanelData {
  kpi: KpiData
  change: ChangeData
  states: StatesData
  heatmap: HeatmapData
  daily: DailyData
  top: TopData
  stock: StockData
}
export type PanelName = keyof PanelData

export interface Sales {
  revenueCents: number
  units: number
  lines: number
}

export interface KpiData {
  total: Sales
  /** undefined: nothing to compare with, or not asked for */
  compared: { now: Sales; before: Sales; nowText: string; beforeText: string } | undefined
  /** by month, or by day when the period is one month */
  trend: ({ at: string } & Sales)[]
}

/** Units sold in a month and in the calendar month before, by location. */
export interface ChangeData {
  nowText: string
  beforeText: string | undefined
  rows: { location: string; units: number; before: number | undefined; change: number | undefined }[]
}

export interface StatesData {
  rows: { state: string; revenueCents: number; lines: number; averageCents: number }[]
}

export interface HeatmapData {
  months: string[]
  by: 'locations' | 'states'
  /** rows there are; the first twenty by revenue are told */
  all: number
  /** `revenueCents[i]` belongs to `months[i]`; null: no sale */
  rows: { name: string; totalCents: number; revenueCents: (number | null)[] }[]
}

/** Change of a day's revenue to the day before, for the locations with most revenue. */
export interface DailyData {
  days: string[]
  series: { name: string; revenueCents: (number | null)[]; change: (number | null)[] }[]
}

export interface TopData {
  categories: {
    category: string
    revenueCents: number
    top: { location: string; revenueCents: number; share: number }[]
  }[]
}

export interface StockLevel {
  onHand: number
  /** products carried, store by store */
  places: number
  outOfStock: number
}

export interface StockData {
  categories: ({ category: string } & StockLevel)[]
  /** the twenty places with the highest share out of stock */
  worst: ({ location: string; category: string } & StockLevel)[]
  total: StockLevel
}

/** What happened, why, the command that mends it. */
export interface Trouble {
  message: string
  why?: string
  hint?: string
}

/** What the page knows besides its panels. */
export interface PageHead {
  filters: Filters
  /** `March 2024` */
  period: string
  /** the latest instant in the marts, whole seconds, UTC */
  dataTo: string | undefined
  source: string
  /** what can be chosen: years, months `YYYY-MM` with sales, locations and their states */
  years: number[]
  months: string[]
  locations: string[]
  /** changes when the data does */
  version: string
  /** no sales in the period, and what to do about it */
  empty: Trouble | undefined
}

export type PanelAnswer<N extends PanelName = PanelName> = {
  [K in N]: { panel: K; data: PanelData[K]; bytesBilled?: number } | { panel: K; trouble: Trouble }
}[N]

/** A line of `/api/panels`: the head first, then the panels as they become ready. */
export type PageLine = { head: PageHead } | { trouble: Trouble } | PanelAnswer

/** What a page brings along of what it will show. */
export interface ToldPage {
  /** filters, and in a saved page its look */
  search: string
  lines: PageLine[]
  /** it stands alone: there is nobody to ask */
  saved: boolean
}
