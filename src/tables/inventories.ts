import { i32, u8, u16 } from './column.ts'
import { defineFact } from './table.ts'

/** Kinds of movement, in alphabetical order, so that the lowest code has the first name; the column stores the code. */
export const MOVEMENT_TYPES = ['opening', 'receipt', 'return', 'sale', 'shrink'] as const
export const Movement = { opening: 0, receipt: 1, return: 2, sale: 3, shrink: 4 } as const

export const inventories = defineFact({
  name: 'inventories',
  about: 'Stock movements; opening + movements = on hand, never negative',
  columns: {
    inventory_id: {
      kind: 'rowId',
      letter: 'I',
      key: true,
      cells: [],
      about: 'I, UTC day, store number, consecutive number within that store and day: I240131-0412-000123',
    },
    product_id: {
      kind: 'member',
      references: 'product',
      cells: [u16('product')],
      cluster: true,
      about: 'the product that moved',
    },
    timestamp: {
      kind: 'instant',
      partition: 'day',
      cells: [i32('second')],
      about: 'time of the movement, UTC, whole seconds',
    },
    quantity_change: {
      kind: 'whole',
      least: -1_048_576,
      most: 1_048_575,
      usual: [-99, 999],
      cells: [i32('change')],
      about: 'units in (positive) or out (negative), never 0',
    },
    store_id: { kind: 'spanMember', references: 'store', cells: [], about: 'the store whose stock moved' },
    movement_type: {
      kind: 'choice',
      names: MOVEMENT_TYPES,
      extended: true,
      cells: [u8('type')],
      about: 'opening, receipt, sale, return, or shrink',
    },
    reference_id: {
      kind: 'cause',
      by: 'type',
      letters: ['C', 'D', 'T', 'T', 'C'],
      numbered: 'T',
      extended: true,
      cells: [i32('referenceDay', true), i32('referenceNumber', true)],
      about: 'the cause of the movement: the sale line, the order, or the returned sale line',
    },
  },
})
