// Longer than most files: the scorecard is one list and reads as one.
import { CATEGORIES } from '../world/calibration.ts'
import { blackFridays, seasonOfYear } from './holidays.ts'
import type { Sample } from './prepare.ts'

/** One number of an item, and its range. */
export interface Measure {
  name: string
  low: number
  high: number
}

/** A statistic that distinguishes a shop from random data. Its query returns one row with a column per measure. */
export interface Item {
  number: number
  about: string
  /** The source of the target; `choice of ours` has no data behind it. */
  source: string
  /** Arithmetic rather than calibration: a miss is an error. */
  hard?: true
  measures: readonly Measure[]
  /** Why this sample is too short or too small to judge the item; undefined: it can be judged. */
  cannot?: (sample: Sample) => string | undefined
  sql: (sample: Sample) => string
}

const atLeast = (days: number) => (sample: Sample) =>
  sample.days < days ? `needs ${days} days, the sample has ${sample.days}` : undefined
const wholeYear = (sample: Sample) =>
  blackFridays(sample).length === 0 ? 'needs the weeks from Thanksgiving to the end of December' : undefined
const between = (name: string, low: number, high: number): Measure => ({ name, low, high })

/** Movements other than sales: the sales of (store, product, second) are subtracted. */
const SHARES = `
SELECT (SELECT sum(units) FROM lines) AS sold, sum(-change) FILTER (change < 0) AS gone,
  sum(change) FILTER (change > 0 AND extract(hour FROM local_time) BETWEEN 8 AND 21
    AND utc > (SELECT min(utc) + INTERVAL 1 HOUR FROM movements)) AS back
FROM movements`

/** The balance at the end of each day on which a store's product moved, and the next day on which it moved. */
const BALANCES = `
WITH days AS (SELECT store, product, CAST(utc AS DATE) AS day, sum(change) AS change FROM movements GROUP BY 1, 2, 3),
balances AS (SELECT store, product, day, sum(change) OVER moves AS balance, lead(day) OVER moves AS next_day
  FROM days WINDOW moves AS (PARTITION BY store, product ORDER BY day)),
the_end AS (SELECT CAST(max(utc) AS DATE) + 1 AS day FROM movements),
stays AS (SELECT product, balance, coalesce(next_day, the_end.day) - balances.day AS days FROM balances, the_end)`

/** Lines per product or store, and its rank. */
const ranked = (column: 'product' | 'store') => `
WITH counted AS (SELECT ${column}, count(*) AS n FROM lines GROUP BY 1),
ranked AS (SELECT n, row_number() OVER (ORDER BY n DESC) AS place, count(*) OVER () AS places FROM counted)`

