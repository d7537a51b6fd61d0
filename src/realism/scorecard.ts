import { BASKETS } from './baskets.ts'
import type { Item } from './item.ts'
import { PRICES } from './prices.ts'
import { PRODUCTS } from './products.ts'
import { STOCK } from './stock.ts'
import { STORES } from './stores.ts'
import { TIME } from './time.ts'

/** 36 statistics of the reference, and 8 that it lacks, by section; docs/realism.md says what they rest on. */
export const SCORECARD: readonly Item[] = [...TIME, ...STORES, ...PRODUCTS, ...BASKETS, ...PRICES, ...STOCK]
