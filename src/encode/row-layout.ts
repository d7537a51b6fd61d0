import {
  type ByKind,
  columnsOf,
  compile,
  type DimensionName,
  type FactName,
  factColumns,
  tables,
  type WorldSchema,
} from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { memberId } from './facts.ts'
import { digitsOf } from './words.ts'

export type TextFormat = 'csv' | 'ndjson'
/** An event is a line of NDJSON whose money is text, so that no reader rounds it. */
export type RowForm = TextFormat | 'event'

/** What all rows of a range share: store and day, and all digits of their numbers but the last three. */
export type Shared = 'day' | 'compactDay' | 'store' | 'thousands'

/** Digits of a row's number that differ within a range; the range shares the others. */
export const OWN_DIGITS = 3
export const HEAD_ROWS = 10 ** OWN_DIGITS

/**
 * A piece of a row. `code` is JavaScript for an integer, from `row`, `number` (its own digits), and the columns of its
 * batch.
 */
export type Piece =
  | { kind: 'text'; text: string }
  | { kind: 'shared'; what: Shared; width: number }
  /** Texts of one width; `code` picks one. */
  | { kind: 'fixed'; texts: readonly string[]; code: string }
  /** Texts of any width; `code` picks one. */
  | { kind: 'coded'; texts: readonly string[]; code: string }
  /** An integer after `prefix`; `usual` lists the values worth a table. */
  | { kind: 'whole'; prefix: string; usual: { least: number; most: number }; code: string }
  /** A member's letter and number, or nothing; in JSON with quotes, or null. */
  | { kind: 'optional'; letter: string; digits: number; json: boolean; code: string }
  | { kind: 'reference'; letters: readonly string[]; numbered: string; code: string }

/** A row of a fact, from left to right: the columns of the table, each in the form of its type in that format. */
export function rowLayout(world: World, table: FactName, format: RowForm): Piece[] {
  const pieces = factColumns(tables[table], world.schema).flatMap(([name, column], i): Piece[] => {
    const { type, optional } = column
    const [open, close] = surroundings(
      format,
      name,
      !optional && type !== 'int' && (type !== 'money' || format === 'event'),
      i === 0,
    )
    return [text(open), ...compile(PIECES, column, world, format), text(close)]
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

/** No cell of a fact contains a comma, a quote, or a line break, so CSV needs no quotes and JSON no escapes. */
function surroundings(format: RowForm, name: string, quoted: boolean, first: boolean): [string, string] {
  if (format === 'csv') return [first ? '' : ',', '']
  const quote = quoted ? '"' : ''
  return [`${first ? '{' : ','}"${name}":${quote}`, quote]
}

const two = (n: number): string => String(n).padStart(2, '0')
const MINUTES = Array.from({ length: 1440 }, (_, minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}:`)
const own = digitsOf(HEAD_ROWS, OWN_DIGITS)
const thousandsOf = ({ ids }: World): number => ids.number - OWN_DIGITS
const idPieces = ({ ids }: World, letter: string, ...number: Piece[]): Piece[] => [
  text(letter),
  shared('compactDay', 6),
  text('-'),
  shared('store', ids.store),
  text('-'),
  ...number,
]
const membersOf = (world: World, dimension: DimensionName): string[] =>
  Array.from({ length: world.counts[dimension] }, (_, member) => memberId(dimension, world, member))

/** The form of each kind of column. */
const PIECES: ByKind<[world: World, format: RowForm], Piece[]> = {
  rowId: ({ letter }, world) => idPieces(world, letter, shared('thousands', thousandsOf(world)), fixed(own, 'number')),
  siblingId: ({ letter, cells: [{ name }] }, world) =>
    idPieces(
      world,
      letter,
      fixed(digitsOf(world.ids.most / HEAD_ROWS, thousandsOf(world)), `${name}[row] / ${HEAD_ROWS} | 0`),
      fixed(own, `${name}[row] % ${HEAD_ROWS}`),
    ),
  member: ({ references, cells: [{ name }] }, world) => [fixed(membersOf(world, references), `${name}[row]`)],
  optionalMember: ({ references, cells: [{ name }] }, { ids }, format) => [
    {
      kind: 'optional',
      letter: tables[references].letter,
      digits: ids[references],
      json: format !== 'csv',
      code: `${name}[row]`,
    },
  ],
  spanMember: ({ references }, { ids }) => [text(tables[references].letter), shared('store', ids[references])],
  instant: ({ cells: [{ name }] }, _, format) => {
    const [between, end] = format === 'csv' ? [' ', ''] : ['T', 'Z']
    return [
      shared('day', 10),
      text(between),
      fixed(MINUTES, `${name}[row] / 60 | 0`),
      fixed(digitsOf(60, 2), `${name}[row] % 60`),
      text(end),
    ]
  },
  whole: ({ usual: [least, most], cells: [{ name }] }) => [whole(`${name}[row]`, least, most)],
  money: ({ list, cells: [{ name }] }, { products }) => [coded(Array.from(products[list], dollars), `${name}[row]`)],
  choice: ({ names, cells: [{ name }] }) => [coded(names, `${name}[row]`)],
  cause: ({ letters, numbered, by, cells: [day, number] }) => [
    { kind: 'reference', letters, numbered, code: `${by}[row], ${day.name}[row], ${number.name}[row]` },
  ],
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

/** 1299 → 12.99 */
export const dollars = (cents: number): string => `${Math.floor(cents / 100)}.${two(cents % 100)}`

/** Merges adjacent texts. */
function joined(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = []
  for (const piece of pieces) {
    const last = out[out.length - 1]
    if (piece.kind === 'text' && last?.kind === 'text') out[out.length - 1] = text(last.text + piece.text)
    else out.push(piece)
  }
  return out
}
