import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { RetailError } from '../errors.ts'
import { COMPARISONS, type Filters, filtersToSearch, GRAINS, PERS, parseFilters } from './filters.ts'

const anyFilters: fc.Arbitrary<Filters> = fc.record(
  {
    year: fc.integer({ min: 1000, max: 9999 }),
    month: fc.integer({ min: 1, max: 12 }),
    location: fc.constantFrom('Austin, TX', 'Winston-Salem, NC', "Coeur d'Alene, ID", 'St. Louis, MO'),
    compare: fc.constantFrom(...COMPARISONS),
    rows: fc.constantFrom('locations' as const, 'states' as const),
    by: fc.constantFrom(...GRAINS),
    per: fc.constantFrom(...PERS),
  },
  { requiredKeys: ['compare', 'rows', 'per'] },
)

test('filters come back from an address', () => {
  fc.assert(
    fc.property(anyFilters, (filters) => {
      expect(parseFilters(new URLSearchParams(filtersToSearch(filters)))).toEqual(filters)
    }),
  )
})

test('a range of days comes back from an address, and excludes a year and a month', () => {
  const filters = parseFilters(new URLSearchParams('from=2024-02-10&to=2024-03-01&year=2024&month=2'))
  expect(filters).not.toHaveProperty('year')
  expect(filters).not.toHaveProperty('month')
  expect(filtersToSearch(filters)).toBe('from=2024-02-10&to=2024-03-01')
})

test('nothing chosen is the shortest address', () => {
  expect(filtersToSearch(parseFilters(new URLSearchParams('')))).toBe('')
})

test('a store overrides a location and a state', () => {
  expect(filtersToSearch(parseFilters(new URLSearchParams('state=TX&location=Austin, TX&store=S0001')))).toBe(
    'store=S0001',
  )
})

test('a product overrides a store', () => {
  expect(filtersToSearch(parseFilters(new URLSearchParams('state=TX&store=S0001&product=P00817')))).toBe(
    'state=TX&product=P00817',
  )
})

test('a location overrides a state', () => {
  expect(parseFilters(new URLSearchParams('state=TX&location=Austin, TX'))).not.toHaveProperty('state')
})

test.each([
  ...[
    'year=24',
    'year=0000',
    'year=2024.5',
    'year=-2024',
    'year=2024%20or%201=1',
    'month=0',
    'month=13',
    'month=x',
    'month=',
  ],
  ...[
    "state=TX' or '1'='1",
    'state=tx',
    'state=TEX',
    'location=',
    'location=<script>alert(1)</script>',
    "location='; DROP TABLE x; --",
  ],
  ...[
    'location=a"b',
    'location=%00',
    `location=${'a'.repeat(81)}`,
    'location=$(id)',
    'location=a\nb',
    'compare=all',
    'rows=stores',
    'per=hour',
    'store=0412',
    "store=S1' OR '1'='1",
    "category=Books' --",
    'product=817',
    "product=P1' OR '1'='1",
    'category=',
    'category=<b>',
    'by=year',
    'from=2024-02-30',
    'to=yesterday',
    'from=2024-03-01&to=2024-02-01',
  ],
  ...[
    'sql=select 1',
    'table=raw.transactions',
    'panel=kpi',
    '__proto__=1',
    'constructor=1',
    'toString=1',
    'year=2024&year=2025',
  ],
])('%s is refused', (search) => {
  expect(() => parseFilters(new URLSearchParams(search))).toThrow(RetailError)
})
