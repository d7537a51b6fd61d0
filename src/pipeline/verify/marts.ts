import type { Reader, Row } from '../../ports/index.ts'
import { firstDayOf, formatDay, monthOf, parseDay } from '../../time.ts'
import { CITIES_MAX } from '../../truth/account.ts'
import { sameSums } from '../../truth/checksum.ts'
import { dollars } from '../../truth/rows.ts'
import { dailySalesColumns, dialects, instant, type SumRow, stockColumns, sumsBy, sumsOf } from '../../truth/sql.ts'
import { CATEGORIES } from '../../world/calibration.ts'
import { CITIES } from '../../world/cities.ts'
import type { World } from '../../world/world.ts'
import type { VerifyDifference } from '../results.ts'
import type { Finding, VerifyContext } from './check.ts'
import { wrongDays } from './days.ts'
import { drillSales, drillStock } from './drill.ts'

export async function checkDailySales(context: VerifyContext): Promise<Finding> {
  const { reader, world, truth } = context
  const dialect = dialects[reader.dialect]
  const rows = await reader.query<SumRow>(
    sumsBy('day', dailySalesColumns(CATEGORIES, dialect), 'marts.daily_sales', 'true'),
  )
  const wrong = wrongDays(rows, truth.dailySales, world.from)
  return {
    compared: Number(truth.dailySales.reduce((n, { rows: r }) => n + r, 0n)),
    differences: await drillSales(context, wrong),
  }
}

/** The line-level model, added up by day. It is a view over staging and raw, so it is as far as raw is. */
export async function checkModel({ reader, world, truth, cut }: VerifyContext): Promise<Finding> {
  const dialect = dialects[reader.dialect]
  const rows = await reader.query<{ day: string; lines: bigint; units: bigint; cents: bigint }>(
    `SELECT event_date AS day, COUNT(*) AS lines, SUM(quantity) AS units, CAST(SUM(revenue) * 100 AS BIGINT) AS cents
FROM marts.mv_retail_transactions WHERE "timestamp" < ${instant(dialect, cut.model ?? cut.raw)} GROUP BY event_date`,
  )
  const differences: VerifyDifference[] = []
  const found = new Map(rows.map((row) => [parseDay(String(row.day))!, row]))
  truth.soldLines.forEach((lines, i) => {
    const row = found.get(world.from + i)
    const at = {
      check: 'mv_retail_transactions',
      kind: 'changed',
      table: 'marts.mv_retail_transactions',
      day: formatDay(world.from + i),
    } as const
    const compare = (column: string, expected: string, have: string) => {
      if (expected !== have) differences.push({ ...at, column, expected, found: have })
    }
    compare('lines', String(lines), String(row?.lines ?? 0))
    compare('units', String(truth.units[i]), String(row?.units ?? 0))
    compare('revenue', dollars(truth.revenueCents[i]), dollars(Number(row?.cents ?? 0)))
  })
  return { compared: truth.soldLines.length, differences }
}

export async function checkStock(context: VerifyContext): Promise<Finding> {
  const { reader, truth } = context
  const dialect = dialects[reader.dialect]
  const [row] = await reader.query<SumRow>(sumsBy('0', stockColumns(dialect), 'marts.stock_on_hand', 'true'))
  const same = sameSums(sumsOf(row), truth.stockMarts)
  return { compared: Number(truth.stockMarts.rows), differences: same ? [] : await drillStock(context) }
}

export function checkMonthlyInventory({ reader, world, truth }: VerifyContext): Promise<Finding> {
  const expected = new Map<string, string>()
  truth.monthlyMovements.forEach((movements, i) => {
    if (movements === 0) return
    const key = `${monthText(world, Math.floor(i / CITIES_MAX))} ${placeText(i % CITIES_MAX)}`
    expected.set(key, `${truth.monthlyChange[i]} in ${movements} movements`)
  })
  return compareCells(
    reader,
    'monthly_inventory',
    'SELECT month, location, quantity_change, movements FROM marts.monthly_inventory',
    ({ month, location }) => `${month} ${location}`,
    ({ quantity_change, movements }) => `${quantity_change} in ${movements} movements`,
    expected,
  )
}

export function checkMonthlySales({ reader, world, truth }: VerifyContext): Promise<Finding> {
  const expected = new Map<string, string>()
  for (const [key, [cents, units, lines]] of truth.monthlySales) {
    const [place, category] = [Math.floor(key / CATEGORIES.length), CATEGORIES[key % CATEGORIES.length]]
    const month = monthText(world, Math.floor(place / CITIES_MAX))
    expected.set(`${month} ${placeText(place % CITIES_MAX)} ${category}`, soldText(dollars(cents), units, lines))
  }
  const revenue = dialects[reader.dialect].text('revenue', 'money')
  return compareCells(
    reader,
    'monthly_sales',
    `SELECT month, location, state, category, ${revenue} AS revenue, units, lines FROM marts.monthly_sales`,
    ({ month, location, category }) => `${month} ${location} ${category}`,
    ({ location, state, revenue, units, lines }) => soldText(revenue, units, lines) + wrongState(location, state),
    expected,
  )
}

