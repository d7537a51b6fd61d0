import type { ViewTable } from './views.ts'

/**
 * CSV as in RFC 4180. Shares and changes are fractions. A text that a spreadsheet would take for a formula gets a
 * leading apostrophe.
 */
export function toCsv({ columns, rows }: ViewTable): string {
  const line = (cells: readonly (string | number | null)[]) => `${cells.map(csvCell).join(',')}\r\n`
  return line(columns.map(({ name }) => name)) + rows.map(line).join('')
}

export function csvCell(cell: string | number | null): string {
  if (cell === null) return ''
  if (typeof cell === 'number') return String(cell)
  const safe = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
