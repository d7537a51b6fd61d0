import { atLeast, between, firstOf, type Item, needsDays, needsStores } from './item.ts'

const section = 'Stores'

/** CV between stores of a rate, without the variance that chance alone would give its count or its mean. */
const spread = (rate: string, chance: string) =>
  `sqrt(greatest(var_samp(${rate}) - avg(${chance}), 0)) / nullif(avg(${rate}), 0)`

export const STORES: readonly Item[] = [
  {
    id: 11,
    section,
    about: 'tails of store-days: excess kurtosis',
    definition:
      "log(store units / chain units) minus its centered 57-day median, divided by the store's standard deviation, all stores together; only days when the chain sells over .2 of its median",
    source: 'real stores have closures, storms, and refits',
    sure: 'opinion',
    measures: [atLeast('kurtosis', 2)],
    cannot: firstOf(needsDays(120), needsStores(10)),
    tables: ['store_days'],
    sql: () => `
WITH chain AS (SELECT day, sum(units) AS units FROM store_days WHERE whole GROUP BY 1),
open_days AS (SELECT * FROM chain WHERE units > 0.2 * (SELECT median(units) FROM chain)),
shares AS (SELECT store, day, ln(store_days.units / open_days.units) AS share FROM store_days JOIN open_days USING (day)),
residuals AS (SELECT store, share - median(share) OVER (PARTITION BY store ORDER BY day
  ROWS BETWEEN 28 PRECEDING AND 28 FOLLOWING) AS residual FROM shares),
scaled AS (SELECT residual / nullif(stddev(residual) OVER (PARTITION BY store), 0) AS residual FROM residuals)
SELECT kurtosis_pop(residual) AS kurtosis FROM scaled`,
  },
  {
    id: 15,
    section,
    about: 'dollars a square foot a year',
    definition: 'revenue over the size of the stores that sell, over the years of the sample',
    source: 'Walmart 430, Target 300, Macy’s 173, Nordstrom 400 (2012–13)',
    sure: 'published',
    measures: [between('dollars', 200, 450)],
    cannot: needsDays(84),
    tables: ['store_days'],
    sql: () => `
WITH sold AS (SELECT store, sum(cents) / 100 AS dollars FROM store_days WHERE whole GROUP BY 1),
years AS (SELECT (max(day) - min(day) + 1) / 365.25 AS years FROM store_days WHERE whole)
SELECT sum(dollars) / sum(size) / any_value(years) AS dollars FROM sold JOIN shops USING (store), years`,
  },
  {
    id: 16,
    section,
    about: 'weekends differ between stores',
    definition: "standard deviation between stores of the share of a store's units on Saturday and Sunday",
    source: 'chance alone gives .003',
    sure: 'opinion',
    measures: [atLeast('deviation', 0.02)],
    cannot: firstOf(needsDays(180), needsStores(20)),
    tables: ['store_days'],
    sql: () => `
WITH weekends AS (SELECT store, coalesce(sum(units) FILTER (isodow(day) >= 6), 0) / sum(units) AS share
  FROM store_days WHERE whole GROUP BY 1)
SELECT stddev(share) AS deviation FROM weekends`,
  },
  {
    id: 18,
    section,
    about: 'stores that open or close, share a year',
    definition:
      'stores whose first sale is over 7 days after the start, or last sale over 7 days before the end, over stores and years',
    source: 'store counts in company reports',
    sure: 'recalled',
    measures: [between('share', 0.02, 0.06)],
    cannot: firstOf(needsStores(200), needsDays(364)),
    tables: ['store_days'],
    sql: () => `
WITH history AS (SELECT min(day) AS first, max(day) AS last FROM store_days),
lives AS (SELECT store, min(day) AS opened, max(day) AS closed FROM store_days GROUP BY 1),
moves AS (SELECT count(*) AS stores, count(*) FILTER (opened > first + 7 OR closed < last - 7) AS moved,
  any_value(last - first + 1) / 365.25 AS years FROM lives, history)
SELECT moved / stores / years AS share FROM moves`,
  },
  {
    id: 45,
    section,
    about: 'stores differ in shrink, returns, and empty shelves',
    definition:
      'coefficient of variation between stores of shrunk / sold units, of returned / sold units, and of the share of time that a carried product is out of stock, each without the variance of counting',
    source: 'no data',
    sure: 'opinion',
    measures: [atLeast('shrink', 0.2), atLeast('returns', 0.2), atLeast('empty', 0.2)],
    cannot: firstOf(needsStores(20), needsDays(120)),
    tables: ['store_days', 'ledger'],
    sql: () => `
WITH sold AS (SELECT store, sum(units) AS sold FROM store_days GROUP BY 1),
stock AS (SELECT store, sum(gone) AS gone, sum(returned) AS returned,
  avg(empty_seconds / nullif(settled_seconds, 0)) AS empty, var_samp(empty_seconds / nullif(settled_seconds, 0)) / count(*) AS empty_chance
  FROM ledger GROUP BY 1),
rates AS (SELECT (gone - sold) / sold AS shrink, (gone - sold) / sold / sold AS shrink_chance,
  returned / sold AS returns, returned / sold / sold AS returns_chance, empty, empty_chance FROM sold JOIN stock USING (store))
SELECT ${spread('shrink', 'shrink_chance')} AS shrink, ${spread('returns', 'returns_chance')} AS returns,
  ${spread('empty', 'empty_chance')} AS empty FROM rates`,
  },
  {
    id: 103,
    section,
    about: 'variance over mean of visits of a store and weekday',
    definition: 'variance over mean of the visits of a day, by store and weekday; median',
    source: 'UCI, hourly: 2.1',
    sure: 'measured',
    measures: [between('ratio', 1.5, 10)],
    cannot: needsDays(42),
    tables: ['baskets'],
    sql: () => `
WITH days AS (SELECT store, day, count(*) AS visits FROM baskets GROUP BY 1, 2),
spread AS (SELECT var_samp(visits) / avg(visits) AS ratio FROM days GROUP BY store, isodow(day))
SELECT median(ratio) AS ratio FROM spread`,
  },
  {
    id: 104,
    section,
    about: 'top 20 % of stores, share of lines',
    definition: 'lines of the fifth of the stores that sells most, over all lines',
    source: 'no data',
    sure: 'opinion',
    measures: [between('share', 0.3, 0.6)],
    cannot: needsStores(20),
    tables: ['store_days'],
    sql: () => `
WITH counted AS (SELECT store, sum(lines) AS lines FROM store_days GROUP BY 1),
ranked AS (SELECT lines, row_number() OVER (ORDER BY lines DESC) AS place, count(*) OVER () AS places FROM counted)
SELECT sum(lines) FILTER (place <= 0.2 * places) / sum(lines) AS share FROM ranked`,
  },
]
