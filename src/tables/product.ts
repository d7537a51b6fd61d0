import { defineDimension } from './table.ts'

export const product = defineDimension({
  name: 'product',
  about: 'Products that the retailer sells, one row per product',
  letter: 'P',
  digits: 5,
  columns: {
    product_id: { type: 'string', key: true, about: 'P and the product number: P00817' },
    name: { type: 'string', about: 'display name' },
    category: { type: 'string', about: 'one of five: Electronics, Clothing, Home, Books, Sports' },
    base_price: {
      type: 'money',
      about: 'first regular price of one unit, USD; promotions are below, later prices step',
    },
    supplier_id: { type: 'string', about: 'SUP and the supplier number; a few suppliers supply most products' },
  },
})
