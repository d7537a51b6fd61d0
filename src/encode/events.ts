import { type Batch, MOVEMENT_TYPES, Movement } from '../simulator/batch.ts'
import type { FactName } from '../tables/index.ts'
import { formatDay } from '../time.ts'
import type { World } from '../world/world.ts'
import { productId, storeId } from './facts.ts'
import { idOf, idPrefix } from './ids.ts'

const two = (n: number) => (n < 10 ? `0${n}` : String(n))
const clock = (second: number) =>
  `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`

/** The rows of a table as JSON objects, keyed by column, in the order of the batch. Money is text, so that no reader rounds it. */
export function* eventsOf(world: World, table: FactName, batch: Batch): Generator<{ id: string; data: string }> {
  const { runs, lines, movements, extended } = batch
  const { prices } = world.products
  let [line, movement] = [0, 0]
  for (let run = 0; run < runs.n; run++) {
    const [store, day] = [runs.store[run], runs.day[run]]
    const date = formatDay(day)
    const shop = storeId(world, store)
    if (table === 'transactions') {
      for (let i = 0; i < runs.lines[run]; i++, line++) {
        const id = idOf('T', day, store, runs.firstLine[run] + i, world.ids)
        const basket = extended ? `,"basket_id":"${idOf('B', day, store, lines.basket[line], world.ids)}"` : ''
        const data = `{"transaction_id":"${id}","product_id":"${productId(world, lines.product[line])}","timestamp":"${date}T${clock(lines.second[line])}Z","quantity":${lines.quantity[line]},"unit_price":"${money(prices[lines.price[line]])}","store_id":"${shop}"${basket}}`
        yield { id, data }
      }
    } else {
      for (let i = 0; i < runs.movements[run]; i++, movement++) {
        const id = idOf('I', day, store, runs.firstMovement[run] + i, world.ids)
        const cause = extended
          ? `,"movement_type":"${MOVEMENT_TYPES[movements.type[movement]]}","reference_id":"${referenceOf(world, batch, store, movement)}"`
          : ''
        const data = `{"inventory_id":"${id}","product_id":"${productId(world, movements.product[movement])}","timestamp":"${date}T${clock(movements.second[movement])}Z","quantity_change":${movements.change[movement]},"store_id":"${shop}"${cause}}`
        yield { id, data }
      }
    }
  }
}

function referenceOf(world: World, { movements }: Batch, store: number, at: number): string {
  const type = movements.type[at]
  const day = movements.referenceDay[at]
  if (type === Movement.sale || type === Movement.return)
    return idOf('T', day, store, movements.referenceNumber[at], world.ids)
  return idPrefix(type === Movement.receipt ? 'D' : 'C', day, store, world.ids).slice(0, -1)
}

const money = (cents: number): string => `${Math.floor(cents / 100)}.${two(cents % 100)}`
