import { describe, expect, test } from 'vitest'
import { EXIT_CODES } from '../../src/errors.ts'
import { renderDiff } from './diff.ts'
import { EXIT_CODE_MEANINGS } from './exit-codes.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'
import { layOut, table } from './layout.ts'

describe('figures', () => {
  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [20_050_000, '20,050,000'],
    [-1234.4, '-1,234'],
  ])('%d rows', (n, text) => expect(formatCount(n)).toBe(text))

  test.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [68_400, '68.4 kB'],
    [999_600, '1.0 MB'],
    [305_000_000, '305 MB'],
    [4_000_000_000_000_000, '4000 TB'],
  ])('%d bytes', (n, text) => expect(formatBytes(n)).toBe(text))

  test.each([
    [0, '0 s'],
    [0.42, '0.4 s'],
    [59.96, '1 min'],
    [125, '2 min 5 s'],
    [3600, '1 h'],
    [3_780, '1 h 3 min'],
    [359_000, '99 h 43 min'],
    [789_735_780, '9,140 days'],
  ])('%d seconds', (n, text) => expect(formatDuration(n)).toBe(text))
})

test('a table is as wide as its words', () => {
  expect(
    layOut([
      table(
        [
          ['a', '1', 'x'],
          ['long', '100', ''],
        ],
        { right: [1] },
      ),
    ]),
  ).toBe('  a       1  x\n  long  100')
})

test('a diff shows what changes and a line around it', () => {
  expect(renderDiff('a\nb\nc\nd\ne\n', 'a\nb\nC\nd\ne\nf\n')).toBe(
    ['    …', '      b', '    - c', '    + C', '      d', '      e', '    + f'].join('\n'),
  )
  expect(renderDiff('', 'a\n')).toBe('    -\n    + a')
})

test('every exit code has a meaning', () => {
  for (const code of Object.values(EXIT_CODES)) expect(EXIT_CODE_MEANINGS).toHaveProperty(String(code))
})
