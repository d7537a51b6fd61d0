import type { SettingPath } from './settings.ts'

export interface Size {
  about: string
  values: Record<Extract<SettingPath, `world.${'stores' | 'products' | 'lines_per_store_day'}`>, number>
}

const size = (about: string, stores: number, products: number, lines: number): Size => ({
  about,
  values: { 'world.stores': stores, 'world.products': products, 'world.lines_per_store_day': lines },
})

/** The presets that `init` offers instead of three numbers. */
export const sizes = {
  tiny: size('for a first try', 10, 200, 100),
  default: size('a national chain', 1000, 2000, 100),
  large: size('for load tests', 2000, 5000, 500),
} as const

export type SizeName = keyof typeof sizes
export const sizeNames = Object.keys(sizes) as SizeName[]
