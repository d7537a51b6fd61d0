import { parseSecond } from '../src/time.ts'
import type { PlainRow } from '../src/truth/rows.ts'

/** The integers of a row of either fact, read off its text: what account.ts and the SQL say in other words. */
export function valuesOfRow(row: PlainRow): number[] {
  const id = row.transaction_id ?? row.inventory_id
  const [head, store, number] = id.split('-')
  const common = [
    head.charCodeAt(0) * 64 + id.length,
    Number(head.slice(1)),
    Number(store),
    Number(number),
    Number(row.product_id.slice(1)),
    parseSecond(row.timestamp)!,
    0,
    Number(row.store_id.slice(1)),
  ]
  if (row.transaction_id) {
    const line = [...common, Number(row.quantity), Math.round(Number(row.unit_price) * 100)]
    return row.basket_id ? [...line, Number(row.basket_id.split('-')[2])] : line
  }
  const movement = [...common, Number(row.quantity_change) + 1_048_576]
  if (!row.movement_type) return movement
  const [cause, , line = '0'] = row.reference_id.split('-')
  const { length } = row.movement_type
  return [
    ...movement,
    row.movement_type.charCodeAt(0) * 1024 + length,
    Number(cause.slice(1)),
    Number(line) * 128 + cause.charCodeAt(0),
  ]
}
