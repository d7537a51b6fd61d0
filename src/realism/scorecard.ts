// Longer than most: the card is one list, and reads as one.
import { CATEGORIES } from '../world/calibration.ts'
import { blackFridays, seasonOfYear } from './feasts.ts'
import type { Sample } from './prepare.ts'

/** One number of an item, and where it should be. */
export interface Measure {
  name: string
  low: number
  high: number
}

/** A statistic that tells a shop from a dice roller. Its query answers one row with a column per measure. */
export interface Item {
  number: number
  about: string
  /** where the target comes from; `choice of ours` rests on no data */
  source: string
  /** arithmetic, not taste: to miss it is an error */
  hard?: true
  measures: readonly Measure[]
  /** undefined: this sample is too short or too small to judge it, and why */
  cannot?: (sample: Sample) => string | undefined
  sql: (sample: Sample) => string
}

const atLeast = (days: number) => (sample: Sample) =>
  sample.days < days ? `needs ${days} days, there are ${sample.days}` : undefined
const wholeYear = (sample: Sample) =>
  blackFridays(sample).length === 0 ? 'needs the weeks from Thanksgiving to the end of December' : undefined
const between = (name: string, low: number, high: number): Measure => ({ name, low, high })

/** Movements that are no sale: the sales of (store, product, second) taken out. */
const SHARES = `
SELECT (SELECT sum(q) FROM l) AS sold, sum(-change) FILTER (change < 0) AS gone,
  sum(change) FILTER (change > 0 AND extract(hour FROM lt) BETWEEN 8 AND 21 AND ts > (SELECT min(ts) + INTERVAL 1 HOUR FROM m)) AS back FROM m`

/** Balance at the end of each day on which a product of a store moved, and the day it moved next. */
const BALANCES = `
WITH d AS (SELECT s, p, CAST(ts AS DATE) AS d, sum(change) AS q FROM m GROUP BY 1, 2, 3),
b AS (SELECT s, p, d, sum(q) OVER (PARTITION BY s, p ORDER BY d) AS bal, lead(d) OVER (PARTITION BY s, p ORDER BY d) AS nd FROM d),
e AS (SELECT CAST(max(ts) AS DATE) + 1 AS d FROM m)`

