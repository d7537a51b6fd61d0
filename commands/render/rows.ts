import type { QueryCell, QueryColumn } from '../../src/ports/index.ts'
import { csvCell } from '../csv.ts'
import { type Sink, widthOf } from '../io.ts'
import { layOut, table } from './layout.ts'

type Rows = readonly (readonly QueryCell[])[]

/** Turns an answer into text, piece by piece. */
export interface RowWriter {
  begin(columns: readonly QueryColumn[]): string
  take(rows: Rows): string
  end(): string
}

export function rowWriter(format: 'table' | 'csv' | 'json' | 'ndjson', stdout: Sink): RowWriter {
  switch (format) {
    case 'table':
      return tableWriter(widthOf(stdout))
    case 'csv':
      return {
        begin: (columns) => csvLine(columns.map(({ name }) => name)),
        take: (rows) => rows.map(csvLine).join(''),
        end: () => '',
      }
    case 'json':
      return objectWriter({ open: '[', before: ',\n ', close: ']\n' })
    case 'ndjson':
      return objectWriter({ after: '\n' })
  }
}

function tableWriter(width: number): RowWriter {
  let columns: readonly QueryColumn[] = []
  const shown: string[][] = []
  return {
    begin(those) {
      columns = those
      shown.push(columns.map(({ name }) => onOneLine(name)))
      return ''
    },
    take(rows) {
      for (const row of rows) shown.push(row.map((cell) => (cell === null ? 'NULL' : onOneLine(cell))))
      return ''
    },
    end() {
      const right = columns.flatMap(({ kind }, i) => (kind === 'number' ? [i] : []))
      return `${layOut([table(shown, { head: true, right, indent: 0 })], width)}\n`
    },
  }
}

/** Text of the data must not move the cursor. */
const onOneLine = (cell: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is escaped
  cell.replace(/[\u0000-\u001f\u007f-\u009f\ufff0-\uffff]/g, (each) => JSON.stringify(each).slice(1, -1))

/** An empty text is quoted, and NULL is nothing. */
const csvLine = (row: readonly QueryCell[]): string =>
  `${row.map((cell) => (cell === null ? '' : cell === '' ? '""' : csvCell(cell))).join(',')}\n`

/** `before`: what separates an object from the one before it; `after`: what ends each. */
function objectWriter({ open = '', before = '', after = '', close = '' }): RowWriter {
  let names: string[] = []
  let kinds: QueryColumn['kind'][] = []
  let between = ''
  return {
    begin(columns) {
      names = columns.map(({ name }) => JSON.stringify(name))
      kinds = columns.map(({ kind }) => kind)
      return open
    },
    take(rows) {
      let text = ''
      for (const row of rows) {
        text += `${between}{${row.map((cell, i) => `${names[i]}:${jsonCell(cell, kinds[i])}`).join(',')}}${after}`
        between = before
      }
      return text
    },
    end: () => close,
  }
}

/** NaN and infinity are text, because JSON has no such numbers. */
function jsonCell(cell: QueryCell, kind: QueryColumn['kind']): string {
  if (cell === null) return 'null'
  if (kind === 'text' || (kind === 'number' && !/^-?\d/.test(cell))) return JSON.stringify(cell)
  return cell
}