export const SCORECARD: readonly Item[] = [
  {
    number: 1,
    about: 'top 20 % of products, share of lines',
    source: 'UCI .64, dunnhumby .64',
    measures: [between('share', 0.55, 0.8)],
    sql: () => `
${ranked('product')}
SELECT sum(n) FILTER (place <= 0.2 * places) / sum(n) AS share FROM ranked`,
  },
  {
    number: 2,
    about: 'Zipf slope of products, ranks 10 to 1000',
    source: 'UCI -.54, dunnhumby -.64',
    measures: [between('slope', -1.1, -0.5)],
    sql: () => `
${ranked('product')}
SELECT regr_slope(ln(n), ln(place)) FILTER (place BETWEEN 10 AND 1000) AS slope FROM ranked`,
  },
  {
    number: 3,
    about: 'lines of one unit; 99th percentile of quantity',
    source: 'dunnhumby .80; 5',
    measures: [between('one', 0.6, 0.95), between('p99', 1, 12)],
    sql: () => `SELECT avg(CASE units WHEN 1 THEN 1.0 ELSE 0 END) AS one, quantile_cont(units, 0.99) AS p99 FROM lines`,
  },
  {
    number: 4,
    about: 'local hours of weekdays: peak × 24, share before 6, humps',
    source: 'dunnhumby, Instacart',
    measures: [between('peak', 1.7, 3), between('night', 0, 0.03), between('humps', 1, 2)],
    sql: () => `
WITH sold AS (SELECT extract(hour FROM local_time) AS hour, count(*) AS n FROM lines WHERE isodow(local_time) <= 5 GROUP BY 1),
clock AS (SELECT unnest(range(24)) AS hour),
by_hour AS (SELECT clock.hour, coalesce(n, 0) AS n FROM clock LEFT JOIN sold USING (hour)),
beside AS (SELECT hour, n, lag(n, 1, 0) OVER (ORDER BY hour) AS before, lead(n, 1, 0) OVER (ORDER BY hour) AS after FROM by_hour)
SELECT max(n) * 24.0 / sum(n) AS peak, sum(n) FILTER (hour < 6) / sum(n) AS night,
  count(*) FILTER (n > before AND n >= after) AS humps
FROM beside`,
  },
  {
    number: 5,
    about: 'busiest over slowest day of the week',
    source: 'dunnhumby 1.48',
    measures: [between('ratio', 1.3, 2)],
    cannot: atLeast(21),
    sql: () => `
WITH days AS (SELECT CAST(local_time AS DATE) AS day, count(*) AS n FROM lines GROUP BY 1),
whole_days AS (SELECT * FROM days WHERE day > (SELECT min(day) FROM days) AND day < (SELECT max(day) FROM days)),
weekdays AS (SELECT isodow(day) AS weekday, avg(n) AS n FROM whole_days GROUP BY 1)
SELECT max(n) / min(n) AS ratio FROM weekdays`,
  },
  {
    number: 6,
    about: 'December share of revenue by category, and their spread',
    source: 'Census factors 2012, 2024',
    measures: [
      between('Electronics', 0.1, 0.14),
      between('Clothing', 0.1, 0.14),
      between('Home', 0.08, 0.1),
      between('Books', 0.11, 0.15),
      between('Sports', 0.1, 0.14),
      between('spread', 0.02, 1),
    ],
    cannot: (sample) => (seasonOfYear(sample) ? undefined : 'needs a calendar year'),
    sql: (sample) => `
WITH december AS (SELECT category, sum(units * cents) FILTER (month(local_time) = 12) / sum(units * cents) AS share
  FROM lines JOIN goods USING (product) WHERE year(local_time) = ${seasonOfYear(sample)} GROUP BY 1)
SELECT ${CATEGORIES.map((name) => `max(share) FILTER (category = '${name}') AS "${name}"`).join(', ')}, max(share) - min(share) AS spread
FROM december`,
  },
  {
    number: 7,
    about: 'Black Friday over a mean day; best ten of the 35 days to December 28',
    source: 'ShopperTrak 2019: .465 (flat .286)',
    measures: [between('black friday', 1.8, 4), between('top ten', 0.4, 0.5)],
    cannot: wholeYear,
    sql: (sample) => {
      const friday = blackFridays(sample)[0]
      return `
WITH days AS (SELECT CAST(local_time AS DATE) AS day, count(*) AS n FROM lines GROUP BY 1),
holidays AS (SELECT n, row_number() OVER (ORDER BY n DESC) AS place FROM days
  WHERE day BETWEEN DATE '${friday}' - 5 AND DATE '${friday}' + 29)
SELECT (SELECT n FROM days WHERE day = DATE '${friday}') / (SELECT avg(n) FROM days) AS "black friday",
  (SELECT sum(n) FILTER (place <= 10) / sum(n) FROM holidays) AS "top ten"`
    },
  },
  {
    number: 8,
    about: 'variance over mean of visits per store and day, same weekday',
    source: 'UCI, hourly 2.1',
    measures: [between('ratio', 1.5, 10)],
    cannot: atLeast(42),
    sql: () => `
WITH days AS (SELECT store, CAST(local_time AS DATE) AS day, isodow(local_time) AS weekday, count(DISTINCT utc) AS visits
  FROM lines GROUP BY 1, 2, 3),
spread AS (SELECT var_samp(visits) / avg(visits) AS ratio FROM days GROUP BY store, weekday)
SELECT median(ratio) AS ratio FROM spread`,
  },
  {
    number: 9,
    about: 'top 20 % of stores, share of lines',
    source: 'our choice',
    measures: [between('share', 0.3, 0.6)],
    cannot: ({ stores }) => (stores < 20 ? `needs 20 stores, the sample has ${stores}` : undefined),
    sql: () => `
${ranked('store')}
SELECT sum(n) FILTER (place <= 0.2 * places) / sum(n) AS share FROM ranked`,
  },
  {
    number: 10,
    about: 'prices paid that end in .99; in 9',
    source: 'dunnhumby .42-.47 over $5; .74',
    measures: [between('.99', 0.35, 0.8), between('9', 0.6, 0.9)],
    sql: () =>
      `SELECT avg(CASE WHEN cents % 100 = 99 THEN 1.0 ELSE 0 END) AS ".99", avg(CASE WHEN cents % 10 = 9 THEN 1.0 ELSE 0 END) AS "9" FROM lines`,
  },
  {
    number: 11,
    about: 'lines below the regular price; median depth',
    source: 'dunnhumby .50; .25',
    measures: [between('share', 0.15, 0.5), between('depth', 0.15, 0.35)],
    sql: () => `
SELECT avg(CASE WHEN cents < regular_cents THEN 1.0 ELSE 0 END) AS share,
  median(1 - cents / regular_cents) FILTER (cents < regular_cents) AS depth
FROM lines JOIN goods USING (product)`,
  },
  {
    number: 12,
    about: 'price elasticity of units, week by week within products',
    source: 'Bijmolt et al. 2005: -2.6; UCI -1.6',
    measures: [between('elasticity', -3.5, -1.2)],
    cannot: atLeast(280),
    sql: () => `
WITH weeks AS (SELECT product, date_trunc('week', local_time) AS week, sum(units * cents) / sum(units) AS price, sum(units) AS units
  FROM lines GROUP BY 1, 2),
within_product AS (SELECT week, ln(price) - avg(ln(price)) OVER own AS price, ln(units) - avg(ln(units)) OVER own AS units,
  count(*) OVER own AS weeks FROM weeks WINDOW own AS (PARTITION BY product)),
within_week AS (SELECT price - avg(price) OVER one AS price, units - avg(units) OVER one AS units
  FROM within_product WHERE weeks >= 40 WINDOW one AS (PARTITION BY week))
SELECT CASE WHEN var_pop(price) > 1e-6 THEN regr_slope(units, price) END AS elasticity FROM within_week`,
  },
  {
    number: 13,
    about: 'lines per visit; visits of one line',
    source: 'our choice',
    measures: [between('lines', 1.4, 4), between('single', 0.35, 0.75)],
    sql: () =>
      `WITH visits AS (SELECT count(*) AS n FROM lines GROUP BY store, utc)
SELECT avg(n) AS lines, avg(CASE n WHEN 1 THEN 1.0 ELSE 0 END) AS single FROM visits`,
  },
  {
    number: 14,
    about: 'pairs of the 300 best sellers bought together: median lift; lift over 3',
    source: 'UCI 2.7; .42 (wholesale: upper bound)',
    measures: [between('lift', 0.8, 3), between('over 3', 0.01, 0.45)],
    cannot: ({ lines }) => (lines < 500_000 ? `needs 500,000 lines, the sample has ${lines}` : undefined),
    sql: () => `
WITH best_sellers AS (SELECT product FROM lines GROUP BY 1 ORDER BY count(*) DESC, product LIMIT 300),
bought AS (SELECT DISTINCT store, utc, product FROM lines),
visits AS (SELECT count(*) AS n FROM (SELECT DISTINCT store, utc FROM bought)),
top AS (SELECT bought.* FROM bought JOIN best_sellers USING (product)),
singles AS (SELECT product, count(*) AS n FROM top GROUP BY 1),
pairs AS (SELECT one.product AS one, other.product AS other, count(*) AS n FROM top AS one
  JOIN top AS other ON one.store = other.store AND one.utc = other.utc AND one.product < other.product GROUP BY 1, 2),
lifts AS (SELECT pairs.n * (SELECT n FROM visits) / (a.n * CAST(b.n AS DOUBLE)) AS lift
  FROM pairs JOIN singles AS a ON a.product = one JOIN singles AS b ON b.product = other)
SELECT median(lift) AS lift, avg(CASE WHEN lift > 3 THEN 1.0 ELSE 0 END) AS "over 3" FROM lifts`,
  },
  {
    number: 15,
    about: 'units returned to the shelf, of units sold',
    source: 'NRF in store .087',
    measures: [between('share', 0.04, 0.12)],
    cannot: atLeast(60),
    sql: () => `WITH units AS (${SHARES}) SELECT back / sold AS share FROM units`,
  },
  {
    number: 16,
    about: 'shrink, of units sold',
    source: 'NRF .013-.016',
    measures: [between('share', 0.012, 0.018)],
    cannot: atLeast(30),
    sql: () => `WITH units AS (${SHARES}) SELECT (gone - sold) / sold AS share FROM units`,
  },
  {
    number: 17,
    about: 'carried product-days out of stock',
    source: 'Gruen & Corsten .083',
    measures: [between('share', 0.03, 0.1)],
    cannot: atLeast(60),
    sql: () => `${BALANCES}
SELECT sum(CASE WHEN balance <= 0 THEN days ELSE 0 END) / sum(days) AS share FROM stays`,
  },
  {
    number: 18,
    about: 'turns of stock a year at retail price, by category',
    source: 'Census 9 all retail, department stores 4.8; bracketed',
    measures: CATEGORIES.map((name) =>
      between(name, name === 'Electronics' ? 5 : 3, name === 'Electronics' ? 9 : name === 'Clothing' ? 6 : 7),
    ),
    cannot: atLeast(60),
    sql: ({ days }) => `${BALANCES},
held AS (SELECT category, sum(CAST(greatest(balance, 0) AS DOUBLE) * regular_cents * stays.days) / ${days} AS cents
  FROM stays JOIN goods USING (product) GROUP BY 1),
sold AS (SELECT category, sum(CAST(units AS DOUBLE) * regular_cents) * 365 / ${days} AS cents
  FROM lines JOIN goods USING (product) GROUP BY 1)
SELECT ${CATEGORIES.map((name) => `max(sold.cents / nullif(held.cents, 0)) FILTER (category = '${name}') AS "${name}"`).join(', ')} FROM sold JOIN held USING (category)`,
  },
  {
    number: 19,
    about: 'products first sold after the sixth week',
    source: 'UCI upper bound .29',
    measures: [between('share', 0.05, 0.35)],
    cannot: atLeast(180),
    sql: () => `
WITH firsts AS (SELECT product, min(local_time) AS sold FROM lines GROUP BY 1)
SELECT avg(CASE WHEN sold > (SELECT min(sold) FROM firsts) + INTERVAL 42 DAY THEN 1.0 ELSE 0 END) AS share FROM firsts`,
  },
  {
    number: 20,
    about: 'balances below zero; units sold without a movement',
    source: 'arithmetic',
    hard: true,
    measures: [between('negative', 0, 0), between('unmoved', 0, 0)],
    sql: () => `
WITH balances AS (SELECT sum(change) OVER (PARTITION BY store, product ORDER BY utc, movement_id) AS balance FROM movements),
sold AS (SELECT store, product, utc, sum(units) AS units FROM lines GROUP BY 1, 2, 3),
taken AS (SELECT store, product, utc, sum(-change) AS units FROM movements WHERE change < 0 GROUP BY 1, 2, 3)
SELECT (SELECT count(*) FROM balances WHERE balance < 0) AS negative,
  (SELECT coalesce(sum(greatest(sold.units - coalesce(taken.units, 0), 0)), 0)
    FROM sold LEFT JOIN taken USING (store, product, utc)) AS unmoved`,
  },
]
