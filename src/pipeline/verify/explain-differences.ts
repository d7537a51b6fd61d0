import { beginBlock, simulateDays } from '../../simulator/block.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { type Day, formatDay, SECONDS_PER_DAY } from '../../time.ts'
import { dollars, plainRows, plainSecond, rowsOfDay } from '../../truth/rows.ts'
import { CATEGORIES } from '../../world/calibration.ts'
import type { VerifyContext } from './check.ts'
import type { Found } from './sentences.ts'

const DAYS_SHOWN = 3

/** The rows of daily_sales that differ on these days: store and category, expected and actual. */
export async function explainSalesDifferences(
  { reader, world, cut }: VerifyContext,
  days: readonly Day[],
): Promise<Found[]> {
  const differences: Found[] = []
  const table = 'marts.daily_sales'
  for (const day of days.slice(0, DAYS_SHOWN)) {
    const stores = Array.from({ length: world.stores.count }, (_, store) => store)
    const expected = new Map<string, { cents: number; units: number; lines: number }>()
    const truth = day < world.from ? [] : rowsOfDay(world, 'transactions', day, stores, cut.marts!).values()
    for (const row of [...truth].flat()) {
      const category = CATEGORIES[world.products.category[Number(row.product_id.slice(1)) - 1]]
      const key = `${row.store_id} ${category}`
      const sum = expected.get(key) ?? { cents: 0, units: 0, lines: 0 }
      sum.cents += Math.round(Number(row.unit_price) * 100) * Number(row.quantity)
      sum.units += Number(row.quantity)
      sum.lines++
      expected.set(key, sum)
    }
    const rows = await reader.query(
      `SELECT store_id, category, ${reader.dialect.text('revenue', 'money')} AS revenue, units, lines FROM ${reader.dialect.relation('marts', 'daily_sales')} WHERE day = DATE '${formatDay(day)}' ORDER BY 1, 2`,
    )
    const text = (revenue: string, units: unknown, lines: unknown) => `${revenue} for ${units} units in ${lines} lines`
    for (const { store_id, category, revenue, units, lines } of rows) {
      const key = `${store_id} ${category}`
      const sum = expected.get(key)
      const at = { check: 'daily_sales', table, day: formatDay(day), store: String(store_id), id: String(category) }
      const found = text(String(revenue), units, lines)
      if (!sum) differences.push({ ...at, kind: expected.size > 0 ? 'doubled' : 'unexpected', found })
      else if (text(dollars(sum.cents), sum.units, sum.lines) !== found)
        differences.push({ ...at, kind: 'changed', expected: text(dollars(sum.cents), sum.units, sum.lines), found })
      expected.delete(key)
    }
    for (const key of expected.keys()) {
      const [store, category] = key.split(' ')
      differences.push({ check: 'daily_sales', kind: 'missing', table, day: formatDay(day), store, id: category })
    }
  }
  for (const day of days.slice(DAYS_SHOWN))
    differences.push({ check: 'daily_sales', kind: 'changed', table, day: formatDay(day) })
  return differences
}

/** The balances that differ, block by block. */
export async function explainStockDifferences({ reader, world, cut }: VerifyContext): Promise<Found[]> {
  const differences: Found[] = []
  const table = 'marts.stock_on_hand'
  const until = Math.ceil(cut.marts! / SECONDS_PER_DAY)
  for (const block of world.blocks) {
    const expected = new Map<string, { onHand: number; last: string }>()
    const batch = new ColumnBatch(world.schema === 'extended')
    const cursor = beginBlock(world, block)
    for (let day = world.from; day < until; day++) {
      simulateDays(world, cursor, day + 1, batch)
      for (const { second, row } of plainRows(world, 'inventories', batch)) {
        if (second >= cut.marts!) continue
        const key = `${row.store_id} ${row.product_id}`
        expected.set(key, {
          onHand: (expected.get(key)?.onHand ?? 0) + Number(row.quantity_change),
          last: plainSecond(second),
        })
      }
      batch.clear()
    }
    const [first, last] = [block.lo + 1, block.hi].map((store) => `S${String(store).padStart(world.ids.store, '0')}`)
    const rows = await reader.query(
      `SELECT store_id, product_id, on_hand, ${reader.dialect.text('last_moved_at', 'timestamp')} AS last FROM ${reader.dialect.relation('marts', 'stock_on_hand')} WHERE store_id BETWEEN '${first}' AND '${last}' ORDER BY 1, 2`,
    )
    for (const { store_id, product_id, on_hand, last: moved } of rows) {
      const key = `${store_id} ${product_id}`
      const sum = expected.get(key)
      expected.delete(key)
      const at = { check: 'stock_on_hand', table, store: String(store_id), id: String(product_id) }
      if (!sum) differences.push({ ...at, kind: 'unexpected', found: String(on_hand) })
      else if (String(on_hand) !== String(sum.onHand) || moved !== sum.last)
        differences.push({
          ...at,
          kind: 'changed',
          column: 'on_hand',
          expected: `${sum.onHand}, last moved ${sum.last}`,
          found: `${on_hand}, last moved ${moved}`,
        })
    }
    for (const key of expected.keys())
      differences.push({
        check: 'stock_on_hand',
        kind: 'missing',
        table,
        store: key.split(' ')[0],
        id: key.split(' ')[1],
      })
    if (differences.length >= 20) return differences
  }
  return differences
}
