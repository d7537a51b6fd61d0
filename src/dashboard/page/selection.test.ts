import { expect, test } from 'vitest'
import { filtersToSearch, parseFilters } from '../filters.ts'
import { clearedFilters, withFilters } from './selection.ts'

const filters = (search: string) => parseFilters(new URLSearchParams(search))

test.each([
  ['state=TX', { location: 'Austin, TX' }, 'location=Austin%2C+TX'],
  ['location=Austin%2C+TX', { state: 'GA' }, 'state=GA'],
  ['location=Austin%2C+TX&category=Books', { store: 'S0412' }, 'store=S0412&category=Books'],
  ['store=S0412', { location: 'Austin, TX' }, 'location=Austin%2C+TX'],
  ['store=S0412', { location: 'Austin, TX', product: 'P00817' }, 'location=Austin%2C+TX&product=P00817'],
  ['location=Austin%2C+TX&product=P00817', { store: 'S0412' }, 'store=S0412'],
  ['state=TX&product=P00817', { location: 'Austin, TX' }, 'location=Austin%2C+TX&product=P00817'],
  ['product=P00817&category=Books', { category: 'Home' }, 'category=Home'],
  ['store=S0412&per=day', { state: undefined }, 'per=day'],
  ['year=2024&month=2&state=TX', { from: '2024-02-10' }, 'from=2024-02-10&state=TX'],
  ['from=2024-02-10&to=2024-03-12', { month: 3 }, 'month=3'],
  ['from=2024-02-10&to=2024-03-12', { year: undefined }, ''],
  ['year=2024', { month: 2 }, 'year=2024&month=2'],
  ['year=2024&by=week', { by: undefined }, 'year=2024'],
])('%s, then %o', (before, change, after) => {
  expect(filtersToSearch(withFilters(filters(before), change))).toBe(after)
})

test('what is cleared is which data, not how it is shown', () => {
  const chosen = filters('year=2024&store=S0412&category=Books&compare=year&rows=states&by=week&per=day')
  expect(filtersToSearch(clearedFilters(chosen))).toBe('compare=year&rows=states&by=week&per=day')
  expect(clearedFilters(filters('year=2024'))).toEqual(filters(''))
})
