import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { csvCell, toCsv } from './csv.ts'

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', '=cmd|"/c calc"!A1'])(
  '%j is no formula in a spreadsheet',
  (cell) => {
    expect(csvCell(cell).replace(/^"/, '')).toMatch(/^'/)
  },
)

test('numbers stay numbers', () => {
  expect([csvCell(-12.5), csvCell(0), csvCell(null)]).toEqual(['-12.5', '0', ''])
})

test('a file reads back as the cells that were written', () => {
  const safe = fc.string().filter((text) => !/^[=+\-@\t\r]/.test(text))
  fc.assert(
    fc.property(fc.array(fc.tuple(safe, safe), { minLength: 1 }), (rows) => {
      const columns = [
        { name: 'a', kind: 'text' as const },
        { name: 'b', kind: 'text' as const },
      ]
      expect(parse(toCsv({ columns, rows }))).toEqual([['a', 'b'], ...rows])
    }),
  )
})

function parse(text: string): string[][] {
  const rows: string[][] = []
  let cells: string[] = []
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n)/g)) {
    cells.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    if (end === ',') continue
    rows.push(cells)
    cells = []
  }
  return rows
}
