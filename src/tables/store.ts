import { defineDimension } from './table.ts'

export const store = defineDimension({
  name: 'store',
  about: 'Stores of the retailer, one row per store',
  letter: 'S',
  digits: 4,
  columns: {
    store_id: { type: 'string', key: true, about: 'S and the store number: S0412' },
    location: { type: 'string', about: 'City, ST' },
    size: { type: 'int', about: 'sales area in square feet' },
    manager: { type: 'string', about: 'full name of the store manager' },
  },
})
