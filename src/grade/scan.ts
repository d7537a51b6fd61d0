import type { Relation } from '../ports/index.ts'
import type { FactName, WorldSchema } from '../tables/index.ts'
import { MODULUS, weightsOf } from '../truth/checksum.ts'
import { integersOf } from '../truth/integers.ts'
import type { IdShape } from '../truth/sql.ts'
import { whereClause } from './columns.ts'
import { type ColumnForm, formSql, headOf, idColumn, taken } from './forms.ts'

/** The queries with which a relation is compared with a fact. */
export interface Scan {
  /** head, rows, sum a, sum b: one row per head of an id. */
  sums(): string
  /** All columns of rows with these heads, for `rows` and `cells`. */
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

/** Stands for the sum of a row with a cell that has no valid value. */
const NONE = 7

export function scanOf(
  relation: Pick<Relation, 'from' | 'dialect'>,
  table: FactName,
  world: { schema: WorldSchema; ids: IdShape },
  forms: readonly ColumnForm[],
  where: string | undefined,
): Scan {
  const { dialect } = relation
  const shape = world.ids
  const idForm = forms.find(({ column }) => column === idColumn(table))!
  const cell = dialect.column(idForm.theirs.name)
  const id = idForm.theirs.family === 'text' ? cell : dialect.text(cell)
  const take = taken(table, new Set(forms.map(({ column }) => column)))
  const integers = integersOf(table, world.schema, shape)
    .map((of, i) => ({ ...of, i }))
    .filter(take)
  const sql = new Map(forms.map((form) => [form.column, formSql(table, { form, shape, dialect, id })]))
  const used = new Map<string, number>()
  const values = integers.map(({ column, i }) => {
    const nth = used.get(column) ?? 0
    used.set(column, nth + 1)
    return { column, i, sql: sql.get(column)![nth] }
  })
  const side = (of: 0 | 1) => {
    const sum = values.map(({ i }) => `v${i} * ${weightsOf(i, of)}e0`).join(' + ')
    return `coalesce(mod(${dialect.whole(sum)}, ${MODULUS}), ${NONE})`
  }
  const decoded = values.map((value) => `${dialect.float(value.sql)} AS v${value.i}`).join(', ')
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
FROM (SELECT head, ${side(0)} AS p, ${side(1)} AS q
  FROM (SELECT ${headOf(id, shape)} AS head, ${decoded} FROM ${relation.from}${whereClause(where)}) AS decoded) AS folded
GROUP BY head`,
    withHeads: (heads) => `SELECT * FROM ${relation.from} WHERE ${hasHead(heads)}${where ? ` AND (${where}\n)` : ''}`,
    rows: (source) => `
SELECT head, v${number.i} AS number, ${dialect.small(side(0))} AS p, ${dialect.small(side(1))} AS q, CASE WHEN v${number.i} >= 0 THEN NULL ELSE id END AS odd
FROM (SELECT ${headOf(id, shape)} AS head, ${id} AS id, ${decoded} FROM ${source}) AS decoded`,
    cells: (source, condition) => `
SELECT ${[id, ...forms.map(({ theirs }) => dialect.text(dialect.column(theirs.name))), ...ordered.flatMap(({ of }) => of.map((value) => dialect.float(value.sql)))].map((value, i) => `${value} AS c${i}`).join(', ')} FROM ${source} WHERE ${condition}`,
    isStrange: hasHead,
    isOneOf: (ids) => (ids.length > 0 ? dialect.among(id, ids) : 'FALSE'),
  }
}
