import { productId, storeId } from '../encode/facts.ts'
import { idOf, idPrefix } from '../encode/ids.ts'
import { Batch, MOVEMENT_TYPES, Movement } from '../simulator/batch.ts'
import { beginBlock, simulateDays } from '../simulator/block.ts'
import type { FactName } from '../tables/index.ts'
import { type Day, formatSecond, SECONDS_PER_DAY, type Second } from '../time.ts'
import type { World } from '../world/world.ts'

/** One row as text, keyed by column: what a person compares. Money is in dollars. */
export type PlainRow = Record<string, string>

/** Rows of one table, one day, by store number − 1, of the stores asked for. */
export function rowsOfDay(
  world: World,
  table: FactName,
  day: Day,
  stores: readonly number[],
  before: Second,
): Map<number, PlainRow[]> {
  const wanted = new Set(stores)
  const result = new Map<number, PlainRow[]>(stores.map((store) => [store, []]))
  for (const block of world.blocks) {
    if (!stores.some((store) => store >= block.lo && store < block.hi)) continue
    const traveller = beginBlock(world, block)
    const batch = new Batch(world.schema === 'extended')
    simulateDays(world, traveller, day, batch, () => batch.clear())
    simulateDays(world, traveller, day + 1, batch)
    for (const { store, row, second } of plainRows(world, table, batch))
      if (wanted.has(store) && second < before) result.get(store)!.push(row)
  }
  return result
}

/** A batch's rows as text. Slow and simple: for a few stores and days. */
export function* plainRows(
  world: World,
  table: FactName,
  batch: Batch,
): Generator<{ store: number; second: Second; row: PlainRow }> {
  const { runs, lines, movements, extended } = batch
  const { prices } = world.products
  let [line, movement] = [0, 0]
  for (let run = 0; run < runs.n; run++) {
    const [store, day] = [runs.store[run], runs.day[run]]
    const id = (kind: string, number: number, of = day) => idOf(kind, of, store, number, world.ids)
    if (table === 'transactions') {
      for (let i = 0; i < runs.lines[run]; i++) {
        const second = day * SECONDS_PER_DAY + lines.second[line + i]
        const row: PlainRow = {
          transaction_id: id('T', runs.firstLine[run] + i),
          product_id: productId(world, lines.product[line + i]),
          timestamp: plainSecond(second),
          quantity: String(lines.quantity[line + i]),
          unit_price: dollars(prices[lines.price[line + i]]),
          store_id: storeId(world, store),
        }
        if (extended) row.basket_id = id('B', lines.basket[line + i])
        yield { store, second, row }
      }
    } else {
      for (let i = 0; i < runs.movements[run]; i++) {
        const m = movement + i
        const second = day * SECONDS_PER_DAY + movements.second[m]
        const type = movements.type[m]
        const row: PlainRow = {
          inventory_id: id('I', runs.firstMovement[run] + i),
          product_id: productId(world, movements.product[m]),
          timestamp: plainSecond(second),
          quantity_change: String(movements.change[m]),
          store_id: storeId(world, store),
        }
        if (extended) {
          row.movement_type = MOVEMENT_TYPES[type]
          row.reference_id =
            type === Movement.sale || type === Movement.return
              ? id('T', movements.referenceNumber[m], movements.referenceDay[m])
              : idPrefix(type === Movement.receipt ? 'D' : 'C', movements.referenceDay[m], store, world.ids).slice(
                  0,
                  -1,
                )
        }
        yield { store, second, row }
      }
    }
    line += runs.lines[run]
    movement += runs.movements[run]
  }
}

export const dollars = (cents: number): string =>
  `${Math.trunc(cents / 100)}.${String(Math.abs(cents % 100)).padStart(2, '0')}`
/** As DuckDB prints a timestamp. */
export const plainSecond = (second: Second): string => formatSecond(second).replace('T', ' ').replace('Z', '')
