import { MOVEMENT_TYPES } from '../simulator/batch.ts'
import { columnsOf, type FactName, tables, type WorldSchema } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { productId } from './facts.ts'
import { digitsOf } from './words.ts'

export type TextFormat = 'csv' | 'ndjson'

/** What all rows of a stretch share: store and day, and all digits of their numbers but the last three. */
export type Shared = 'day' | 'compactDay' | 'store' | 'thousands'

/** Digits of a row's number that are its own; the others it shares with its stretch. */
export const OWN_DIGITS = 3
export const STRETCH = 10 ** OWN_DIGITS

/** A piece of a row. `code` is JavaScript for an integer: of `row`, of `number` (its own digits), and of the columns of its batch. */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'shared'; what: Shared; width: number }
  /** texts of one width, of which `code` picks one */
  | { kind: 'fixed'; texts: readonly string[]; code: string }
  /** texts of any width */
  | { kind: 'coded'; texts: readonly string[]; code: string }
  /** an integer behind `prefix`; `usual` are the ones worth a table */
  | { kind: 'whole'; prefix: string; usual: { least: number; most: number }; code: string }
  | { kind: 'reference' }

/** A row of a fact, from left to right: the columns of the table description, each formed as its type asks in that format. */
export function rowLayout(world: World, table: FactName, format: TextFormat): Piece[] {
  const cells = cellsOf(world, format)
  const columns = columnsOf(tables[table], world.schema)
  const pieces = columns.flatMap(([name, { type }], i): Piece[] => {
    const [open, close] = surroundings(format, name, type === 'string' || type === 'timestamp', i === 0)
    return [text(open), ...cells[name as keyof typeof cells], text(close)]
  })
  return joined([...pieces, text(format === 'csv' ? '\n' : '}\n')])
}

/** The first line of a file. */
export const headOf = (schema: WorldSchema, table: FactName, format: TextFormat): string =>
  format === 'csv'
    ? `${columnsOf(tables[table], schema)
        .map(([name]) => name)
        .join(',')}\n`
    : ''

/** No cell of a fact holds a comma, a quote or a line's end, so none is quoted in CSV and none escaped in JSON. */
function surroundings(format: TextFormat, name: string, quoted: boolean, first: boolean): [string, string] {
  if (format === 'csv') return [first ? '' : ',', '']
  const quote = quoted ? '"' : ''
  return [`${first ? '{' : ','}"${name}":${quote}`, quote]
}

function cellsOf(world: World, format: TextFormat) {
  const { ids, products } = world
  const store = shared('store', ids.store)
  const idOf = (kind: string, ...number: Piece[]): Piece[] => [
    text(kind),
    shared('compactDay', 6),
    text('-'),
    store,
    text('-'),
    ...number,
  ]
  const own = digitsOf(STRETCH, OWN_DIGITS)
  const ownNumber = [shared('thousands', ids.number - OWN_DIGITS), fixed(own, `number`)]
  const [between, end] = format === 'csv' ? [' ', ''] : ['T', 'Z']
  return {
    transaction_id: idOf('T', ...ownNumber),
    inventory_id: idOf('I', ...ownNumber),
    basket_id: idOf(
      'B',
      fixed(digitsOf(ids.most / STRETCH, ids.number - OWN_DIGITS), `basket[row] / ${STRETCH} | 0`),
      fixed(own, `basket[row] % ${STRETCH}`),
    ),
    product_id: [
      fixed(
        Array.from({ length: products.count }, (_, product) => productId(world, product)),
        'product[row]',
      ),
    ],
    store_id: [text('S'), store],
    timestamp: [
      shared('day', 10),
      text(between),
      fixed(
        Array.from({ length: 1440 }, (_, minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}:`),
        'second[row] / 60 | 0',
      ),
      fixed(digitsOf(60, 2), 'second[row] % 60'),
      text(end),
    ],
    quantity: [whole('quantity[row]', 0, 255)],
    quantity_change: [whole('change[row]', -99, 999)],
    unit_price: [coded(Array.from(products.prices, dollars), 'price[row]')],
    movement_type: [coded(MOVEMENT_TYPES, 'type[row]')],
    reference_id: [{ kind: 'reference' }],
  } satisfies Record<string, Piece[]>
}

const text = (text: string): Piece => ({ kind: 'text', text })
const shared = (what: Shared, width: number): Piece => ({ kind: 'shared', what, width })
const fixed = (texts: readonly string[], code: string): Piece => ({ kind: 'fixed', texts, code })
const coded = (texts: readonly string[], code: string): Piece => ({ kind: 'coded', texts, code })
const whole = (code: string, least: number, most: number): Piece => ({
  kind: 'whole',
  prefix: '',
  usual: { least, most },
  code,
})

const two = (n: number): string => String(n).padStart(2, '0')
/** 1299 → 12.99 */
const dollars = (cents: number): string => `${Math.floor(cents / 100)}.${two(cents % 100)}`

/** Texts that stand side by side are one. */
function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = []
  for (const piece of pieces) {
    const last = out[out.length - 1]
    if (piece.kind === 'text' && last?.kind === 'text') out[out.length - 1] = text(last.text + piece.text)
    else out.push(piece)
  }
  return out
}
