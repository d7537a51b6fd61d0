import type { TableName } from './derived.ts'
import type { Sample } from './sample.ts'

export type Section = 'Time' | 'Stores' | 'Products' | 'Baskets and prices' | 'Stock and forecasts'

/**
 * How far to trust a range: read at a published source; measured from open data; recalled, not read again; our opinion;
 * or a rule of arithmetic, which holds exactly.
 */
export type Sure = 'published' | 'measured' | 'recalled' | 'opinion' | 'arithmetic'

/** One number of an item, and its range; a bound of null is open. */
export interface Measure {
  name: string
  low: number | null
  high: number | null
}

/** A count that the query returns beside the measures: with fewer than `least`, chance alone would decide the verdict. */
export interface Support {
  column: string
  least: number
  /** What is counted, in the plural: `promotions`. */
  of: string
}

/**
 * A statistic that distinguishes a shop from random data. Its query returns one row with a column per measure, a column
 * per support, and, for a measure whose chance error is known, a column `<measure> error`: one standard error.
 */
export interface Item {
  /** Its number in the reference; from 101 on, what the reference lacks and the scorecard had before. */
  id: number
  section: Section
  about: string
  /** What exactly is computed, so that anybody can compute the same figure. */
  definition: string
  source: string
  sure: Sure
  measures: readonly Measure[]
  /** Why this sample is too short or too small to judge the item; undefined: it can be judged. */
  cannot?: (sample: Sample) => string | undefined
  support?: readonly Support[]
  /** The derived tables that the query reads. */
  tables?: readonly TableName[]
  /** Absent if no query can judge it; `cannot` then says so. */
  sql?: (sample: Sample) => string
}

export const between = (name: string, low: number, high: number): Measure => ({ name, low, high })
export const atLeast = (name: string, low: number): Measure => ({ name, low, high: null })
export const atMost = (name: string, high: number): Measure => ({ name, low: null, high })
export const exactly = (name: string, value: number): Measure => ({ name, low: value, high: value })

type Cannot = NonNullable<Item['cannot']>

export const needsDays = (days: number): Cannot => needs('days', days)
export const needsStores = (stores: number): Cannot => needs('stores', stores)
export const needsLines = (lines: number): Cannot => needs('lines', lines)

const needs =
  (what: 'days' | 'stores' | 'lines', least: number): Cannot =>
  (sample) =>
    sample[what] < least ? `needs ${least} ${what}, the sample has ${sample[what]}` : undefined

/** The first reason of several. */
export const firstOf =
  (...reasons: readonly Cannot[]): Cannot =>
  (sample) => {
    for (const reason of reasons) {
      const why = reason(sample)
      if (why) return why
    }
    return undefined
  }
