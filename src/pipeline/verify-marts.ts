import { firstDayOf, formatDay, monthOf, parseDay } from '../time.ts'
import { CITIES_MAX } from '../truth/account.ts'
import { sameSums } from '../truth/checksum.ts'
import { dollars } from '../truth/rows.ts'
import { dailySalesColumns, dialects, instant, type SumRow, stockColumns, sumsBy, sumsOf } from '../truth/sql.ts'
import { CATEGORIES } from '../world/calibration.ts'
import { CITIES } from '../world/cities.ts'
import type { VerifyDifference } from './results.ts'
import type { Finding, VerifyContext } from './verify.ts'
import { wrongDays } from './verify-days.ts'
import { drillSales, drillStock } from './verify-drill.ts'

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

export async function checkMonthly({ reader, world, truth }: VerifyContext): Promise<Finding> {
  const rows = await reader.query<{ month: string; location: string; quantity_change: bigint; movements: bigint }>(
    'SELECT month, location, quantity_change, movements FROM marts.monthly_inventory',
  )
  const found = new Map(rows.map((row) => [`${row.month} ${row.location}`, row]))
  const differences: VerifyDifference[] = []
  let compared = 0
  truth.monthlyMovements.forEach((movements, i) => {
    if (movements === 0) return
    compared++
    const month = formatDay(firstDayOf(monthOf(world.from) + Math.floor(i / CITIES_MAX)))
    const city = CITIES[i % CITIES_MAX]
    const key = `${month} ${city.name}, ${city.state}`
    const row = found.get(key)
    found.delete(key)
    const have = row ? `${row.quantity_change} in ${row.movements} movements` : 'no row'
    const expected = `${truth.monthlyChange[i]} in ${movements} movements`
    if (have !== expected)
      differences.push({
        check: 'monthly_inventory',
        kind: row ? 'changed' : 'missing',
        table: 'marts.monthly_inventory',
        day: month,
        id: key,
        expected,
        found: have,
      })
  })
  for (const key of found.keys())
    differences.push({ check: 'monthly_inventory', kind: 'unexpected', table: 'marts.monthly_inventory', id: key })
  return { compared, differences }
}

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
