import { atLeast, atMost, between, firstOf, type Item, needsDays, needsLines } from './item.ts'

const section = 'Products'

/** Garments by the end of their type; only in a category of clothes, so that no boxing gloves are among them. */
const GARMENTS = `garments AS (SELECT product, category, CASE
    WHEN regexp_matches(type, '(^| )(coat|glove|scarf|scarve)s?$', 'i') THEN 'winter'
    WHEN regexp_matches(type, '(^| )sweaters?$', 'i') THEN 'sweater'
    WHEN regexp_matches(type, '(^| )(shorts|t-shirts?|dress|dresses|skirts?)$', 'i') THEN 'summer' ELSE 'other' END AS season
  FROM goods WHERE regexp_matches(category, 'cloth|apparel|fashion', 'i'))`

const COLD = ['AK', 'CO', 'IL', 'MA', 'MN', 'ND', 'NY', 'OH', 'UT']
const WARM = ['AZ', 'CA', 'FL', 'HI', 'TX']
const list = (names: readonly string[]) => names.map((name) => `'${name}'`).join(', ')

export const PRODUCTS: readonly Item[] = [
  {
    id: 19,
    section,
    about: 'top 20 % of products sold, share of revenue',
    definition: 'revenue of the fifth of the products sold that brings most, over all revenue',
    source: 'UCI .79, dunnhumby .64 (lines)',
    sure: 'measured',
    measures: [between('share', 0.6, 0.85)],
    cannot: needsLines(10_000),
    tables: ['product_days'],
    support: [{ column: 'products', least: 50, of: 'products sold' }],
    sql: () => `
WITH counted AS (SELECT product, sum(cents) AS cents FROM product_days GROUP BY 1),
ranked AS (SELECT cents, row_number() OVER (ORDER BY cents DESC) AS place, count(*) OVER () AS products FROM counted)
SELECT sum(cents) FILTER (place <= 0.2 * products) / sum(cents) AS share, any_value(products) AS products FROM ranked`,
  },
  {
    id: 21,
    section,
    about: 'the type of a product explains its price: R²',
    definition:
      '1 − (variance of log base price within types, unbiased) / (variance within categories); products whose name shows no type, such as books, are left out',
    source: 'a coat costs more than socks',
    sure: 'opinion',
    measures: [atLeast('R²', 0.4)],
    support: [{ column: 'typed', least: 50, of: 'products whose name shows a type' }],
    sql: () => `
WITH prices AS (SELECT category, type, ln(regular_cents) AS price FROM goods WHERE type IS NOT NULL AND regular_cents > 0),
deviations AS (SELECT price - avg(price) OVER (PARTITION BY category, type) AS from_type,
  price - avg(price) OVER (PARTITION BY category) AS from_category FROM prices),
counts AS (SELECT count(*) AS typed, count(DISTINCT (category, type)) AS types, count(DISTINCT category) AS categories FROM prices)
SELECT 1 - (sum(from_type * from_type) / nullif(any_value(typed - types), 0))
  / nullif(sum(from_category * from_category) / nullif(any_value(typed - categories), 0), 0) AS "R²", any_value(typed) AS typed
FROM deviations, counts`,
  },
  {
    id: 46,
    section,
    about: 'winter clothes sell in winter',
    definition:
      'units of coats, gloves, scarves, and sweaters over units of shorts, T-shirts, dresses, and skirts: October to March, divided by April to September',
    source: 'no data',
    sure: 'opinion',
    measures: [atLeast('ratio', 1.5)],
    cannot: needsDays(364),
    tables: ['product_days'],
    support: [
      { column: 'winter', least: 1000, of: 'units of winter clothes' },
      { column: 'summer', least: 1000, of: 'units of summer clothes' },
    ],
    sql: () => `
WITH ${GARMENTS},
units AS (SELECT season IN ('winter', 'sweater') AS warm, month(day) IN (10, 11, 12, 1, 2, 3) AS cold_months, sum(units) AS units
  FROM product_days JOIN garments USING (product) WHERE season <> 'other' GROUP BY 1, 2),
ratios AS (SELECT cold_months, sum(units) FILTER (warm) / sum(units) FILTER (NOT warm) AS ratio FROM units GROUP BY 1)
SELECT max(ratio) FILTER (cold_months) / max(ratio) FILTER (NOT cold_months) AS ratio,
  (SELECT coalesce(sum(units) FILTER (warm), 0) FROM units) AS winter, (SELECT coalesce(sum(units) FILTER (NOT warm), 0) FROM units) AS summer
FROM ratios`,
  },
  {
    id: 47,
    section,
    about: 'winter clothes sell where it is cold',
    definition: `share of coats, gloves, and scarves in the units of clothes, December to February: in ${COLD.join(' ')} over ${WARM.join(' ')}`,
    source: 'no data',
    sure: 'opinion',
    measures: [atLeast('ratio', 1.4)],
    cannot: needsDays(80),
    support: [
      { column: 'cold', least: 500, of: 'units of winter clothes in cold states' },
      { column: 'warm', least: 500, of: 'units of winter clothes in warm states' },
    ],
    sql: () => `
WITH ${GARMENTS},
places AS (SELECT store, CASE WHEN state IN (${list(COLD)}) THEN 'cold' WHEN state IN (${list(WARM)}) THEN 'warm' END AS place FROM shops),
units AS (SELECT place, sum(units) FILTER (season = 'winter') AS winter, sum(units) AS units
  FROM lines JOIN garments USING (product) JOIN places USING (store)
  WHERE place IS NOT NULL AND month(make_timestamp(CAST(second AS BIGINT) * 1000000)) IN (12, 1, 2) GROUP BY 1),
shares AS (SELECT coalesce(max(winter) FILTER (place = 'cold'), 0) AS cold, coalesce(max(winter) FILTER (place = 'warm'), 0) AS warm,
  max(units) FILTER (place = 'cold') AS cold_units, max(units) FILTER (place = 'warm') AS warm_units FROM units)
SELECT (cold / cold_units) / nullif(warm / warm_units, 0) AS ratio, cold, warm FROM shares`,
  },
  {
    id: 48,
    section,
    about: 'products gone for good, share a year; that come back, of all that stop',
    definition:
      'products that sell over 20 a week stop when they sell less than .1 of their mean in six weeks while the others of their type sell on; gone: to the end; back: later over .25 of the mean in six weeks',
    source: 'UCI: 29 % first seen after month 1, an upper bound; the rest is our opinion',
    sure: 'opinion',
    measures: [between('gone', 0.1, 0.3), atMost('back', 0.15)],
    cannot: needsDays(364),
    tables: ['product_weeks'],
    support: [{ column: 'products', least: 50, of: 'products that sell over 20 a week' }],
    sql: () => `
WITH calendar AS (SELECT DISTINCT week FROM product_weeks),
lives AS (SELECT product, min(week) AS first_week, sum(units) / (date_diff('week', min(week), max(week)) + 1) AS mean FROM product_weeks GROUP BY 1),
kinds AS (SELECT product, CASE WHEN count(*) OVER (PARTITION BY category, type) > 1 THEN category || coalesce(type, '') ELSE category END AS kind FROM goods),
filled AS (SELECT product, kind, week, mean, coalesce(units, 0) AS units FROM lives JOIN kinds USING (product)
  JOIN calendar ON week >= first_week LEFT JOIN product_weeks USING (product, week)),
kin AS (SELECT *, sum(units) OVER (PARTITION BY kind, week) - units AS others FROM filled),
windows AS (SELECT product, week, mean, sum(units) OVER six AS units, sum(others) OVER six AS others, count(*) OVER six AS weeks,
  6 * avg(others) OVER (PARTITION BY product) AS others_mean FROM kin
  WINDOW six AS (PARTITION BY product ORDER BY week ROWS BETWEEN CURRENT ROW AND 5 FOLLOWING)),
stops AS (SELECT product, min(week) AS stopped FROM windows
  WHERE mean > 20 AND weeks = 6 AND units < 0.1 * 6 * mean AND others > 0.5 * others_mean GROUP BY 1),
ends AS (SELECT product, max(units / (6 * mean)) > 0.25 AS back, arg_max(units / (6 * mean), week) < 0.1 AS silent
  FROM windows JOIN stops USING (product) WHERE weeks = 6 AND week > stopped GROUP BY 1)
SELECT count(*) FILTER (NOT back AND silent) / (SELECT count(*) FROM lives WHERE mean > 20) / (SELECT count(*) / 52.18 FROM calendar) AS gone,
  count(*) FILTER (back) / nullif(count(*), 0) AS back, (SELECT count(*) FROM lives WHERE mean > 20) AS products
FROM ends`,
  },
  {
    id: 105,
    section,
    about: 'Zipf slope of products, ranks 10 to 1000',
    definition: 'slope of log lines on log rank, of the products of rank 10 to 1000',
    source: 'UCI -.54, dunnhumby -.64',
    sure: 'measured',
    measures: [between('slope', -1.1, -0.5)],
    cannot: needsLines(10_000),
    tables: ['product_days'],
    support: [{ column: 'products', least: 100, of: 'products sold' }],
    sql: () => `
WITH counted AS (SELECT product, sum(lines) AS lines FROM product_days GROUP BY 1),
ranked AS (SELECT lines, row_number() OVER (ORDER BY lines DESC) AS place FROM counted)
SELECT regr_slope(ln(lines), ln(place)) FILTER (place BETWEEN 10 AND 1000) AS slope, count(*) AS products FROM ranked`,
  },
  {
    id: 106,
    section,
    about: 'products first sold after the sixth week',
    definition: 'products whose first sale is over 42 days after the first sale of all, over the products sold',
    source: 'UCI .29, an upper bound',
    sure: 'measured',
    measures: [between('share', 0.05, 0.35)],
    cannot: firstOf(needsDays(180), needsLines(100_000)),
    tables: ['product_days'],
    sql: () => `
WITH firsts AS (SELECT product, min(day) AS day FROM product_days GROUP BY 1)
SELECT count(*) FILTER (day > (SELECT min(day) FROM firsts) + 42) / count(*) AS share FROM firsts`,
  },
]
