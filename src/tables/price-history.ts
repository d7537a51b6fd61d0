import { defineDimension } from './table.ts'

export const priceHistory = defineDimension({
  name: 'price_history',
  about: 'Regular prices over time, one row per price of a product; promotions are below them',
  letter: 'R',
  digits: 7,
  extended: true,
  columns: {
    price_id: { type: 'string', key: true, about: 'R and the number of the row: R0004711' },
    product_id: { type: 'string', about: 'the product' },
    valid_from: { type: 'timestamp', about: 'midnight, in local time of each store, from which the price holds' },
    valid_to: {
      type: 'timestamp',
      about: 'midnight, in local time of each store, until which it holds; 2100-01-01: no end is known',
    },
    price: { type: 'money', about: 'regular price of one unit, USD' },
  },
})
