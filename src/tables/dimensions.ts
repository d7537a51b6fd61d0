import { customer } from './customer.ts'
import { priceHistory } from './price-history.ts'
import { product } from './product.ts'
import { store } from './store.ts'

export const dimensions = [product, store, customer, priceHistory] as const
export type DimensionName = (typeof dimensions)[number]['name']
