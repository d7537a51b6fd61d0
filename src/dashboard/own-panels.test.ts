import { expect, test } from 'vitest'
import { duckdbDialect } from '../adapters/local/duckdb-dialect.ts'
import { compileStatement, type OwnPanel, type Row } from '../ports/index.ts'
import { toCsv } from './csv.ts'
import { ownStatement, readOwn } from './own-panels.ts'
import { ownTable } from './views.ts'

const rows: Row[] = [
  { day: '2024-01-02', city: '=cmd()', revenue: '12.50', units: 3n, note: null },
  { day: '2024-01-01', city: '<b>', revenue: '7.00', units: 9n, note: 'x' },
]
const panel = (more: Partial<OwnPanel>): OwnPanel => ({
  table: 't',
  type: 'table',
  title: 'T',
  y: [],
  format: 'count',
  ...more,
})

test('the statement names nothing but the table', () => {
  expect(compileStatement(ownStatement(panel({})), duckdbDialect)).toEqual({
    text: 'select * from marts.t order by 1 limit 501',
    values: {},
  })
})

test.each<[Partial<OwnPanel>, string[], unknown[][]]>([
  [
    { type: 'line', x: 'day', y: ['revenue', 'units'] },
    ['day', 'revenue', 'units'],
    [
      ['2024-01-01', 7, 9],
      ['2024-01-02', 12.5, 3],
    ],
  ],
  [
    { type: 'bar', x: 'city', y: ['revenue'] },
    ['city', 'revenue'],
    [
      ['=cmd()', 12.5],
      ['<b>', 7],
    ],
  ],
  [{ type: 'number', y: ['units'] }, ['units'], [[3]]],
  [
    { y: ['note', 'revenue'] },
    ['note', 'revenue'],
    [
      [null, 12.5],
      ['x', 7],
    ],
  ],
])('%j', (of, columns, cells) => {
  expect(readOwn(panel(of), rows)).toMatchObject({ columns, rows: cells, more: false })
})

test('a table has all columns, and its CSV holds no formula', () => {
  const data = readOwn(panel({}), rows)
  expect(data.columns).toEqual(Object.keys(rows[0]))
  expect(toCsv(ownTable(data)).split('\r\n')[1]).toBe("2024-01-02,'=cmd(),12.5,3,")
})

test('more rows than a page has use for are left out, and it says so', () => {
  const many = Array.from({ length: 501 }, (_, i): Row => ({ n: i }))
  const { rows: shown, more } = readOwn(panel({}), many)
  expect([shown.length, more]).toEqual([500, true])
})

test('a column that is not there is named, with what to correct', () => {
  expect(() => readOwn(panel({ type: 'number', y: ['profit'] }), rows)).toThrow('The table t has no column profit.')
})
