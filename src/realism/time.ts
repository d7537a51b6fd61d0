import { blackFriday, wholeYears, yearsWithBlackFriday, yearsWithChristmas, yearsWithHolidays } from './calendar.ts'
import { atMost, between, type Item, needsDays, needsLines } from './item.ts'
import type { Sample } from './sample.ts'

const section = 'Time'

const needsYear = (sample: Sample) => (wholeYears(sample).length === 0 ? 'needs a calendar year' : undefined)

const dates = (days: readonly string[]) => days.map((day) => `(DATE '${day}')`).join(', ')

/** Units of the chain by day. */
const CHAIN = 'chain AS (SELECT day, sum(units) AS units FROM store_days WHERE whole GROUP BY 1)'

const CATEGORY_DECEMBERS = { Electronics: 0.1, Clothing: 0.1, Home: 0.08, Books: 0.11, Sports: 0.1 } as const
const DECEMBER_TO = { Electronics: 0.14, Clothing: 0.14, Home: 0.1, Books: 0.15, Sports: 0.14 } as const
const CATEGORIES = Object.keys(CATEGORY_DECEMBERS) as (keyof typeof CATEGORY_DECEMBERS)[]

export const TIME: readonly Item[] = [
  {
    id: 1,
    section,
    about: 'busiest over slowest day of the week',
    definition: 'mean units by weekday, largest over smallest; store-local days without the first and the last',
    source: 'dunnhumby 1.48 (measured); time-use survey, grocery trips 1.41',
    sure: 'published',
    measures: [between('ratio', 1.3, 2)],
    cannot: needsDays(21),
    tables: ['store_days'],
    sql: () => `
WITH ${CHAIN}, weekdays AS (SELECT isodow(day) AS weekday, avg(units) AS units FROM chain GROUP BY 1)
SELECT max(units) / min(units) AS ratio FROM weekdays`,
  },
  {
    id: 2,
    section,
    about: 'lines sold from 22:00 to 7:00',
    definition: 'share of lines whose store-local hour is 22 or later, or before 7',
    source: 'dunnhumby, 0:00 to 6:00: .019',
    sure: 'measured',
    measures: [atMost('share', 0.05)],
    cannot: needsLines(1000),
    sql: () => `
WITH hours AS (SELECT second % 86400 // 3600 AS hour, count(*) AS lines FROM lines GROUP BY 1)
SELECT coalesce(sum(lines) FILTER (hour >= 22 OR hour < 7), 0) / sum(lines) AS share FROM hours`,
  },
  {
    id: 3,
    section,
    about: 'busiest hour; its share of all lines',
    definition: 'store-local hour with the most lines, and its share of all lines',
    source: 'dunnhumby: 17:00, .11',
    sure: 'measured',
    measures: [between('hour', 12, 18), between('share', 0.08, 0.12)],
    cannot: needsLines(1000),
    sql: () => `
WITH hours AS (SELECT second % 86400 // 3600 AS hour, count(*) AS lines FROM lines GROUP BY 1)
SELECT arg_max(hour, lines * 24 - hour) AS hour, max(lines) / sum(lines) AS share FROM hours`,
  },
  {
    id: 4,
    section,
    about: "November and December, share of a year's units",
    definition: 'units of November and December over the units of whole calendar years',
    source: 'US Census adjustment factors',
    sure: 'published',
    measures: [between('share', 0.17, 0.24)],
    cannot: needsYear,
    tables: ['store_days'],
    sql: (sample) => `
SELECT sum(units) FILTER (month(day) >= 11) / sum(units) AS share
FROM store_days WHERE year(day) IN (${wholeYears(sample).join(', ')})`,
  },
  {
    id: 5,
    section,
    about: "Black Friday over October's Fridays",
    definition: 'units of the day after Thanksgiving over the mean units of the Fridays of October; mean of the years',
    source: 'ShopperTrak says that it is the busiest day (published); how busy is our opinion',
    sure: 'opinion',
    measures: [between('ratio', 2, 4)],
    cannot: (sample) => (yearsWithBlackFriday(sample).length === 0 ? 'needs an October and a November' : undefined),
    tables: ['store_days'],
    sql: (sample) => `
WITH ${CHAIN}, fridays(day) AS (VALUES ${dates(yearsWithBlackFriday(sample).map(blackFriday))}),
usual AS (SELECT year(day) AS year, avg(units) AS units FROM chain WHERE month(day) = 10 AND isodow(day) = 5 GROUP BY 1)
SELECT avg(coalesce(chain.units, 0) / usual.units) AS ratio
FROM fridays JOIN usual ON usual.year = year(fridays.day) LEFT JOIN chain ON chain.day = fridays.day`,
  },
  {
    id: 6,
    section,
    about: 'December 25 over a mean day',
    definition: 'units of December 25 over the mean units of a day',
    source: 'shops are shut',
    sure: 'recalled',
    measures: [atMost('ratio', 0.05)],
    cannot: (sample) => (yearsWithChristmas(sample).length === 0 ? 'needs a December 25' : undefined),
    tables: ['store_days'],
    sql: (sample) => `
WITH ${CHAIN}
SELECT coalesce(sum(units) FILTER (month(day) = 12 AND day(day) = 25), 0) / ${yearsWithChristmas(sample).length}
  / (sum(units) / (max(day) - min(day) + 1)) AS ratio FROM chain`,
  },
  {
    id: 7,
    section,
    about: 'growth of revenue from year to year',
    definition:
      'revenue of the last 365 days over that of the same calendar days a year before, − 1; the error is that of the mean of its months',
    source: 'US Census, monthly retail',
    sure: 'recalled',
    measures: [between('growth', 0.02, 0.05)],
    cannot: needsDays(730),
    tables: ['store_days'],
    sql: () => `
WITH revenue AS (SELECT day, sum(cents) AS cents FROM store_days WHERE whole GROUP BY 1),
pairs AS (SELECT now.day, now.cents AS cents, before.cents AS cents_before FROM revenue AS now
  JOIN revenue AS before ON before.day = now.day - INTERVAL 1 YEAR AND month(before.day) = month(now.day) AND day(before.day) = day(now.day)
  WHERE now.day > (SELECT max(day) FROM revenue) - 365),
months AS (SELECT sum(cents) AS cents, sum(cents_before) AS cents_before FROM pairs GROUP BY month(day))
SELECT sum(cents) / sum(cents_before) - 1 AS growth, stddev(ln(cents / cents_before)) / sqrt(count(*)) AS "growth error" FROM months`,
  },
  {
    id: 101,
    section,
    about: "December, share of a year's revenue by category, and their spread",
    definition: 'revenue of December over that of whole calendar years, by category; spread is largest − smallest',
    source: 'US Census factors of 2012 and 2024',
    sure: 'published',
    measures: [
      ...CATEGORIES.map((name) => between(name, CATEGORY_DECEMBERS[name], DECEMBER_TO[name])),
      between('spread', 0.02, 1),
    ],
    cannot: needsYear,
    tables: ['product_days'],
    support: [{ column: 'categories', least: CATEGORIES.length, of: 'categories that the Census has factors for' }],
    sql: (sample) => `
WITH december AS (SELECT category, sum(cents) FILTER (month(day) = 12) / sum(cents) AS share
  FROM product_days JOIN goods USING (product) WHERE year(day) IN (${wholeYears(sample).join(', ')}) GROUP BY 1)
SELECT ${CATEGORIES.map((name) => `max(share) FILTER (category = '${name}') AS "${name}"`).join(', ')},
  max(share) - min(share) AS spread, count(*) FILTER (category IN (${CATEGORIES.map((name) => `'${name}'`).join(', ')})) AS categories
FROM december`,
  },
  {
    id: 102,
    section,
    about: 'best ten of the 35 holiday days',
    definition: 'share of units on the ten best of the 35 days from the Sunday before Thanksgiving; mean of the years',
    source: 'ShopperTrak 2019: .465 of traffic (even: .286)',
    sure: 'published',
    measures: [between('share', 0.4, 0.5)],
    cannot: (sample) =>
      yearsWithHolidays(sample).length === 0 ? 'needs the weeks from Thanksgiving to the end of December' : undefined,
    tables: ['store_days'],
    sql: (sample) => `
WITH ${CHAIN}, fridays(friday) AS (VALUES ${dates(yearsWithHolidays(sample).map(blackFriday))}),
holidays AS (SELECT friday, units, row_number() OVER (PARTITION BY friday ORDER BY units DESC) AS place
  FROM fridays JOIN chain ON day BETWEEN friday - 5 AND friday + 29),
years AS (SELECT sum(units) FILTER (place <= 10) / sum(units) AS share FROM holidays GROUP BY friday)
SELECT avg(share) AS share FROM years`,
  },
]
