import type { RelationColumn, RelationDialect } from '../ports/index.ts'
import {
  type ByKind,
  compile,
  type DimensionName,
  type FactColumn,
  type FactName,
  factColumns,
  tables,
} from '../tables/index.ts'
import type { Take } from '../truth/fingerprint.ts'
import { idHead } from '../truth/integers.ts'
import type { IdShape } from '../truth/sql.ts'

/** The unit of an instant that is a number: how many of them make a second. */
export type EpochUnit = 1 | 1e3 | 1e6 | 1e9

/** How a column of theirs holds the values of a column of ours. */
export interface ColumnForm {
  /** Ours. */
  column: string
  theirs: RelationColumn
  /** A member of a dimension without its letter: 817 for P00817. */
  bare?: boolean
  /** An instant as a number. */
  epoch?: EpochUnit
}

/** `id` is the SQL of the row's id as text. */
interface Where {
  form: ColumnForm
  shape: IdShape
  dialect: RelationDialect
  id: string
}

/** The offsets of the parts of an id: `T240131-0412-000123`. */
export const placesOf = ({ store, number }: IdShape) => ({
  head: 9 + store,
  number: 10 + store,
  length: 9 + store + number,
})

/** Ids whose heads are the same share letter, day, and store. */
export const headOf = (id: string, shape: IdShape): string => `substr(${id}, 1, ${placesOf(shape).head})`

/** The table's column of ids. */
export const idColumn = (table: FactName): string =>
  Object.entries(tables[table].columns).find(([, { kind }]) => kind === 'rowId')![0]

/**
 * The integers that are compared: of the chosen columns, without those that follow from the head of the id, by which
 * rows are grouped.
 */
export function taken(table: FactName, columns: ReadonlySet<string>): Take {
  const kinds: Record<string, { kind: FactColumn['kind'] }> = tables[table].columns
  return ({ column, integer }) =>
    columns.has(column) && (integer.js.row !== undefined || !['rowId', 'siblingId'].includes(kinds[column].kind))
}

/** The integers of a column as SQL over their cell: the same as those that `taken` takes; NULL if the cell has none. */
export function formSql(table: FactName, where: Where): string[] {
  const [, column] = factColumns(tables[table], 'extended').find(([name]) => name === where.form.column)!
  return compile(FORMS, column, where)
}

/** An instant as one number, its microseconds: `formSql` has seconds and microseconds. */
export const instantSql = (where: Where): string => microsOf(where)

const cellOf = ({ form, dialect }: Where) => dialect.column(form.theirs.name)

/** A number of any family as a double. A text may have spaces around it. */
function numberOf({ form: { theirs }, dialect }: Where): string {
  const cell = dialect.column(theirs.name)
  return ['text', 'other', 'instant', 'date'].includes(theirs.family)
    ? dialect.parsed(dialect.text(cell))
    : dialect.real(cell)
}
const textOf = (where: Where) =>
  where.form.theirs.family === 'text' ? cellOf(where) : where.dialect.text(cellOf(where))

/** Digits after a leading one, so that neither a sign nor a space can stand in their place. */
const digits = (text: string, count: number, { parsed }: RelationDialect) =>
  `(${parsed(`concat('1', ${text})`)} - 1e${count})`

function member(dimension: DimensionName, where: Where): string[] {
  const count = where.shape[dimension]
  if (where.form.bare) return [`(${wholeOf(where)} + 1e${count})`]
  const text = textOf(where)
  const { letter } = tables[dimension]
  return [
    `(CASE WHEN ${where.dialect.bytes(text)} = ${count + 1} THEN ${where.dialect.parsed(`replace(${text}, '${letter}', '1')`)} END)`,
  ]
}

function wholeOf(where: Where): string {
  const value = numberOf(where)
  return where.form.theirs.family === 'integer' ? value : `(CASE WHEN ${value} = floor(${value}) THEN ${value} END)`
}

function microsOf(where: Where): string {
  const { form, dialect } = where
  if (form.epoch !== undefined) {
    const value = numberOf(where)
    return dialect.whole(form.epoch === 1e9 ? `${value} / 1e3` : `${value} * ${1e6 / form.epoch}e0`)
  }
  const { family } = form.theirs
  if (family === 'instant' || family === 'date') return dialect.micros(cellOf(where), family)
  return dialect.micros(textOf(where), 'text')
}

/** How far, in cents, a price may be from a whole cent: a single with four bytes is off by 0.02 at 3,000 dollars. */
const TOLERANCE = { exact: 1e-5, float: 0.05 } as const

const FORMS: ByKind<[where: Where], string[]> = {
  rowId: (_, { id, shape, dialect }) => {
    const at = placesOf(shape)
    const number = digits(`substr(${id}, ${at.number}, ${shape.number})`, shape.number, dialect)
    return [`(CASE WHEN ${dialect.bytes(id)} = ${at.length} THEN ${number} END)`]
  },
  siblingId: ({ letter }, where) => {
    const [text, at] = [textOf(where), placesOf(where.shape)]
    const head = `concat('${letter}', substr(${where.id}, 2, ${at.head - 1}))`
    const number = digits(`substr(${text}, ${at.number}, ${where.shape.number})`, where.shape.number, where.dialect)
    return [`(CASE WHEN length(${text}) = ${at.length} AND ${headOf(text, where.shape)} = ${head} THEN ${number} END)`]
  },
  member: ({ references }, where) => member(references, where),
  optionalMember: ({ references }, where) => {
    const empty = where.form.theirs.family === 'text' ? ` OR ${cellOf(where)} = ''` : ''
    return [`(CASE WHEN ${cellOf(where)} IS NULL${empty} THEN 0 ELSE ${member(references, where)[0]} END)`]
  },
  spanMember: ({ references }, where) => member(references, where),
  instant: (_, where) => {
    const micros = microsOf(where)
    return [where.dialect.quotient(micros, 1_000_000), where.dialect.remainder(micros, 1_000_000)]
  },
  whole: ({ least }, where) => [least < 0 ? `(${wholeOf(where)} + ${-least}e0)` : wholeOf(where)],
  money: (_, where) => {
    const { family } = where.form.theirs
    const cents = `(${numberOf(where)} * 1e2)`
    if (family === 'integer') return [cents]
    const most = family === 'decimal' ? TOLERANCE.exact : TOLERANCE.float
    return [`(CASE WHEN abs(${cents} - round(${cents})) < ${most} THEN round(${cents}) END)`]
  },
  choice: ({ names }, where) => [
    `(CASE ${textOf(where)} ${names.map((text, code) => `WHEN '${text}' THEN ${code}`).join(' ')} END)`,
  ],
  cause: ({ letters, numbered }, where) => {
    const { shape, dialect } = where
    const [text, at] = [textOf(where), placesOf(shape)]
    const part = (from: number, count: number) => digits(`substr(${text}, ${from}, ${count})`, count, dialect)
    const short = at.head - 1
    const form = [...new Set(letters)].map((letter) => {
      const length = letter === numbered ? at.length : short
      const dashes = letter === numbered ? ` AND substr(${text}, ${at.head}, 1) = '-'` : ''
      const code = idHead(letter, length, letter === numbered)
      return `WHEN substr(${text}, 1, 1) = '${letter}' AND length(${text}) = ${length} AND substr(${text}, 8, 1) = '-'${dashes} THEN ${code}`
    })
    const number = part(at.number, shape.number)
    return [
      `(CASE ${form.join(' ')} END)`,
      part(2, 6),
      part(9, shape.store),
      `(CASE WHEN length(${text}) = ${short} THEN 0 ELSE ${number} END)`,
    ]
  },
}
