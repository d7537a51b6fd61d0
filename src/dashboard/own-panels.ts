import { advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import { mart, type OwnPanel, type Row, type Statement, sql } from '../ports/index.ts'
import type { OwnData } from './panel-data.ts'

/** A page has no use for more rows, and a warehouse bills them. */
const MOST_ROWS = 500

/** A column may have any name, so the statement names none. */
export const ownStatement = ({ table }: OwnPanel): Statement => ({
  sql: sql`select * from ${mart(table)} order by 1 limit ${MOST_ROWS + 1}`,
  parameters: {},
})

/** The rows as the panel shows them: a line by its x, bars by their number. */
export function readOwn(panel: OwnPanel, rows: readonly Row[]): OwnData {
  const { type, x, y } = panel
  const there = Object.keys(rows[0] ?? {})
  const columns = y.length === 0 ? there : [...(x === undefined ? [] : [x]), ...y]
  const lacking = rows.length > 0 ? columns.find((name) => !there.includes(name)) : undefined
  if (lacking !== undefined) throw lacks(panel, lacking)
  const isNumber = (i: number) => type !== 'table' && i >= columns.length - y.length
  const cells = rows
    .slice(0, MOST_ROWS)
    .map((row) => columns.map((name, i) => (isNumber(i) ? numberOf(row[name]) : cellOf(row[name]))))
  const last = columns.length - 1
  if (type === 'line') cells.sort((a, b) => compare(a[0], b[0]))
  if (type === 'bar') cells.sort((a, b) => compare(b[last], a[last]) || compare(a[0], b[0]))
  return { panel, columns, rows: type === 'number' ? cells.slice(0, 1) : cells, more: rows.length > MOST_ROWS }
}

const compare = (a: string | number | null, b: string | number | null): number =>
  a === b ? 0 : a === null ? -1 : b === null ? 1 : a < b ? -1 : 1

function numberOf(cell: Row[string]): number | null {
  const value = cell === null || typeof cell === 'boolean' ? Number.NaN : Number(cell)
  return Number.isFinite(value) ? value : null
}

/** Decimals arrive as text. */
function cellOf(cell: Row[string]): string | number | null {
  if (cell === null || typeof cell === 'number') return cell
  if (typeof cell === 'bigint' || (typeof cell === 'string' && /^-?(0|[1-9]\d*)\.\d+$/.test(cell))) return Number(cell)
  return String(cell)
}

const lacks = ({ table }: OwnPanel, column: string) =>
  new RetailError('missing', `The table ${table} has no column ${column}.`, {
    why: 'The panel of its model names that column.',
    hint: advise`Correct meta.dashboard of the model ${table}, then run ${retail('transform')}.`,
  })
