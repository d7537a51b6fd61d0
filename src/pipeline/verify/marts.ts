import type { Dialect, Row } from '../../ports/index.ts'
import { firstDayOf, formatDay, monthOf, parseDay } from '../../time.ts'
import { addTo, CITIES_MAX } from '../../truth/block-truth.ts'
import { MODULUS, type TotalSums } from '../../truth/checksum.ts'
import { customerSumsColumns } from '../../truth/customer-sums.ts'
import { productSumsColumns } from '../../truth/product-sums.ts'
import { dollars, plainSecond } from '../../truth/rows.ts'
import { dailySalesColumns, monthlyStockColumns, type SumRow, stockColumns, sumsBy, sumsOf } from '../../truth/sql.ts'
import { CATEGORIES } from '../../world/calibration.ts'
import { CITIES } from '../../world/cities.ts'
import type { World } from '../../world/world.ts'
import { explainSalesDifferences, explainStockDifferences } from './explain-differences.ts'
import type { Mart } from './mart.ts'
import { soldByDay } from './sold.ts'

/** Every model of dbt/models/marts, in the order of comparison. */
export const MARTS = [
  {
    model: 'daily_sales',
    key: ['key'],
    keyIs: 'day',
    quick: true,
    sql: (dialect) =>
      sumsBy('day', dailySalesColumns(CATEGORIES, dialect), dialect.relation('marts', 'daily_sales'), 'true', dialect),
    values: (row) => sumsText(sumsOf(row as SumRow)),
    truth: ({ truth, world }) =>
      new Map(
        truth.dailySales.flatMap((sums, i) => (sums.rows > 0n ? [[formatDay(world.from + i), sumsText(sums)]] : [])),
      ),
    rows: ({ truth }) => Number(truth.dailySales.reduce((n, { rows }) => n + rows, 0n)),
    drill: (context, days) =>
      explainSalesDifferences(
        context,
        days.map((day) => parseDay(day)!),
      ),
    about: 'revenue, units, and lines are correct for every day, to the cent',
    failed: 'revenue, units, or lines of some days differ from the sums of the rows',
  },
  {
    // A view over staging and raw, so it is as far as raw.
    model: 'mv_retail_transactions',
    key: ['day'],
    keyIs: 'day',
    quick: true,
    sql: (dialect, cut) => soldByDay(dialect, cut),
    measured: ({ sold }) => sold,
    values: ({ lines, units, cents }) => soldOf(lines, units, Number(cents)),
    truth: ({ truth, world }) =>
      new Map(
        truth.soldLines.flatMap((lines, i) =>
          lines > 0 ? [[formatDay(world.from + i), soldOf(lines, truth.units[i], truth.revenueCents[i])]] : [],
        ),
      ),
    about: 'lines, units, and revenue are correct for every day',
    failed: 'lines, units, or revenue of some days differ from the sums of the rows',
  },
  {
    model: 'dim_product',
    key: ['product_id'],
    quick: true,
    sql: ({ text, relation }) =>
      `SELECT product_id, product_name, category, ${text('base_price', 'money')} AS base_price, supplier_id FROM ${relation('marts', 'dim_product')} ORDER BY 1, 2`,
    values: ({ product_name, category, base_price, supplier_id }) =>
      [product_name, category, base_price, supplier_id].join(', '),
    truth: ({ dimensions }) =>
      new Map(
        dimensions('product').map(({ product_id, name, category, base_price, supplier_id }) => [
          product_id,
          [name, category, base_price, supplier_id].join(', '),
        ]),
      ),
    about: 'every cell of every product is correct',
    failed: 'some products have wrong cells',
  },
  {
    model: 'dim_store',
    key: ['store_id'],
    quick: true,
    sql: ({ relation }) =>
      `SELECT store_id, location, city, state, store_size, manager FROM ${relation('marts', 'dim_store')} ORDER BY 1, 2`,
    values: ({ location, city, state, store_size, manager }) => [location, city, state, store_size, manager].join(', '),
    truth: ({ dimensions }) =>
      new Map(
        dimensions('store').map(({ store_id, location, size, manager }) => [
          store_id,
          [location, ...cityAndState(location), size, manager].join(', '),
        ]),
      ),
    about: 'every cell of every store is correct',
    failed: 'some stores have wrong cells',
  },
  {
    model: 'stock_on_hand',
    key: ['key'],
    quick: false,
    sql: (dialect) =>
      sumsBy("'all'", stockColumns(dialect), dialect.relation('marts', 'stock_on_hand'), 'true', dialect),
    values: (row) => sumsText(sumsOf(row as SumRow)),
    truth: ({ truth: { stockMarts } }) => new Map(stockMarts.rows > 0n ? [['all', sumsText(stockMarts)]] : []),
    rows: ({ truth }) => Number(truth.stockMarts.rows),
    drill: explainStockDifferences,
    about: 'the stock of every product in every store is correct',
    failed: 'the stock of some products in some stores differs from the sums of the rows',
  },
  {
    model: 'stock_levels',
    key: ['location', 'category'],
    quick: false,
    sql: ({ relation }) =>
      `SELECT location, state, category, stocked_items, on_hand, out_of_stock FROM ${relation('marts', 'stock_levels')} ORDER BY 1, 2, 3`,
    values: ({ location, state, stocked_items, on_hand, out_of_stock }) =>
      levelText(on_hand, stocked_items, out_of_stock) + wrongState(location, state),
    truth: ({ truth }) =>
      new Map(
        Array.from(truth.stockLevels, ([key, [items, onHand, out]]) => [
          `${placeText(Math.floor(key / CATEGORIES.length))} ${CATEGORIES[key % CATEGORIES.length]}`,
          levelText(onHand, items, out),
        ]),
      ),
    about: 'stocked items and units are correct for every location and category',
    failed: 'stocked items or units of some locations and categories differ from the sums of the rows',
  },
  {
    model: 'monthly_stock',
    key: ['key'],
    quick: false,
    sql: (dialect) => monthlyStockSql(dialect),
    values: (row) => sumsText(sumsOf(row as SumRow)),
    truth: ({ truth, world }) => {
      // A month is in the mart once anything moved in it, and then for all stores.
      const moved = new Set(truth.monthlyMovements.flatMap((n, i) => (n > 0 ? [Math.floor(i / CITIES_MAX)] : [])))
      return new Map(
        truth.monthlyStock.flatMap((sums, i) =>
          sums.rows > 0n && moved.has(Math.floor(i / CITIES_MAX))
            ? [[`${monthText(world, Math.floor(i / CITIES_MAX))} ${placeText(i % CITIES_MAX)}`, sumsText(sums)]]
            : [],
        ),
      )
    },
    about: 'stock and what is out of stock are correct for every month, store, and category',
    failed: 'stock, or what is out of stock, differs from the sums of the rows in some months and locations',
  },
  {
    model: 'monthly_sales',
    key: ['month', 'location', 'category'],
    quick: false,
    sql: ({ text, relation }) =>
      `SELECT month, location, state, category, ${text('revenue', 'money')} AS revenue, units, lines FROM ${relation('marts', 'monthly_sales')} ORDER BY 1, 2`,
    values: ({ location, state, revenue, units, lines }) =>
      soldText(revenue, units, lines) + wrongState(location, state),
    truth: ({ truth, world }) =>
      new Map(
        Array.from(truth.monthlySales, ([key, [cents, units, lines]]) => {
          const [place, category] = [Math.floor(key / CATEGORIES.length), CATEGORIES[key % CATEGORIES.length]]
          const month = monthText(world, Math.floor(place / CITIES_MAX))
          return [`${month} ${placeText(place % CITIES_MAX)} ${category}`, soldText(dollars(cents), units, lines)]
        }),
      ),
    about: 'revenue, units, and lines are correct for every month, location, and category',
    failed: 'revenue, units, or lines of some months, locations, and categories differ from the sums of the rows',
  },
  {
    model: 'monthly_product_sales',
    key: ['month', 'location'],
    quick: false,
    sql: (dialect) => productSalesSql(dialect),
    values: ({ location, state, most, revenue, units, lines, others, a, b }) =>
      productsText(soldText(revenue, units, lines), BigInt(a ?? 0), BigInt(b ?? 0)) +
      wrongState(location, state) +
      wrongState(location, most) +
      (Number(others) === 0 ? '' : `, and ${others} rows are doubled or empty`),
    truth: ({ truth, world }) =>
      new Map(
        Array.from(soldByPlace(truth.monthlySales), ([place, [cents, units, lines]]) => [
          `${monthText(world, Math.floor(place / CITIES_MAX))} ${placeText(place % CITIES_MAX)}`,
          productsText(
            soldText(dollars(cents), units, lines),
            BigInt(truth.productSales.a[place]),
            BigInt(truth.productSales.b[place]),
          ),
        ]),
      ),
    about: 'revenue, units, and lines of every product are correct for every month and location',
    failed: 'revenue, units, or lines of some products differ from the sums of the rows in some months and locations',
  },
  {
    model: 'monthly_inventory',
    key: ['month', 'location'],
    quick: false,
    sql: ({ relation }) =>
      `SELECT month, location, quantity_change, movements FROM ${relation('marts', 'monthly_inventory')} ORDER BY 1, 2`,
    values: ({ quantity_change, movements }) => `${quantity_change} in ${movements} movements`,
    truth: ({ truth, world }) =>
      new Map(
        truth.monthlyMovements.flatMap((movements, i) => {
          const key = `${monthText(world, Math.floor(i / CITIES_MAX))} ${placeText(i % CITIES_MAX)}`
          return movements > 0 ? [[key, `${truth.monthlyChange[i]} in ${movements} movements`]] : []
        }),
      ),
    about: 'the quantity change is correct for every month and location',
    failed: 'the quantity change of some months and locations differs from the sums of the rows',
  },
  {
    model: 'dim_customer',
    extended: true,
    key: ['customer_id'],
    quick: false,
    sql: ({ text, relation }) =>
      `SELECT customer_id, customer_name, email, location, city, state, segment, ${text('joined_on', 'string')} AS joined_on, home_store_id, ${text('cohort', 'string')} AS cohort FROM ${relation('marts', 'dim_customer')} ORDER BY 1, 2`,
    values: ({ customer_name, email, location, city, state, segment, joined_on, home_store_id, cohort }) =>
      [customer_name, email, location, city, state, segment, joined_on, home_store_id, cohort].join(', '),
    truth: ({ dimensions, cut }) => {
      const before = plainSecond(Math.ceil(cut.marts ?? 0))
      return new Map(
        dimensions('customer').flatMap(({ customer_id, name, email, city, segment, joined, home_store_id }) => {
          if (joined >= before) return []
          const day = joined.slice(0, 10)
          const cells = [name, email, city, ...cityAndState(city), segment, day, home_store_id, `${day.slice(0, 8)}01`]
          return [[customer_id, cells.join(', ')] as const]
        }),
      )
    },
    about: 'every cell of every customer is correct',
    failed: 'some customers have wrong cells',
  },
  {
    model: 'customer_month',
    extended: true,
    key: ['month'],
    quick: false,
    sql: (dialect) => customerMonthSql(dialect),
    values: ({ visits, units, revenue, others, a, b }) =>
      visitsText(visits, units, revenue, BigInt(a ?? 0), BigInt(b ?? 0)) +
      (Number(others) === 0 ? '' : `, and ${others} rows are doubled or empty`),
    truth: ({ truth, world }) =>
      new Map(
        truth.customerMonths.flatMap(([visits, units, cents, a, b], month) =>
          visits > 0
            ? [[monthText(world, month), visitsText(visits, units, dollars(cents), BigInt(a), BigInt(b))]]
            : [],
        ),
      ),
    about: 'visits, units, and revenue of every customer are correct for every month',
    failed: 'visits, units, or revenue of some customers differ from the sums of the rows in some months',
  },
  {
    // The months of customers are compared above, and their cohorts with them.
    model: 'customer_cohorts',
    extended: true,
    key: ['key'],
    quick: false,
    sql: (dialect) => cohortsSql(dialect),
    values: ({ wrong }) => `${wrong} cohorts and months differ`,
    truth: () => new Map([['all', '0 cohorts and months differ']]),
    about: 'every cohort and month sums up the months of its customers',
    failed: 'some cohorts and months do not sum up the months of their customers',
  },
] as const satisfies readonly Mart[]

