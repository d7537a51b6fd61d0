import { describe, expect, test } from 'vitest'
import { rowChecks } from './checks.ts'
import { described, type Found, type Outcome, sentenceOf } from './sentences.ts'

const outcomes: Outcome[] = ['passed', 'failed', 'inconclusive']
const all = rowChecks({ quick: false, marts: true, travels: true, extended: true }).map(({ name }) => name)

describe('a check says what it found:', () => {
  test.each([...all, 'files' as const, 'delivery' as const])('%s has another sentence for each outcome', (name) => {
    for (const quick of [false, true])
      expect(new Set(outcomes.map((outcome) => sentenceOf(name, outcome, quick))).size).toBe(3)
  })

  test('what --quick did not look at it does not claim', () => {
    expect(sentenceOf('files', 'passed', true)).not.toMatch(/whole/)
    expect(sentenceOf('transactions', 'passed', true)).not.toMatch(/checksum/)
  })
})

describe('a difference is told in words:', () => {
  const at = { check: 'transactions', table: 'transactions' }
  test.each<[Found, string]>([
    [{ ...at, kind: 'missing', file: 'a.parquet', found: 'the file is missing' }, 'the file is missing'],
    [{ ...at, kind: 'missing', id: 'T1' }, 'the row is missing'],
    [{ ...at, kind: 'missing', id: 'a mart', expected: '3 units' }, 'the row is missing; expected 3 units'],
    [
      { ...at, kind: 'doubled', id: 'T1', expected: '1 row', found: '2 rows' },
      'the row is duplicated: 2 rows instead of 1 row',
    ],
    [{ ...at, kind: 'unexpected', id: 'T1' }, 'the row should not exist'],
    [
      { ...at, kind: 'unexpected', column: 'product_id', found: 'this product does not exist' },
      'product_id is wrong: this product does not exist',
    ],
    [{ ...at, kind: 'changed', column: 'quantity', expected: '1', found: '2' }, 'quantity is 2, not 1'],
    [{ ...at, kind: 'changed', day: '2024-01-01' }, 'some rows of this day differ'],
    [{ ...at, kind: 'damaged', file: 'a.parquet', found: 'it is cut off' }, 'it is cut off'],
    [{ ...at, kind: 'changed', sentence: 'what only the check knows' }, 'what only the check knows'],
  ])('%o', (found, sentence) => expect(described(found).sentence).toBe(sentence))
})
