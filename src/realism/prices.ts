import { between, type Item, needsDays } from './item.ts'

const section = 'Baskets and prices'

/** The regular price at the end of a product's month; without a history, the highest that it sold at around the month. */
const MONTHS = {
  known: `SELECT product, month, price FROM sold`,
  derived: `SELECT product, month, max(highest) OVER (PARTITION BY product ORDER BY month
    RANGE BETWEEN INTERVAL 1 MONTH PRECEDING AND INTERVAL 1 MONTH FOLLOWING) AS price FROM sold`,
}

export const PRICES: readonly Item[] = [
  {
    id: 29,
    section,
    about: 'regular prices that change in a month',
    definition:
      'share of product-months whose regular price differs by over .5 % from that of the month before; without price_history, the regular price is the highest daily price of the month and its two neighbors',
    source: 'Nakamura and Steinsson 2008: 9–12 % without sales',
    sure: 'published',
    measures: [between('share', 0.05, 0.12)],
    cannot: needsDays(120),
    tables: ['product_days'],
    support: [{ column: 'months', least: 200, of: 'product-months' }],
    sql: ({ has }) => `
WITH sold AS (SELECT product, date_trunc('month', day) AS month, arg_max(base, day) AS price, max(price) AS highest
  FROM product_days GROUP BY 1, 2),
regular AS (${has.priceHistory === undefined ? MONTHS.derived : MONTHS.known}),
steps AS (SELECT price / lag(price) OVER months - 1 AS change, month = lag(month) OVER months + INTERVAL 1 MONTH AS is_next
  FROM regular WINDOW months AS (PARTITION BY product ORDER BY month))
SELECT count(*) FILTER (abs(change) > 0.005) / nullif(count(*), 0) AS share, count(*) AS months FROM steps WHERE is_next`,
  },
  {
    id: 32,
    section,
    about: 'a promotion lifts sales',
    definition:
      "units' share in the category during a promotion of 4 days or more, over that of the days 35 to 8 before it without one; median; products that sell over 5 a day",
    source: 'no data at hand',
    sure: 'recalled',
    measures: [between('lift', 1.3, 3)],
    cannot: needsDays(60),
    tables: ['product_days'],
    support: [{ column: 'promotions', least: 30, of: 'promotions with four weeks before them' }],
    sql: () => `
WITH category_days AS (SELECT category, day, sum(units) AS units FROM product_days JOIN goods USING (product) GROUP BY 1, 2),
steady AS (SELECT product FROM product_days GROUP BY 1 HAVING sum(units) > 5 * (max(day) - min(day) + 1)),
days AS (SELECT product, product_days.day, promoted, product_days.units, category_days.units AS category_units
  FROM product_days SEMI JOIN steady USING (product) JOIN goods USING (product) JOIN category_days USING (category, day)),
numbered AS (SELECT *, day - CAST(row_number() OVER (PARTITION BY product ORDER BY day) AS INTEGER) AS run FROM days WHERE promoted),
promotions AS (SELECT product, min(day) AS start, sum(units) / sum(category_units) AS share FROM numbered
  GROUP BY product, run HAVING count(*) >= 4),
lifts AS (SELECT any_value(promotions.share) / (sum(days.units) / sum(days.category_units)) AS lift
  FROM promotions JOIN days ON days.product = promotions.product AND days.day BETWEEN start - 35 AND start - 8 AND NOT days.promoted
  GROUP BY promotions.product, start HAVING count(*) >= 7)
SELECT median(lift) AS lift, count(*) AS promotions FROM lifts`,
  },
  {
    id: 34,
    section,
    about: 'own price elasticity',
    definition:
      "slope of the log of a product's share of the chain's units on the log of its mean price, by week; median of the products that sell 15 a week and whose log price has a standard deviation over .03",
    source: 'Bijmolt et al. 2005: mean -2.62 of 1,851; Tellis 1988: -1.76',
    sure: 'published',
    measures: [between('elasticity', -3.5, -1.2)],
    cannot: needsDays(84),
    tables: ['product_weeks'],
    support: [{ column: 'products', least: 20, of: 'products whose price moves' }],
    sql: () => `
WITH chain AS (SELECT week, sum(units) AS units FROM product_weeks GROUP BY 1),
points AS (SELECT product, product_weeks.units, ln(product_weeks.units / chain.units) AS share, ln(cents / product_weeks.units) AS price
  FROM product_weeks JOIN chain USING (week) WHERE cents > 0),
slopes AS (SELECT regr_slope(share, price) AS slope FROM points GROUP BY product
  HAVING avg(units) >= 15 AND stddev(price) > 0.03 AND count(*) >= 8)
SELECT median(slope) AS elasticity, count(*) AS products FROM slopes`,
  },
  {
    id: 35,
    section,
    about: 'price elasticity of a category',
    definition:
      "slope of the log of a category's share of units on the mean of log(price / regular price), in which a product weighs what it sells in the whole sample; by week, in the week itself; median of the categories",
    source:
      'van Heerde et al. 2003, Leeflang et al. 2008: two thirds of the own effect (published); the range is our opinion',
    sure: 'opinion',
    measures: [between('elasticity', -1.3, -0.5)],
    cannot: needsDays(280),
    tables: ['product_weeks'],
    sql: () => `
WITH chain AS (SELECT week, sum(units) AS units FROM product_weeks GROUP BY 1),
weights AS (SELECT product, sum(units) AS weight FROM product_weeks GROUP BY 1),
points AS (SELECT category, ln(sum(product_weeks.units) / any_value(chain.units)) AS share,
    sum(weight * discount / product_weeks.units) / sum(weight) AS discount
  FROM product_weeks JOIN goods USING (product) JOIN chain USING (week) JOIN weights USING (product) GROUP BY category, week),
slopes AS (SELECT CASE WHEN stddev(discount) > 0.001 THEN regr_slope(share, discount) END AS slope FROM points GROUP BY category)
SELECT median(slope) AS elasticity FROM slopes`,
  },
]