export type MartName = (typeof MARTS)[number]['model']

const PRIME = BigInt(MODULUS)
/** Sums are defined mod 2^31 − 1. */
const sumsText = ({ rows, a, b }: TotalSums): string => `${rows} rows, checksums ${a % PRIME} and ${b % PRIME}`

/** Revenue, units, and lines of a month and location, and the checksums of its products. */
const productSalesSql = (dialect: Dialect): string => {
  const { a, b } = productSumsColumns(CATEGORIES, dialect)
  return `SELECT month, location, MIN(state) AS state, MAX(state) AS most, ${dialect.text('SUM(revenue)', 'money')} AS revenue,
    SUM(units) AS units, SUM(lines) AS lines, ${a} AS a, ${b} AS b,
    COUNT(*) - COUNT(DISTINCT product_id) + SUM(CASE WHEN lines < 1 THEN 1 ELSE 0 END) AS others
  FROM ${dialect.relation('marts', 'monthly_product_sales')} GROUP BY 1, 2 ORDER BY 1, 2`
}

/** Checksums of the rows of a month and location. */
const monthlyStockSql = (dialect: Dialect): string =>
  sumsBy(
    "CONCAT(CAST(month AS STRING), ' ', location)",
    monthlyStockColumns(CATEGORIES, dialect),
    `(SELECT stock.*, store.location FROM ${dialect.relation('marts', 'monthly_stock')} AS stock
    LEFT JOIN ${dialect.relation('marts', 'dim_store')} AS store ON store.store_id = stock.store_id) AS placed`,
    'true',
    dialect,
  )
