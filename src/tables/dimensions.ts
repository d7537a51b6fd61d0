import { customer } from './customer.ts'
import { product } from './product.ts'
import { store } from './store.ts'

export const dimensions = [product, store, customer] as const
export type DimensionName = (typeof dimensions)[number]['name']
