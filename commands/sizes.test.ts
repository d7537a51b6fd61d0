import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatSize, parseSize } from './sizes.ts'

test.each([
  ['10GiB', 10_737_418_240],
  ['500 mib', 524_288_000],
  ['1073741824', 1_073_741_824],
  ['1B', 1],
  ['10GB', undefined],
  ['1.5GiB', undefined],
  ['-1', undefined],
  ['9999999999PiB', undefined],
])('%s is %s bytes', (text, bytes) => expect(parseSize(text)).toBe(bytes))

test('every size reads back', () =>
  fc.assert(fc.property(fc.maxSafeNat(), (bytes) => bytes > 1e15 || parseSize(formatSize(bytes)) === bytes)))
