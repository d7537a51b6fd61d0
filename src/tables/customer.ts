import { defineDimension } from './table.ts'

export const customer = defineDimension({
  name: 'customer',
  about: 'People with a customer card, one row per card',
  letter: 'C',
  digits: 6,
  extended: true,
  columns: {
    customer_id: { type: 'string', key: true, about: 'C and the customer number: C004711' },
    name: { type: 'string', about: 'full name' },
    email: { type: 'string', about: 'an address under a domain that cannot exist (RFC 2606)' },
    city: { type: 'string', about: 'City, ST' },
    segment: { type: 'string', about: 'the household: Couple, Family, Senior, or Single' },
    joined: { type: 'timestamp', about: 'when the customer took the card, UTC; before the first purchase with it' },
    home_store_id: { type: 'string', about: 'the store that gave out the card, where most purchases are made' },
  },
})
