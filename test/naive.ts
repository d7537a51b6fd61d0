import { parseSecond } from '../src/time.ts'
import type { PlainRow } from '../src/truth/rows.ts'

/** Letter, length and dashes; yymmdd; store; number. */
function valuesOfId(id: string): number[] {
  const [head, store, number] = id.split('-')
  const dashes = 45 + 256 * (number === undefined ? 0 : 45)
  return [
    head.charCodeAt(0) * 64 + id.length + 8192 * dashes,
    Number(head.slice(1)),
    Number(store),
    Number(number ?? 0),
  ]
}

/** The integers of a row of either fact, read from its text: what account.ts and the SQL say in other words. */
export function valuesOfRow(row: PlainRow): number[] {
  const common = [
    ...valuesOfId(row.transaction_id ?? row.inventory_id),
    Number(row.product_id.replace('P', '1')),
    parseSecond(row.timestamp)!,
    0,
  ]
  const store = Number(row.store_id.replace('S', '1'))
  if (row.transaction_id) {
    const line = [...common, Number(row.quantity), Math.round(Number(row.unit_price) * 100), store]
    if (!row.basket_id) return line
    const customer = row.customer_id ? Number(row.customer_id.replace('C', '1')) : 0
    return [...line, ...valuesOfId(row.basket_id), customer]
  }
  const movement = [...common, Number(row.quantity_change) + 1_048_576, store]
  if (!row.movement_type) return movement
  const types = ['opening', 'receipt', 'return', 'sale', 'shrink']
  return [...movement, types.indexOf(row.movement_type), ...valuesOfId(row.reference_id)]
}