export function checkStockLevels({ reader, truth }: VerifyContext): Promise<Finding> {
  const expected = new Map<string, string>()
  for (const [key, [places, onHand, out]] of truth.stockLevels) {
    const category = CATEGORIES[key % CATEGORIES.length]
    expected.set(`${placeText(Math.floor(key / CATEGORIES.length))} ${category}`, levelText(onHand, places, out))
  }
  return compareCells(
    reader,
    'stock_levels',
    'SELECT location, state, category, places, on_hand, out_of_stock FROM marts.stock_levels',
    ({ location, category }) => `${location} ${category}`,
    ({ location, state, places, on_hand, out_of_stock }) =>
      levelText(on_hand, places, out_of_stock) + wrongState(location, state),
    expected,
  )
}

export function checkMartProducts({ reader, dimensions }: VerifyContext): Promise<Finding> {
  const expected = new Map(
    dimensions.product.map(({ product_id, name, category, base_price, supplier_id }) => [
      product_id,
      [name, category, base_price, supplier_id].join(', '),
    ]),
  )
  const price = dialects[reader.dialect].text('base_price', 'money')
  return compareCells(
    reader,
    'dim_product',
    `SELECT product_id, product_name, category, ${price} AS base_price, supplier_id FROM marts.dim_product`,
    ({ product_id }) => String(product_id),
    ({ product_name, category, base_price, supplier_id }) =>
      [product_name, category, base_price, supplier_id].join(', '),
    expected,
  )
}

export function checkMartStores({ reader, dimensions }: VerifyContext): Promise<Finding> {
  const expected = new Map(
    dimensions.store.map(({ store_id, location, size, manager }) => [
      store_id,
      [location, ...cityAndState(location), size, manager].join(', '),
    ]),
  )
  return compareCells(
    reader,
    'dim_store',
    'SELECT store_id, location, city, state, store_size, manager FROM marts.dim_store',
    ({ store_id }) => String(store_id),
    ({ location, city, state, store_size, manager }) => [location, city, state, store_size, manager].join(', '),
    expected,
  )
}

/** Every row of a small mart, by a key that it has once, its cells as one text. */
async function compareCells(
  reader: Reader,
  mart: string,
  sql: string,
  keyOf: (row: Row) => string,
  textOf: (row: Row) => string,
  expected: ReadonlyMap<string, string>,
): Promise<Finding> {
  const differences: VerifyDifference[] = []
  const at = { check: mart, table: `marts.${mart}` } as const
  const seen = new Set<string>()
  for (const row of await reader.query(`${sql} ORDER BY 1, 2`)) {
    const [id, found] = [keyOf(row), textOf(row)]
    const right = expected.get(id)
    if (seen.has(id)) differences.push({ ...at, kind: 'doubled', id, found })
    else if (right === undefined) differences.push({ ...at, kind: 'unexpected', id, found })
    else if (right !== found) differences.push({ ...at, kind: 'changed', id, expected: right, found })
    seen.add(id)
  }
  for (const [id, right] of expected)
    if (!seen.has(id)) differences.push({ ...at, kind: 'missing', id, expected: right })
  return { compared: expected.size, differences }
}

const monthText = ({ from }: World, month: number): string => formatDay(firstDayOf(monthOf(from) + month))
const placeText = (city: number): string => `${CITIES[city].name}, ${CITIES[city].state}`
const cityAndState = (location: string): [string, string] => {
  const comma = location.lastIndexOf(',')
  return [location.slice(0, comma), location.slice(comma + 1).trim()]
}
const wrongState = (location: Row[string], state: Row[string]): string =>
  state === cityAndState(String(location))[1] ? '' : ` in ${state}`
const soldText = (revenue: Row[string], units: Row[string], lines: Row[string]): string =>
  `${revenue} for ${units} units in ${lines} lines`
const levelText = (onHand: Row[string], places: Row[string], out: Row[string]): string =>
  `${onHand} units in ${places} places, ${out} of them empty`

/** Raw may have a row more than once; staging never. */
export async function checkStaging({ reader }: VerifyContext): Promise<Finding> {
  const differences: VerifyDifference[] = []
  let compared = 0
  for (const [table, id] of [
    ['stg_transactions', 'transaction_id'],
    ['stg_inventories', 'inventory_id'],
  ] as const) {
    const [row] = await reader.query(`SELECT COUNT(*) AS row_count, COUNT(DISTINCT ${id}) AS ids FROM staging.${table}`)
    compared += Number(row.row_count)
    if (row.row_count !== row.ids)
      differences.push({
        check: 'staging',
        kind: 'doubled',
        table: `staging.${table}`,
        expected: `${row.ids} rows`,
        found: `${row.row_count} rows`,
      })
  }
  return { compared, differences }
}
