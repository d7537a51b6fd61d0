import type { IdDigits } from '../encode/ids.ts'
import type { Dialect } from '../ports/index.ts'
import {
  type ByKind,
  compile,
  type DimensionName,
  type FactName,
  factColumns,
  tables,
  type WorldSchema,
} from '../tables/index.ts'
import { civilOf, type Day } from '../time.ts'
import type { World } from '../world/world.ts'
import { weightsOf } from './checksum.ts'
import type { IdShape } from './sql.ts'

/**
 * One integer of a row in two forms: from the simulator's values and from a database's. Each has a part that all rows
 * of a span (a store and day) share and a part of the row's own; the integer is their sum.
 */
export interface Integer {
  /** The maximum in any valid row: these maxima show that weighted sums stay below 2^53. */
  most: number
  /** JavaScript: from `day` (yymmdd), `store` (from 1), `midnight`, `number`, and the row's cells. */
  js: { span?: string; row?: string }
  /** SQL: from the column that rows are grouped by, and from the row's cell. */
  sql: { span?: Written; row?: Written }
}
export interface Integers {
  /** SQL by which rows of a span can be grouped; `span` reads from it. */
  head?: (column: string) => string
  of: Integer[]
}
/** A SQL expression over a cell. */
type Written = (cell: string, dialect: Dialect) => string
/** Registers a value that generated code needs; returns its name there. */
export type Keep = (value: unknown) => string

const OTHER = 99
const DAYS_MOST = 47_500

/**
 * `P00817` as 100817: its letter becomes a one, so another letter, or another number of digits, gives another integer
 * or none.
 */
const memberNumber =
  (dimension: DimensionName): Written =>
  (column, { integer }) =>
    integer(`replace(${column}, '${tables[dimension].letter}', '1')`)
/** The parts of an id by their offsets in the text: letter, yymmdd, dash, store, dash, number. */
const placesOf = ({ store }: IdShape) => ({ day: 2, dash: 8, store: 9, dash2: 9 + store, number: 10 + store })
const DASH = 45
export const idHead = (letter: string, length: number, numbered = true): number =>
  letter.charCodeAt(0) * 64 + length + 8192 * (DASH + 256 * (numbered ? DASH : 0))
const idForm = (column: string, shape: IdShape): string => {
  const { dash, dash2 } = placesOf(shape)
  const code = (at: number) => `ascii(substr(${column}, ${at}, 1))`
  return `(ascii(${column}) * 64 + 8192 * (${code(dash)} + 256 * ${code(dash2)}))`
}
const idSql = (shape: IdShape) => {
  const { day, store, number: at } = placesOf(shape)
  const form: Written = (column, { whole }) => whole(idForm(column, shape))
  const length: Written = (column) => `length(${column})`
  const whole: Written = (column, dialect) => `${form(column, dialect)} + ${length(column, dialect)}`
  const digits =
    (from: number, count: number): Written =>
    (column, { integer }) =>
      integer(`substr(${column}, ${from}, ${count})`)
  const numbered = digits(at, shape.number)
  return {
    form,
    length,
    whole,
    day: digits(day, 6),
    store: digits(store, shape.store),
    number: ((column, dialect) => `coalesce(${numbered(column, dialect)}, 0)`) as Written,
  }
}
const idLength = ({ store, number }: IdDigits): number => 1 + 6 + 1 + store + 1 + number
const FORM_MOST = idHead('z', 63)
const DAY_MOST = 991_231
const countOf = (shape: IdShape, dimension: DimensionName) => 10 ** shape[dimension]
/** The place value of the one before the digits of a member's number. */
const memberOffset = countOf

