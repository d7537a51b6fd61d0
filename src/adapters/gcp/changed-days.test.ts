import { expect, test } from 'vitest'
import { parseSecond } from '../../time.ts'
import { changedDays } from './changed-days.ts'

const at = (text: string) => parseSecond(text)!
const since = (text: string) => ({ history: at('2024-02-01T00:00:00Z'), live: at(text) })

test.each([
  ['2024-02-03T00:00:00Z', '2024-02-03T00:00:00Z', []],
  ['2024-02-03T06:00:00Z', '2024-02-03T07:00:00Z', ['2024-02-03']],
  ['2024-02-03T06:00:00Z', '2024-02-04T00:00:00Z', ['2024-02-03']],
  ['2024-02-03T23:00:00Z', '2024-02-04T00:00:01Z', ['2024-02-03', '2024-02-04']],
  ['2024-02-28T00:00:00Z', '2024-03-01T12:00:00Z', ['2024-02-28', '2024-02-29', '2024-03-01']],
])('from %s to %s: %j', (from, until, days) => expect(changedDays(since(from), at(until))).toEqual(days))

test('before the first publish, everything', () => {
  expect(changedDays(undefined, at('2024-02-03T00:00:00Z'))).toBeUndefined()
})