export const SCORECARD: readonly Item[] = [
  {
    number: 1,
    about: 'top 20 % of products, share of lines',
    source: 'UCI .64, dunnhumby .64',
    measures: [between('share', 0.55, 0.8)],
    sql: () => `
WITH a AS (SELECT p, count(*) AS n FROM l GROUP BY 1), r AS (SELECT n, row_number() OVER (ORDER BY n DESC) AS rk, count(*) OVER () AS k FROM a)
SELECT sum(n) FILTER (rk <= 0.2 * k) / sum(n) AS share FROM r`,
  },
  {
    number: 2,
    about: 'Zipf slope of products, ranks 10 to 1000',
    source: 'UCI -.54, dunnhumby -.64',
    measures: [between('slope', -1.1, -0.5)],
    sql: () => `
WITH a AS (SELECT p, count(*) AS n FROM l GROUP BY 1), r AS (SELECT n, row_number() OVER (ORDER BY n DESC) AS rk FROM a)
SELECT regr_slope(ln(n), ln(rk)) FILTER (rk BETWEEN 10 AND 1000) AS slope FROM r`,
  },
  {
    number: 3,
    about: 'lines of one unit; 99th percentile of quantity',
    source: 'dunnhumby .80; 5',
    measures: [between('one', 0.6, 0.95), between('p99', 1, 12)],
    sql: () => `SELECT avg(CASE q WHEN 1 THEN 1.0 ELSE 0 END) AS one, quantile_cont(q, 0.99) AS p99 FROM l`,
  },
  {
    number: 4,
    about: 'local hours of weekdays: peak × 24, share before 6, humps',
    source: 'dunnhumby, Instacart',
    measures: [between('peak', 1.7, 3), between('night', 0, 0.03), between('humps', 1, 2)],
    sql: () => `
WITH n AS (SELECT extract(hour FROM lt) AS h, count(*) AS n FROM l WHERE isodow(lt) <= 5 GROUP BY 1),
h AS (SELECT hours.h, coalesce(n, 0) AS n FROM (SELECT unnest(range(24)) AS h) AS hours LEFT JOIN n USING (h)),
w AS (SELECT h, n, lag(n, 1, 0) OVER (ORDER BY h) AS before, lead(n, 1, 0) OVER (ORDER BY h) AS after FROM h)
SELECT max(n) * 24.0 / sum(n) AS peak, sum(n) FILTER (h < 6) / sum(n) AS night, count(*) FILTER (n > before AND n >= after) AS humps FROM w`,
  },
  {
    number: 5,
    about: 'busiest over slowest day of the week',
    source: 'dunnhumby 1.48',
    measures: [between('ratio', 1.3, 2)],
    cannot: atLeast(21),
    sql: () => `
WITH d AS (SELECT CAST(lt AS DATE) AS d, count(*) AS n FROM l GROUP BY 1),
inner_days AS (SELECT * FROM d WHERE d > (SELECT min(d) FROM d) AND d < (SELECT max(d) FROM d)),
w AS (SELECT isodow(d) AS w, avg(n) AS n FROM inner_days GROUP BY 1) SELECT max(n) / min(n) AS ratio FROM w`,
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
WITH r AS (SELECT category, sum(q * c) FILTER (month(lt) = 12) / sum(q * c) AS share FROM l JOIN goods USING (p)
  WHERE year(lt) = ${seasonOfYear(sample)} GROUP BY 1)
SELECT ${CATEGORIES.map((name) => `max(share) FILTER (category = '${name}') AS "${name}"`).join(', ')}, max(share) - min(share) AS spread FROM r`,
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
WITH d AS (SELECT CAST(lt AS DATE) AS d, count(*) AS n FROM l GROUP BY 1),
h AS (SELECT n, row_number() OVER (ORDER BY n DESC) AS rk FROM d WHERE d BETWEEN DATE '${friday}' - 5 AND DATE '${friday}' + 29)
SELECT (SELECT n FROM d WHERE d = DATE '${friday}') / (SELECT avg(n) FROM d) AS "black friday", (SELECT sum(n) FILTER (rk <= 10) / sum(n) FROM h) AS "top ten"`
    },
  },
  {
    number: 8,
    about: 'variance over mean of visits per store and day, same weekday',
    source: 'UCI, hourly 2.1',
    measures: [between('ratio', 1.5, 10)],
    cannot: atLeast(42),
    sql: () => `
WITH d AS (SELECT s, CAST(lt AS DATE) AS d, isodow(lt) AS w, count(DISTINCT ts) AS n FROM l GROUP BY 1, 2, 3),
e AS (SELECT var_samp(n) / avg(n) AS v FROM d GROUP BY s, w) SELECT median(v) AS ratio FROM e`,
  },
  {
    number: 9,
    about: 'top 20 % of stores, share of lines',
    source: 'choice of ours',
    measures: [between('share', 0.3, 0.6)],
    cannot: ({ stores }) => (stores < 20 ? `needs 20 stores, there are ${stores}` : undefined),
    sql: () => `
WITH a AS (SELECT s, count(*) AS n FROM l GROUP BY 1), r AS (SELECT n, row_number() OVER (ORDER BY n DESC) AS rk, count(*) OVER () AS k FROM a)
SELECT sum(n) FILTER (rk <= 0.2 * k) / sum(n) AS share FROM r`,
  },
  {
    number: 10,
    about: 'prices paid that end in .99; in 9',
    source: 'dunnhumby .42-.47 over $5; .74',
    measures: [between('.99', 0.35, 0.8), between('9', 0.6, 0.9)],
    sql: () =>
      `SELECT avg(CASE WHEN c % 100 = 99 THEN 1.0 ELSE 0 END) AS ".99", avg(CASE WHEN c % 10 = 9 THEN 1.0 ELSE 0 END) AS "9" FROM l`,
  },
  {
    number: 11,
    about: 'lines below the regular price; median depth',
    source: 'dunnhumby .50; .25',
    measures: [between('share', 0.15, 0.5), between('depth', 0.15, 0.35)],
    sql: () => `
SELECT avg(CASE WHEN c < base THEN 1.0 ELSE 0 END) AS share, median(1 - c / base) FILTER (c < base) AS depth FROM l JOIN goods USING (p)`,
  },
  {
    number: 12,
    about: 'price elasticity of units, week by week within products',
    source: 'Bijmolt et al. 2005: -2.6; UCI -1.6',
    measures: [between('elasticity', -3.5, -1.2)],
    cannot: atLeast(280),
    sql: () => `
WITH w AS (SELECT p, date_trunc('week', lt) AS w, sum(q * c) / sum(q) AS x, sum(q) AS u FROM l GROUP BY 1, 2),
d AS (SELECT p, w, ln(x) - avg(ln(x)) OVER (PARTITION BY p) AS lx, ln(u) - avg(ln(u)) OVER (PARTITION BY p) AS lu, count(*) OVER (PARTITION BY p) AS k FROM w),
z AS (SELECT lx - avg(lx) OVER (PARTITION BY w) AS lx, lu - avg(lu) OVER (PARTITION BY w) AS lu FROM d WHERE k >= 40)
SELECT CASE WHEN var_pop(lx) > 1e-6 THEN regr_slope(lu, lx) END AS elasticity FROM z`,
  },
  {
    number: 13,
    about: 'lines per visit; visits of one line',
    source: 'choice of ours',
    measures: [between('lines', 1.4, 4), between('single', 0.35, 0.75)],
    sql: () =>
      `WITH b AS (SELECT count(*) AS n FROM l GROUP BY s, ts) SELECT avg(n) AS lines, avg(CASE n WHEN 1 THEN 1.0 ELSE 0 END) AS single FROM b`,
  },
  {
    number: 14,
    about: 'pairs of the 300 best sellers bought together: median lift; lift over 3',
    source: 'UCI 2.7; .42 (wholesale: upper bound)',
    measures: [between('lift', 0.8, 3), between('over 3', 0.01, 0.45)],
    cannot: ({ lines }) => (lines < 500_000 ? `needs 500,000 lines, there are ${lines}` : undefined),
    sql: () => `
WITH top AS (SELECT p FROM l GROUP BY 1 ORDER BY count(*) DESC, p LIMIT 300),
b AS (SELECT DISTINCT s, ts, p FROM l), n AS (SELECT count(*) AS n FROM (SELECT DISTINCT s, ts FROM b)),
t AS (SELECT b.* FROM b JOIN top USING (p)), one AS (SELECT p, count(*) AS k FROM t GROUP BY 1),
pairs AS (SELECT x.p AS a, y.p AS z, count(*) AS k FROM t AS x JOIN t AS y ON x.s = y.s AND x.ts = y.ts AND x.p < y.p GROUP BY 1, 2),
lifts AS (SELECT pairs.k * (SELECT n FROM n) / (u.k * CAST(v.k AS DOUBLE)) AS lift FROM pairs JOIN one AS u ON u.p = a JOIN one AS v ON v.p = z)
SELECT median(lift) AS lift, avg(CASE WHEN lift > 3 THEN 1.0 ELSE 0 END) AS "over 3" FROM lifts`,
  },
  {
    number: 15,
    about: 'units sold that come back to the shelf',
    source: 'NRF in store .087',
    measures: [between('share', 0.04, 0.12)],
    cannot: atLeast(60),
    sql: () => `WITH x AS (${SHARES}) SELECT back / sold AS share FROM x`,
  },
  {
    number: 16,
    about: 'units that vanish, of units sold',
    source: 'NRF .013-.016',
    measures: [between('share', 0.012, 0.018)],
    cannot: atLeast(30),
    sql: () => `WITH x AS (${SHARES}) SELECT (gone - sold) / sold AS share FROM x`,
  },
  {
    number: 17,
    about: 'carried product-days out of stock',
    source: 'Gruen & Corsten .083',
    measures: [between('share', 0.03, 0.1)],
    cannot: atLeast(60),
    sql: () => `${BALANCES}
SELECT sum(CASE WHEN bal <= 0 THEN coalesce(nd, e.d) - b.d ELSE 0 END) / sum(coalesce(nd, e.d) - b.d) AS share FROM b, e`,
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
held AS (SELECT category, sum(CAST(greatest(bal, 0) AS DOUBLE) * base * (coalesce(nd, e.d) - b.d)) / ${days} AS v FROM b JOIN goods USING (p), e GROUP BY 1),
sold AS (SELECT category, sum(CAST(q AS DOUBLE) * base) * 365 / ${days} AS v FROM l JOIN goods USING (p) GROUP BY 1)
SELECT ${CATEGORIES.map((name) => `max(sold.v / nullif(held.v, 0)) FILTER (category = '${name}') AS "${name}"`).join(', ')} FROM sold JOIN held USING (category)`,
  },
  {
    number: 19,
    about: 'products first sold after the sixth week',
    source: 'UCI upper bound .29',
    measures: [between('share', 0.05, 0.35)],
    cannot: atLeast(180),
    sql: () => `
WITH f AS (SELECT p, min(lt) AS first FROM l GROUP BY 1) SELECT avg(CASE WHEN first > (SELECT min(first) FROM f) + INTERVAL 42 DAY THEN 1.0 ELSE 0 END) AS share FROM f`,
  },
  {
    number: 20,
    about: 'balances below zero; units sold without a movement',
    source: 'arithmetic',
    hard: true,
    measures: [between('negative', 0, 0), between('unmoved', 0, 0)],
    sql: () => `
WITH b AS (SELECT sum(change) OVER (PARTITION BY s, p ORDER BY ts, ord) AS bal FROM m),
sales AS (SELECT s, p, ts, sum(q) AS q FROM l GROUP BY 1, 2, 3), out_moves AS (SELECT s, p, ts, sum(-change) AS q FROM m WHERE change < 0 GROUP BY 1, 2, 3)
SELECT (SELECT count(*) FROM b WHERE bal < 0) AS negative,
  (SELECT coalesce(sum(greatest(sales.q - coalesce(out_moves.q, 0), 0)), 0) FROM sales LEFT JOIN out_moves USING (s, p, ts)) AS unmoved`,
  },
]
