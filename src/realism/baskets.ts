import { atLeast, between, type Item, needsDays, needsLines, needsStores } from './item.ts'
import { someStores } from './sample.ts'

const section = 'Baskets and prices'

/** Lines from which pairs in baskets are counted. */
const PAIR_LINES = 2_000_000

/** The lift of a pair of types, over that of the median pair. */
const liftOf = (one: string, other: string) => `(SELECT sum(together) * any_value(baskets) / sum(expected)
  FROM lifts WHERE ${matches('one', one)} AND ${matches('other', other)} OR ${matches('one', other)} AND ${matches('other', one)})
  / (SELECT median(together * baskets / expected) FROM lifts WHERE expected >= 10 * baskets)`
const matches = (type: string, pattern: string) => `regexp_matches(${type}, '(^| )(${pattern})$', 'i')`

export const BASKETS: readonly Item[] = [
  {
    id: 22,
    section,
    about: 'lines of a basket',
    definition: 'lines over baskets; without basket_id, a basket is a store and a second',
    source: "vendors' units per transaction (weak)",
    sure: 'published',
    measures: [between('lines', 1.5, 4)],
    tables: ['baskets'],
    sql: () => 'SELECT avg(lines) AS lines FROM baskets',
  },
  {
    id: 25,
    section,
    about: 'lines of one unit',
    definition: 'share of lines with quantity 1',
    source: 'dunnhumby .72 under 2 dollars, .86 at 2–5, .91 above',
    sure: 'measured',
    measures: [between('share', 0.75, 0.95)],
    sql: () => 'SELECT count(*) FILTER (units = 1) / count(*) AS share FROM lines',
  },
  {
    id: 37,
    section,
    about: 'what goes together is bought together: lift',
    definition:
      'in baskets of 2 to 8 lines: baskets with both × baskets / (with one × with the other), summed over the pairs of products of two types, over that of the median pair of types',
    source: 'UCI, pairs of products: median 2.7; for these types, our opinion',
    sure: 'opinion',
    measures: [atLeast('keyboard and mouse', 1.5), atLeast('gloves and scarf', 1.5)],
    cannot: needsLines(100_000),
    tables: ['baskets'],
    support: [
      { column: 'keyboards', least: 20, of: 'expected baskets with keyboard and mouse' },
      { column: 'gloves', least: 20, of: 'expected baskets with gloves and scarf' },
    ],
    sql: (sample) => `
WITH chosen AS (SELECT basket FROM baskets WHERE lines BETWEEN 2 AND 8 AND ${someStores(sample, PAIR_LINES)}),
bought AS MATERIALIZED (SELECT DISTINCT basket, product, type FROM lines SEMI JOIN chosen USING (basket) JOIN goods USING (product) WHERE type IS NOT NULL),
types AS (SELECT type, count(*) AS baskets FROM bought GROUP BY 1),
pairs AS (SELECT one.type AS one, other.type AS other, count(*) AS together FROM bought AS one
  JOIN bought AS other ON one.basket = other.basket AND one.type < other.type GROUP BY 1, 2),
lifts AS (SELECT a.type AS one, b.type AS other, coalesce(together, 0) AS together, a.baskets * CAST(b.baskets AS DOUBLE) AS expected,
    (SELECT count(*) FROM chosen) AS baskets
  FROM types AS a JOIN types AS b ON a.type < b.type LEFT JOIN pairs ON pairs.one = a.type AND pairs.other = b.type)
SELECT ${liftOf('keyboards?', 'mouse|mice')} AS "keyboard and mouse", ${liftOf('gloves?', 'scarf|scarves')} AS "gloves and scarf",
  (SELECT sum(expected / baskets) FROM lifts WHERE ${matches('one', 'keyboards?')} AND ${matches('other', 'mouse|mice')}) AS keyboards,
  (SELECT sum(expected / baskets) FROM lifts WHERE ${matches('one', 'gloves?')} AND ${matches('other', 'scarf|scarves')}) AS gloves`,
  },
  {
    id: 26,
    section,
    about: 'prices paid that end in 9 or 5',
    definition: 'share of lines whose unit price has 9 or 5 as its last digit',
    source: 'dunnhumby, 9: .74',
    sure: 'measured',
    measures: [between('share', 0.7, 0.95)],
    sql: () => 'SELECT count(*) FILTER (cents % 10 IN (5, 9)) / count(*) AS share FROM lines',
  },
  {
    id: 27,
    section,
    about: 'prices differ between stores',
    definition:
      "mean over product-days of the standard deviation between stores of the log of a store's mean price, if 5 stores sell it; days at regular intervals if there are many lines",
    source: 'DellaVigna and Gentzkow 2019: chains price nearly alike; .06 is recalled',
    sure: 'published',
    measures: [between('deviation', 0, 0.06)],
    cannot: needsStores(5),
    support: [{ column: 'days', least: 30, of: 'product-days with sales in 5 stores' }],
    sql: ({ lines }) => `
WITH by_store AS (SELECT store, product, second // 86400 AS day, ln(avg(cents)) AS price FROM lines
  WHERE cents > 0 AND second // 86400 % ${Math.max(1, Math.ceil(lines / 1_000_000))} = 0 GROUP BY 1, 2, 3),
spread AS (SELECT stddev(price) AS deviation FROM by_store GROUP BY product, day HAVING count(*) >= 5)
SELECT avg(deviation) AS deviation, count(*) AS days FROM spread`,
  },
  {
    id: 30,
    section,
    about: 'units on promotion',
    definition:
      'share of units on product-days whose commonest price is below .95 of the regular price: that of price_history, else base_price',
    source: 'dunnhumby, lines of a grocer: .50, the upper end',
    sure: 'measured',
    measures: [between('share', 0.15, 0.5)],
    cannot: needsDays(28),
    tables: ['product_days'],
    sql: () => 'SELECT coalesce(sum(units) FILTER (promoted), 0) / sum(units) AS share FROM product_days',
  },
  {
    id: 31,
    section,
    about: 'depth of promotions',
    definition: 'median of 1 − price / regular price over the product-days on promotion',
    source: 'dunnhumby .25, quartiles .16–.37',
    sure: 'measured',
    measures: [between('depth', 0.15, 0.35)],
    cannot: needsDays(28),
    tables: ['product_days'],
    sql: () => 'SELECT median(1 - price / base) FILTER (promoted) AS depth FROM product_days',
  },
  {
    id: 107,
    section,
    about: '99th percentile of quantity',
    definition: '99th percentile of the quantity of a line',
    source: 'dunnhumby 5',
    sure: 'measured',
    measures: [between('p99', 1, 12)],
    cannot: needsLines(1000),
    sql: () => 'SELECT quantile_disc(units, 0.99) AS p99 FROM lines',
  },
]
