import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOut, linesOf, renderNext, type Table, table, unbroken } from './layout.ts'

const word = fc.stringMatching(/^[a-z0-9,.:/✔-]{1,14}$/)
const sentence = fc.array(word, { maxLength: 14 }).map((words) => words.join(' '))
const someTable = fc
  .tuple(fc.integer({ min: 1, max: 6 }), fc.boolean())
  .chain(([columns, head]) =>
    fc
      .array(fc.array(sentence, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 6 })
      .map((rows) => table(rows, { head: head && rows.length > 1, right: columns > 1 ? [1] : [] })),
  )
const someText = fc.array(fc.oneof(sentence, someTable), { maxLength: 5 })
const width = fc.integer({ min: 40, max: 120 })

const wordsOf = (text: string) => text.split(/\s+/).filter(Boolean).sort()
const wordsIn = (piece: string | Table) =>
  typeof piece === 'string' ? piece.split(' ') : piece.rows.flatMap((row) => row.flatMap((cell) => cell.split(' ')))

describe('text in a terminal', () => {
  test('fits its width', () => {
    fc.assert(
      fc.property(someText, width, (text, columns) => {
        for (const line of linesOf(text, columns)) expect(line.length, line).toBeLessThanOrEqual(columns)
      }),
    )
  })

  test('loses no word', () => {
    const body = (piece: string | Table) =>
      typeof piece !== 'string' && piece.head ? { ...piece, rows: piece.rows.slice(1) } : piece
    fc.assert(
      fc.property(someText, width, (text, columns) => {
        const shown = wordsOf(layOut(text, columns))
        for (const each of text.map(body).flatMap(wordsIn).filter(Boolean)) {
          expect(shown).toContain(each)
          shown.splice(shown.indexOf(each), 1)
        }
      }),
    )
  })

  test('is the same as without a width if that is enough', () => {
    fc.assert(
      fc.property(someText, (text) => {
        const lines = layOut(text).split('\n')
        expect(layOut(text, Math.max(...lines.map(({ length }) => length)))).toBe(lines.join('\n'))
      }),
    )
  })
})

const checks = table(
  [
    ['✔', 'events of the stream', '3', 'of 2,000,000', 'measured'],
    ['✘', 'days of streaming until the timeline ends', '1', 'of 0', 'limit: use a lower --rate or a larger world'],
  ],
  { right: [2] },
)
const steps = table(
  [
    ['STEP', 'STATE', 'ROWS', 'DETAIL'],
    ['infra', '–', '', 'target local needs none'],
    ['backfill', '✔ done', '189,797', '2024-01-01 to 2024-03-31'],
  ],
  { head: true, right: [2] },
)

test.each([
  ['the last column wraps', [checks], 100],
  ['rows without a head flow', [checks], 50],
  ['rows with a head are blocks', [steps], 40],
  [
    'commands stay whole, with their purpose below',
    [
      renderNext([
        ['retail init --stores 53638 --lines-per-store-day 99', 'create a workspace of this size'],
        ['retail plan', 'see the cost'],
      ]),
    ],
    60,
  ],
  [
    'sentences wrap, but not a command in them',
    [`  → set PIP_INDEX_URL, then ${unbroken('retail transform --verbose')}, or see \`retail help exit-codes\``],
    40,
  ],
  [
    'a number stays with its unit, and a mark with its line',
    [
      '  48 blocks in 3 months and 2 tables: 43.1 kB each',
      `→ ${unbroken('retail init --size tiny --from 2024-01-01 --yes')}`,
    ],
    44,
  ],
])('%s', (_what, text, columns) => {
  expect(`\n${layOut(text, columns)}\n`).toMatchSnapshot()
})