/** The integers of each kind of column. */
const INTEGERS: ByKind<[shape: IdShape, world: WorldLists, keep: Keep], Integers> = {
  rowId: ({ letter }, shape) => {
    const sql = idSql(shape)
    return {
      head: (column) => `substr(${column}, 1, ${placesOf(shape).dash2})`,
      of: [
        {
          most: FORM_MOST,
          js: { span: `${idHead(letter, idLength(shape))}` },
          sql: { span: sql.form, row: sql.length },
        },
        { most: DAY_MOST, js: { span: 'day' }, sql: { span: sql.day } },
        { most: countOf(shape, 'store'), js: { span: 'store' }, sql: { span: sql.store } },
        { most: 10 ** shape.number, js: { row: 'number' }, sql: { row: sql.number } },
      ],
    }
  },
  siblingId: ({ letter, cells: [{ name }] }, shape) => {
    const sql = idSql(shape)
    return {
      of: [
        { most: FORM_MOST, js: { span: `${idHead(letter, idLength(shape))}` }, sql: { row: sql.whole } },
        { most: DAY_MOST, js: { span: 'day' }, sql: { row: sql.day } },
        { most: countOf(shape, 'store'), js: { span: 'store' }, sql: { row: sql.store } },
        { most: 10 ** shape.number, js: { row: `${name}[row]` }, sql: { row: sql.number } },
      ],
    }
  },
  member: ({ references, cells: [{ name }] }, shape) => ({
    of: [
      {
        most: 2 * countOf(shape, references),
        js: { span: `${memberOffset(shape, references) + 1}`, row: `${name}[row]` },
        sql: { row: memberNumber(references) },
      },
    ],
  }),
  optionalMember: ({ references, cells: [{ name }] }, shape) => ({
    of: [
      {
        most: 2 * countOf(shape, references),
        js: { row: `(${name}[row] && ${memberOffset(shape, references)} + ${name}[row])` },
        sql: {
          row: (column, dialect) =>
            `CASE WHEN ${column} IS NULL THEN 0 ELSE ${memberNumber(references)(column, dialect)} END`,
        },
      },
    ],
  }),
  spanMember: ({ references }, shape) => ({
    head: (column) => column,
    of: [
      {
        most: 2 * countOf(shape, references),
        js: { span: `(${memberOffset(shape, references)} + store)` },
        sql: { span: memberNumber(references) },
      },
    ],
  }),
  instant: ({ cells: [{ name }] }) => ({
    of: [
      {
        most: 2 ** 32,
        js: { span: 'midnight', row: `${name}[row]` },
        sql: { row: (cell, { seconds }) => seconds(cell) },
      },
      { most: 999_999, js: {}, sql: { row: (cell, { microseconds }) => microseconds(cell) } },
    ],
  }),
  whole: ({ least, most, cells: [{ name }] }) => {
    const offset = Math.max(0, -least)
    return {
      of: [
        {
          most: most + offset,
          js: { span: `${offset}`, row: `${name}[row]` },
          sql: { row: (column) => (offset > 0 ? `${column} + ${offset}` : column) },
        },
      ],
    }
  },
  money: ({ list, cells: [{ name }] }, _, { products }, keep) => ({
    of: [
      {
        most: products[list].reduce((a, b) => Math.max(a, b), 0),
        js: { row: `${keep(products[list])}[${name}[row]]` },
        sql: { row: (cell, { whole }) => whole(`${cell} * 100`) },
      },
    ],
  }),
  choice: ({ names, cells: [{ name }] }) => ({
    of: [
      {
        most: OTHER,
        js: { row: `${name}[row]` },
        sql: {
          row: (column) =>
            `CASE ${column} ${names.map((text, code) => `WHEN '${text}' THEN ${code}`).join(' ')} ELSE ${OTHER} END`,
        },
      },
    ],
  }),
  cause: ({ by, letters, numbered, cells: [day, of] }, shape, _, keep) => {
    const sql = idSql(shape)
    const whole = idLength(shape)
    const forms = letters.map((letter) =>
      letter === numbered ? idHead(letter, whole) : idHead(letter, whole - 1 - shape.number, false),
    )
    return {
      of: [
        { most: FORM_MOST, js: { row: `${keep(Float64Array.from(forms))}[${by}[row]]` }, sql: { row: sql.whole } },
        { most: DAY_MOST, js: { row: `${keep(compactDays())}[${day.name}[row]]` }, sql: { row: sql.day } },
        { most: countOf(shape, 'store'), js: { span: 'store' }, sql: { row: sql.store } },
        { most: 10 ** shape.number, js: { row: `${of.name}[row]` }, sql: { row: sql.number } },
      ],
    }
  },
}

/** The properties of a world that the integers depend on. */
export interface WorldLists {
  products: Pick<World['products'], 'prices'>
}

export const yymmdd = (day: Day): number => {
  const { year, month, day: d } = civilOf(day)
  return (year % 100) * 10_000 + month * 100 + d
}
let days: Int32Array | undefined
const compactDays = () => (days ??= Int32Array.from({ length: DAYS_MOST }, (_, day) => yymmdd(day)))

const NO_LISTS: WorldLists = { products: { prices: new Int32Array(0) } }
const notKept: Keep = () => ''

/** The integers of a fact's rows, each with its column, in the order of weights. */
export function integersOf(
  table: FactName,
  schema: WorldSchema,
  shape: IdShape,
  world = NO_LISTS,
  keep = notKept,
): { column: string; head: Integers['head']; integer: Integer }[] {
  const integers = factColumns(tables[table], schema).flatMap(([column, spec]) => {
    const { head, of } = compile(INTEGERS, spec, shape, world, keep)
    return of.map((integer) => ({ column, head, integer }))
  })
  for (const side of [0, 1] as const) {
    const most = integers.reduce((sum, { integer }, i) => sum + integer.most * weightsOf(i, side), 0)
    if (most >= Number.MAX_SAFE_INTEGER) throw new Error(`a row of ${table} weighs too much to be exact: ${most}`)
  }
  return integers
}
