import type { Relation } from '../ports/index.ts'
import type { FactName } from '../tables/index.ts'
import { MODULUS } from '../truth/checksum.ts'
import { weighed } from '../truth/fingerprint.ts'
import { integersOf } from '../truth/integers.ts'
import type { World } from '../world/world.ts'
import { whereClause } from './columns.ts'
import { type ColumnForm, formSql, headOf, idColumn, instantSql, taken } from './forms.ts'

/** The queries with which a relation is compared with a fact. */
export interface Scan {
  /** head, rows, sum a, sum b: one row per head of an id. */
  sums(): string
  /** The compared columns of rows with these heads, for `rows` and `cells`. */
  withHeads(heads: readonly (string | null)[]): string
  /** head, number, side a, side b, and the id if it has no number. */
  rows(source: string): string
  /** id, the text of each column, and then its integers, in the order of `columns`. */
  cells(source: string, condition: string): string
  /** The compared columns in the order of `cells`, each with its number of integers. */
  columns: readonly { column: string; integers: number }[]
  /** Conditions for `cells`. */
  isOneOf(ids: readonly string[]): string
  isStrange(heads: readonly (string | null)[]): string
}

/** Stands for the fingerprint of a row with a cell that has no valid value. */
const NONE = 7
/** The lowest 31 bits. */
const LOW_BITS = 2_147_483_647

export function scanOf(
  relation: Pick<Relation, 'from' | 'dialect'>,
  table: FactName,
  world: Pick<World, 'schema' | 'ids' | 'products'>,
  forms: readonly ColumnForm[],
  condition: string | undefined,
): Scan {
  const { dialect } = relation
  const shape = world.ids
  const idForm = forms.find(({ column }) => column === idColumn(table))!
  const cell = dialect.column(idForm.theirs.name)
  const id = idForm.theirs.family === 'text' ? cell : dialect.text(cell)
  const take = taken(table, new Set(forms.map(({ column }) => column)))
  const where = (form: ColumnForm) => ({ form, shape, dialect, id })
  const formOf = new Map(forms.map((form) => [form.column, form]))
  const sql = new Map(forms.map((form) => [form.column, formSql(table, where(form))]))
  const used = new Map<string, number>()
  const values = weighed(table, integersOf(table, world.schema, shape, world), take).map(
    ({ column, i, weight, ofInstant }) => {
      const nth = used.get(column) ?? 0
      used.set(column, nth + 1)
      return { column, i, weight, ofInstant, sql: sql.get(column)![nth] }
    },
  )
  // An instant is one number here: its microseconds, whose weight is 1.
  const terms = values.flatMap(({ column, i, weight, ofInstant, sql }) =>
    !ofInstant
      ? [{ as: `v${i}`, weight, sql }]
      : weight === 1
        ? [{ as: `v${i}`, weight, sql: instantSql(where(formOf.get(column)!)) }]
        : [],
  )
  const decoded = terms.map(({ as, sql }) => `${dialect.float(sql)} AS ${as}`).join(', ')
  const fingerprint = `coalesce(${dialect.whole(terms.map(({ as, weight }) => (weight === 1 ? as : `${as} * ${weight}e0`)).join(' + '))}, ${NONE})`
  const sides = `mod(x, ${MODULUS}) AS p, x & ${LOW_BITS} AS q`
  const number = values.find(({ column }) => column === idForm.column)!
  const ordered = forms.map(({ column }) => ({
    column,
    of: values.filter((value) => value.column === column),
  }))
  const hasHead = (heads: readonly (string | null)[]) => {
    const texts = heads.filter((head) => head !== null)
    const head = headOf(id, shape)
    const conditions = [
      ...(texts.length > 0 ? [dialect.among(head, texts)] : []),
      ...(texts.length < heads.length ? [`${head} IS NULL`] : []),
    ]
    return `(${conditions.join(' OR ') || 'FALSE'})`
  }
  return {
    columns: ordered.map(({ column, of }) => ({ column, integers: of.length })),
    sums: () => `
SELECT head, ${dialect.small('COUNT(*)')} AS n, ${dialect.small(dialect.sumOfSquares('p', MODULUS))} AS a, ${dialect.small(dialect.sumOfSquares('q', MODULUS))} AS b
FROM (SELECT head, ${sides}
  FROM (SELECT head, ${fingerprint} AS x
    FROM (SELECT ${headOf(id, shape)} AS head, ${decoded} FROM ${relation.from}${whereClause(condition)}) AS decoded) AS folded) AS sided
GROUP BY head`,
    withHeads: (heads) =>
      `SELECT ${[...new Set(forms.map(({ theirs }) => dialect.column(theirs.name)))].join(', ')} FROM ${relation.from} WHERE ${hasHead(heads)}${condition ? ` AND (${condition}\n)` : ''}`,
    rows: (source) => `
SELECT head, number, ${dialect.small(`mod(x, ${MODULUS})`)} AS p, ${dialect.small(`x & ${LOW_BITS}`)} AS q, CASE WHEN number >= 0 THEN NULL ELSE id END AS odd
FROM (SELECT head, id, v${number.i} AS number, ${fingerprint} AS x
  FROM (SELECT ${headOf(id, shape)} AS head, ${id} AS id, ${decoded} FROM ${source}) AS decoded) AS folded`,
    cells: (source, which) => `
SELECT ${[id, ...forms.map(({ theirs }) => dialect.text(dialect.column(theirs.name))), ...ordered.flatMap(({ of }) => of.map((value) => dialect.float(value.sql)))].map((value, i) => `${value} AS c${i}`).join(', ')} FROM ${source} WHERE ${which}`,
    isStrange: hasHead,
    isOneOf: (ids) => (ids.length > 0 ? dialect.among(id, ids) : 'FALSE'),
  }
}
