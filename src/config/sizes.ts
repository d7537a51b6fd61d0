import type { Day } from '../time.ts'
import type { SettingPath } from './settings.ts'

export interface Size {
  about: string
  values: Record<Extract<SettingPath, `world.${'stores' | 'products' | 'lines_per_store_day'}`>, number>
}

const size = (about: string, stores: number, products: number, lines: number): Size => ({
  about,
  values: { 'world.stores': stores, 'world.products': products, 'world.lines_per_store_day': lines },
})

/** What `init` offers instead of three numbers. */
export const sizes = {
  tiny: size('to try things', 10, 200, 100),
  default: size('a national chain', 1000, 2000, 100),
  large: size('to load-test with', 2000, 5000, 500),
} as const

export type SizeName = keyof typeof sizes
export const sizeNames = Object.keys(sizes) as SizeName[]

export interface Estimate {
  lines: number
  movements: number
  sizeBytes: number
  backfillSeconds: number
}

// Measured at the default size on two cores: 8.5 million lines, 10.1 million movements, 299 MB, 4 to 7 million rows a second.
const MOVEMENTS_PER_LINE = 1.18
const BYTES_PER_ROW = 16
const ROWS_PER_SECOND = 5_000_000

/** What so many stores over a period will come to; for people who choose, not for planning. */
export function estimate(stores: number, linesPerStoreDay: number, from: Day, to: Day): Estimate {
  const lines = stores * linesPerStoreDay * (to - from + 1)
  const movements = Math.round(lines * MOVEMENTS_PER_LINE)
  const rows = lines + movements
  return { lines, movements, sizeBytes: rows * BYTES_PER_ROW, backfillSeconds: Math.max(1, rows / ROWS_PER_SECOND) }
}
