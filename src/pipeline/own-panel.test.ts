import { expect, test } from 'vitest'
import { parseOwnPanel } from './own-panel.ts'

test.each<[unknown, object]>([
  [
    { type: 'number', y: 'revenue', format: 'money' },
    { title: 'my table', y: ['revenue'], format: 'money' },
  ],
  [
    { type: 'line', x: 'day', y: ['a', 'b'], title: 'Two' },
    { title: 'Two', x: 'day', y: ['a', 'b'], format: 'count' },
  ],
  [
    { type: 'bar', x: 'city', y: 'units' },
    { x: 'city', y: ['units'] },
  ],
  [{ type: 'table' }, { y: [] }],
])('%j is a panel', (given, panel) => {
  expect(parseOwnPanel('my_table', given)).toMatchObject({ table: 'my_table', ...panel })
})

test.each([
  [true, 'expected keys'],
  [{}, 'type must be number, line, bar, or table'],
  [{ type: 'pie' }, 'type must be'],
  [{ type: 'line', y: 'a' }, 'a line needs x'],
  [{ type: 'bar', x: 'a' }, 'a bar needs y'],
  [{ type: 'bar', x: 'a', y: ['b', 'c'] }, 'a bar has at most 1 y'],
  [{ type: 'number', y: 'a', x: 'b' }, 'a number has no x'],
  [{ type: 'table', format: 'euro' }, 'format must be'],
  [{ type: 'table', titel: 'x' }, 'did you mean title?'],
  [{ type: 'table', title: '' }, 'title must be'],
  [{ type: 'table', y: ['a; DROP TABLE x'] }, 'y must name columns'],
  [{ type: 'bar', x: 7, y: 'b' }, 'x must name columns'],
])('%j is refused: %s', (given, wrong) => {
  expect(parseOwnPanel('my_table', given)).toEqual({ wrong: expect.stringContaining(wrong) })
})

test('a table whose name needs quotes is refused', () => {
  expect(parseOwnPanel('my"table', { type: 'table' })).toHaveProperty('wrong')
})
