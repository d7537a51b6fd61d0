import { type ColumnType, columnsOf, type Row, type Table, type WorldSchema } from '../tables/index.ts'
import { formatSecond } from '../time.ts'
import type { TextFormat } from './row-layout.ts'

/** Rows of a small table as text, one line each. */
export function textRows(table: Table, schema: WorldSchema, rows: readonly Row[], format: TextFormat): string {
  const columns = columnsOf(table, schema)
  const names = columns.map(([name]) => name)
  const lines = rows.map((row) => {
    const cells = columns.map(([name, { type }]) => cellText(type, row[name]))
    if (format === 'csv') return cells.map(quoted).join(',')
    const members = columns.map(
      ([name, { type }], i) => `"${name}":${isNumber(type) ? cells[i] : JSON.stringify(cells[i])}`,
    )
    return `{${members.join(',')}}`
  })
  return [...(format === 'csv' ? [names.join(',')] : []), ...lines, ''].join('\n')
}

const isNumber = (type: ColumnType): boolean => type === 'int' || type === 'money'

function cellText(type: ColumnType, value: string | number): string {
  if (type === 'money') return (Number(value) / 100).toFixed(2)
  return type === 'timestamp' ? formatSecond(Number(value)) : String(value)
}

/** RFC 4180: a value with a comma, quote, or line break is quoted, and its quotes are doubled. */
const quoted = (cell: string): string => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell)