const productsText = (sold: string, a: bigint, b: bigint): string =>
  `${sold}, checksums of products ${a % PRIME} and ${b % PRIME}`

/** Of all categories, by month and city. */
function soldByPlace(sales: ReadonlyMap<number, readonly number[]>): Map<number, number[]> {
  const byPlace = new Map<number, number[]>()
  for (const [key, values] of sales) addTo(byPlace, Math.floor(key / CATEGORIES.length), values)
  return byPlace
}

/** Visits, units, and revenue of a month, and the checksums of its customers. */
const customerMonthSql = (dialect: Dialect): string => {
  const { a, b } = customerSumsColumns(dialect)
  return `SELECT month, SUM(visits) AS visits, SUM(units) AS units, ${dialect.text('SUM(revenue)', 'money')} AS revenue, ${a} AS a, ${b} AS b,
    COUNT(*) - COUNT(DISTINCT customer_id) + SUM(CASE WHEN visits < 1 THEN 1 ELSE 0 END) AS others
  FROM ${dialect.relation('marts', 'customer_month')} GROUP BY 1 ORDER BY 1`
}
const visitsText = (visits: Row[string], units: Row[string], revenue: Row[string], a: bigint, b: bigint): string =>
  `${revenue} for ${units} units in ${visits} visits, checksums of customers ${a % PRIME} and ${b % PRIME}`

