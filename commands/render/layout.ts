/** Rows of cells; they are laid out when the width of the terminal is known. */
export interface Table {
  rows: readonly (readonly string[])[]
  /** The first row names the columns. */
  head: boolean
  /** Columns to align right. */
  right: readonly number[]
  indent: number
}

/** Text to print: lines, and tables between them. */
export type Pieces = readonly (string | Table)[]
export type Text = string | Pieces

/** Stands for a space where a line must not be broken, as in a command to paste. */
const UNBROKEN = '\uFFFF'
const GAP = '  '
/** The narrowest column in which sentences are readable. */
const READABLE = 24

export const unbroken = (text: string): string => text.replaceAll(' ', UNBROKEN)

/** A table of formatted cells. */
export const table = (
  rows: Table['rows'],
  { head = false, right = [] as readonly number[], indent = 2 } = {},
): Table => ({ rows, head, right, indent })

/** The last lines of every result: the commands to run next. */
export const renderNext = (lines: readonly (readonly [command: string, what: string])[]): Table =>
  table(lines.map(([command, what], i) => [i === 0 ? 'Next:' : '', unbroken(command), what]))

/** The text in lines of at most this width, except for words that are longer. */
export const layOut = (text: Text, width = Number.POSITIVE_INFINITY): string =>
  linesOf(text, width).join('\n').replaceAll(UNBROKEN, ' ')

export function linesOf(text: Text, width: number): string[] {
  const pieces = typeof text === 'string' ? [text] : text
  return pieces.flatMap((piece) =>
    typeof piece === 'string'
      ? piece.split('\n').flatMap((line) => wrap(keepTogether(line), width))
      : tableLines({ ...piece, rows: piece.rows.map((row) => row.map(keepTogether)) }, width),
  )
}

/** Commands in backticks, and numbers with their units. */
const keepTogether = (text: string): string =>
  text.replace(/`[^`]*`/g, unbroken).replace(/(?<=\d) (?=(bytes|[kMGT]B|m?s|min|h|%)(\/s|[\s,.;:)]|$))/g, UNBROKEN)

/** Breaks a line at spaces. What follows is indented two spaces more than the line, or by `hang`. */
export function wrap(line: string, width: number, hang = /^ */.exec(line)![0].length + 2): string[] {
  if (line.length <= width) return [line]
  const lines: string[] = []
  let last = ''
  for (const [, gap, word] of line.matchAll(/( *)([^ ]+)/g)) {
    // A mark such as → stays beside what it marks.
    const isFull = last.trim().length > 1 && last.length + gap.length + word.length > width
    if (isFull) lines.push(last)
    last = isFull ? `${' '.repeat(hang)}${word}` : `${last}${gap}${word}`
  }
  return [...lines, last]
}

/** Aligned columns if they fit; otherwise the last column wraps; otherwise it stands below; otherwise each row is a block. */
function tableLines(table: Table, width: number): string[] {
  const { rows, indent, head } = table
  const columns = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)))
  const start = columns.slice(0, -1).reduce((sum, cell) => sum + cell + GAP.length, indent)
  const lines = aligned(table, columns)
  if (lines.every((line) => line.length <= width)) return lines
  const words = rows.flatMap((row) => (row[columns.length - 1] ?? '').split(' '))
  if (width - start >= Math.max(READABLE, ...words.map((word) => word.length)))
    return wrappedAt(table, columns, start, width)
  if (head) return rows.slice(1).flatMap((row) => block(rows[0], row, indent, width))
  const below = start - GAP.length - (columns.at(-2) ?? 0) + 2
  return columns.length > 1 && width - below >= READABLE && (start <= width || !rows.some(hasSpaces))
    ? stacked(table, columns, below, width)
    : rows.flatMap((row) => wrap(`${' '.repeat(indent)}${row.filter(Boolean).join(GAP)}`, width))
}

const hasSpaces = (row: readonly string[]): boolean => row.slice(0, -1).some((cell) => cell.includes(' '))

const aligned = ({ rows, right, indent }: Table, columns: readonly number[]): string[] =>
  rows.map((row) =>
    `${' '.repeat(indent)}${row
      .map((cell, column) => (right.includes(column) ? cell.padStart(columns[column]) : cell.padEnd(columns[column])))
      .join(GAP)}`.trimEnd(),
  )

function wrappedAt(table: Table, columns: readonly number[], start: number, width: number): string[] {
  return aligned(table, columns).flatMap((line, i) =>
    line.length <= width
      ? [line]
      : wrap(table.rows[i][columns.length - 1], width - start, 0).map(
          (text, part) => (part === 0 ? line.slice(0, start) : ' '.repeat(start)) + text,
        ),
  )
}

function stacked(table: Table, columns: readonly number[], below: number, width: number): string[] {
  const lines = aligned({ ...table, rows: table.rows.map((row) => row.slice(0, -1)) }, columns)
  return lines.flatMap((line, i) => {
    const text = table.rows[i][columns.length - 1]
    const beside = [line, text].filter(Boolean).join(GAP)
    return beside.length <= width ? [beside] : [line, ...wrap(' '.repeat(below) + text, width, below)]
  })
}

/** The first cell is the title; the others are named by the head. */
function block(head: readonly string[], [title, ...cells]: readonly string[], indent: number, width: number): string[] {
  const named = cells.flatMap((cell, i) => (cell ? [`${head[i + 1].toLowerCase()}: ${cell}`] : []))
  return [
    ...wrap(' '.repeat(indent) + title, width),
    ...named.flatMap((line) => wrap(' '.repeat(indent + 2) + line, width)),
  ]
}
