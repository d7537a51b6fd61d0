import { i32, u8, u16 } from './column.ts'
import { defineFact } from './table.ts'

export const transactions = defineFact({
  name: 'transactions',
  about: 'Sale lines; the lines of one visit share store and timestamp',
  columns: {
    transaction_id: {
      kind: 'rowId',
      letter: 'T',
      key: true,
      cells: [],
      about: 'T, UTC day, store number, consecutive number within that store and day: T240131-0412-000123',
    },
    product_id: {
      kind: 'member',
      references: 'product',
      cells: [u16('product')],
      cluster: true,
      about: 'the product sold',
    },
    timestamp: {
      kind: 'instant',
      partition: 'day',
      cells: [i32('second')],
      about: 'time of the sale, UTC, whole seconds',
    },
    quantity: {
      kind: 'whole',
      least: 0,
      most: 255,
      usual: [0, 255],
      cells: [u8('quantity')],
      about: 'units sold, at least 1',
    },
    unit_price: {
      kind: 'money',
      list: 'prices',
      cells: [u16('price')],
      about: 'price paid for one unit, USD, after promotions',
    },
    store_id: { kind: 'spanMember', references: 'store', cells: [], about: 'the store that sold it' },
    basket_id: {
      kind: 'siblingId',
      letter: 'B',
      extended: true,
      cells: [i32('basket', true)],
      about: 'the visit: B, UTC day, store number, number of its first line',
    },
    customer_id: {
      kind: 'optionalMember',
      references: 'customer',
      optional: true,
      extended: true,
      cells: [i32('customer', true)],
      about: 'who bought it; empty for a visit without a customer card',
    },
  },
})