/** The rows of customer_cohorts that differ from a sum of the marts that it is made of, with those of either side alone. */
const cohortsSql = ({ relation }: Dialect): string => `
SELECT 'all' AS key, COUNT(*) AS wrong
FROM (
  SELECT sold.cohort, sold.month, (extract(year FROM sold.month) - extract(year FROM sold.cohort)) * 12 + extract(month FROM sold.month) - extract(month FROM sold.cohort) AS months_since,
    known.customers, sold.active_customers, sold.visits, sold.revenue
  FROM (SELECT cohort, month, COUNT(*) AS active_customers, SUM(visits) AS visits, SUM(revenue) AS revenue FROM ${relation('marts', 'customer_month')} GROUP BY 1, 2) AS sold
  INNER JOIN (SELECT cohort, COUNT(*) AS customers FROM ${relation('marts', 'dim_customer')} GROUP BY 1) AS known ON known.cohort = sold.cohort
) AS right_rows
FULL OUTER JOIN ${relation('marts', 'customer_cohorts')} AS found ON found.cohort = right_rows.cohort AND found.month = right_rows.month
WHERE found.cohort IS NULL OR right_rows.cohort IS NULL OR found.months_since <> right_rows.months_since OR found.customers <> right_rows.customers
  OR found.active_customers <> right_rows.active_customers OR found.visits <> right_rows.visits OR found.revenue <> right_rows.revenue`

const soldOf = (lines: Row[string], units: Row[string], cents: number) => ({
  lines: String(lines),
  units: String(units),
  revenue: dollars(cents),
})
const monthText = ({ from }: World, month: number): string => formatDay(firstDayOf(monthOf(from) + month))
const placeText = (city: number): string => (CITIES[city] ? `${CITIES[city].name}, ${CITIES[city].state}` : '')
const cityAndState = (location: string): [string, string] => {
  const comma = location.lastIndexOf(',')
  return [location.slice(0, comma), location.slice(comma + 1).trim()]
}
const wrongState = (location: Row[string], state: Row[string]): string =>
  state === cityAndState(String(location))[1] ? '' : ` in ${state}`
const soldText = (revenue: Row[string], units: Row[string], lines: Row[string]): string =>
  `${revenue} for ${units} units in ${lines} lines`
const levelText = (onHand: Row[string], items: Row[string], out: Row[string]): string =>
  `${onHand} units of ${items} stocked items, ${out} of them out of stock`
