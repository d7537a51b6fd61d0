import { exp } from '../random/math.ts'
import { civilOf, type Day } from '../time.ts'
import * as c from './calibration.ts'
import { COLDNESS } from './cities.ts'
import type { Products } from './products.ts'
import { CURVES } from './types/curves.ts'
import { FIRST_TYPE, TYPES } from './types/product-types.ts'

export const mondayOf = (week: number): Day => week * 7 - 3

/** The months of a week's seven days: one or two, with the share of the days. */
function monthsOf(week: number): { month: number; share: number }[] {
  const first = civilOf(mondayOf(week))
  const last = civilOf(mondayOf(week) + 6)
  if (first.month === last.month) return [{ month: first.month - 1, share: 1 }]
  return [
    { month: first.month - 1, share: (7 - last.day) / 7 },
    { month: last.month - 1, share: last.day / 7 },
  ]
}

/** Revenue of each type in a selection of products, when each sells as its appeal says. */
export function revenueOfTypes(products: Products, chosen: ArrayLike<number>, appeal: ArrayLike<number>): Float64Array {
  const revenue = new Float64Array(TYPES.length)
  for (let i = 0; i < chosen.length; i++) revenue[products.type[chosen[i]]] += appeal[i] * products.baseCents[chosen[i]]
  return revenue
}

const MONTHS = 12
const shapes: Float64Array[] = []

/** Curve × climate of each type and month, not yet scaled: [type × 12 + month]. Kept, because every week reads it. */
function shapeOf(climate: number): Float64Array {
  return (shapes[climate] ??= Float64Array.from({ length: TYPES.length * MONTHS }, (_, i) => {
    const { curve, climate: loading } = TYPES[Math.floor(i / MONTHS)]
    const month = i % MONTHS
    return CURVES[curve][month] * exp(loading * c.CLIMATE_EFFECT * COLDNESS[climate] * c.CLIMATE_BY_MONTH[month])
  }))
}

/**
 * Demand of each type in a week, relative to the year's: its own curve and the climate of the place, scaled so that each
 * category as a whole, weighted by `revenue`, sells exactly what its Census curve says. So a cold winter sells coats
 * instead of dresses, and no more clothing.
 */
export function seasonsOf(revenue: Float64Array, climate: number, week: number): Float64Array {
  const months = monthsOf(week)
  const shape = shapeOf(climate)
  const seasons = new Float64Array(TYPES.length)
  for (const { month, share } of months)
    for (let t = 0; t < seasons.length; t++) seasons[t] += share * shape[t * MONTHS + month]
  for (let category = 0; category < c.CATEGORIES.length; category++) {
    let [plain, shifted] = [0, 0]
    for (let t = FIRST_TYPE[category]; t < FIRST_TYPE[category + 1]; t++) {
      plain += revenue[t]
      shifted += revenue[t] * seasons[t]
    }
    if (plain === 0) continue
    const scale = (seasonOfCategory(category, months) * plain) / shifted
    for (let t = FIRST_TYPE[category]; t < FIRST_TYPE[category + 1]; t++) seasons[t] *= scale
  }
  return seasons
}

const seasonOfCategory = (category: number, months: ReturnType<typeof monthsOf>): number =>
  months.reduce((sum, { month, share }) => sum + share * c.SEASON[category][month], 0)
