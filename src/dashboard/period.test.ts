import { expect, test } from 'vitest'
import { parseDay, parseSecond } from '../time.ts'
import { compare, compareMonth } from './comparison.ts'
import { daysInPeriod, partialMonths } from './coverage.ts'
import { parseFilters } from './filters.ts'
import { daysText, type Extent, periodOf, periodText } from './period.ts'

const extent = (first: string, dataTo: string): Extent => ({
  first: parseDay(first) ?? 0,
  dataTo: parseSecond(dataTo) ?? 0,
})
const quarter = extent('2024-01-01', '2024-04-01T00:16:32Z')
const years = extent('2022-01-01', '2024-03-13T12:00:00Z')
const filters = (search: string) => parseFilters(new URLSearchParams(search))

test.each([
  ['', quarter, 'January 2024 to April 2024', '2024-01-01 to 2024-04-01'],
  ['year=2024&month=2', quarter, 'February 2024', 'February 2024'],
  ['year=2023', years, '2023', '2023'],
  ['month=3', years, 'every March', '2022-01-01 to 2024-03-13'],
  ['from=2024-02-10&to=2024-02-12', quarter, '10–12 February 2024', '10–12 February 2024'],
  ['from=2024-02-10&to=2024-03-12', quarter, '2024-02-10 to 2024-03-12', '2024-02-10 to 2024-03-12'],
  ['from=2024-02-01&to=2024-03-31', quarter, 'February 2024 to March 2024', 'February 2024 to March 2024'],
  ['from=2024-02-01', quarter, 'February 2024 to April 2024', 'February 2024 to April 2024'],
  ['to=2024-01-05', quarter, '1–5 January 2024', '1–5 January 2024'],
] as const)('%s is a range of the calendar', (search, data, text, days) => {
  expect(periodText(filters(search), data)).toBe(text)
  expect(daysText(periodOf(filters(search), data))).toBe(days)
})

test.each([
  ['the last whole month, not the minutes of the one that began', '', quarter, ['March 2024', 'February 2024']],
  [
    'a month with the calendar month before, however long',
    'year=2024&month=2',
    quarter,
    ['February 2024', 'January 2024'],
  ],
  ['January with December', 'year=2023&month=1', years, ['January 2023', 'December 2022']],
  ['the first month with nothing', 'year=2024&month=1', quarter, undefined],
  ['a month without a whole day with nothing', 'year=2024&month=4', quarter, undefined],
  ['a month that is going on, day for day', 'year=2024&month=3', years, ['1–12 March 2024', '1–12 February 2024']],
  ['a year with the year before', 'year=2023', years, ['2023', '2022']],
  [
    'a year that is going on, day for day',
    'year=2024',
    years,
    ['2024-01-01 to 2024-03-12', '2023-01-01 to 2023-03-12'],
  ],
  ['the same month a year before', 'year=2023&month=5&compare=year', years, ['May 2023', 'May 2022']],
  [
    'days with as many days before them',
    'from=2024-03-01&to=2024-03-10',
    quarter,
    ['1–10 March 2024', '20–29 February 2024'],
  ],
  [
    'days with the same dates a year before',
    'from=2024-02-20&to=2024-02-29&compare=year',
    years,
    ['20–29 February 2024', '20–28 February 2023'],
  ],
  [
    'whole months with as many before them',
    'from=2023-03-01&to=2023-04-30',
    years,
    ['March 2023 to April 2023', 'January 2023 to February 2023'],
  ],
  ['the first days with nothing', 'from=2024-01-01&to=2024-01-03', quarter, undefined],
  ['nothing when it is switched off', 'year=2023&compare=off', years, undefined],
  [
    'every March: the last one that is over with the month before it',
    'month=3',
    years,
    ['March 2023', 'February 2023'],
  ],
] as const)('compares %s', (_what, search, data, expected) => {
  const found = compare(filters(search), data)
  expect(found && [found.nowText, found.beforeText]).toEqual(expected)
})

test('31 March so far goes no further than February does', () => {
  const data = extent('2024-01-01', '2024-03-31')
  const found = compareMonth(filters('year=2024&month=3'), data)
  expect([found?.nowText, found?.beforeText]).toEqual(['1–30 March 2024', 'February 2024'])
})

test.each([
  ['minutes of a month', '', quarter, [{ month: 'April 2024', part: 'to 1 April, 00:16 UTC' }], 91 + 992 / 86_400],
  ['no month that is over', 'month=2', quarter, [], 29],
  ['half a month', 'year=2024&month=3', years, [{ month: 'March 2024', part: 'to 13 March, 12:00 UTC' }], 12.5],
  ['every such month', 'month=3', years, [{ month: 'March 2024', part: 'to 13 March, 12:00 UTC' }], 31 + 31 + 12.5],
  [
    'a month whose beginning is not there',
    '',
    extent('2024-01-10', '2024-01-20T00:00:00Z'),
    [{ month: 'January 2024', part: 'from 10 January to 19 January' }],
    10,
  ],
  ['nothing', 'year=2020', quarter, [], 0],
] as const)('of %s, the days that have data count', (_what, search, data, partial, days) => {
  expect(partialMonths(filters(search), data)).toEqual(partial)
  expect(daysInPeriod(filters(search), data)).toBeCloseTo(days, 6)
})
