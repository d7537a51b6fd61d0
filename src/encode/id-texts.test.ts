import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unsnap } from '../../test/unsnap.ts'
import { idTextChunk, LONGEST_ID, TextPage } from './id-texts.ts'

const plainOf = (ids: readonly string[]): Buffer =>
  Buffer.concat(
    ids.flatMap((id) => {
      const length = Buffer.alloc(4)
      length.writeUInt32LE(id.length)
      return [length, Buffer.from(id)]
    }),
  )
const streamOf = (ids: readonly string[]): Buffer => {
  const page = new TextPage()
  for (const id of ids) page.add(id)
  return Buffer.concat(page.body())
}

const number = fc.integer({ min: 0, max: 999_999 }).map((n) => String(n).padStart(6, '0'))
const id = fc.oneof(
  number.map((n) => `T240131-0412-${n}`),
  fc.constantFrom('D240131-0412', 'C240131-0412', 'D240201-0412', 'T240131-0413-000001'),
  fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: LONGEST_ID }),
)
/** Each id stands there a few times, as that of a visit does; some come back from beyond the reach of a copy. */
const column = fc
  .array(fc.tuple(id, fc.oneof(fc.integer({ min: 1, max: 5 }), fc.constant(4000))), { minLength: 1, maxLength: 60 })
  .map((spans) => spans.flatMap(([each, times]) => Array<string>(times).fill(each)))

test('a page of ids as Snappy elements is the page of ids', () => {
  fc.assert(
    fc.property(column, (ids) => {
      expect(unsnap(streamOf(ids)).equals(plainOf(ids))).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('baskets of two lines take three bytes a line, and references of every movement less than seven', () => {
  const padded = (n: number) => String(n).padStart(6, '0')
  const baskets = Array.from({ length: 1000 }, (_, i) => `B240131-0412-${padded(i - (i % 2))}`)
  const references = Array.from({ length: 1000 }, (_, i) =>
    i % 9 === 0 ? 'D240131-0412' : `T240131-0412-${padded(i)}`,
  )
  expect(streamOf(baskets).length / 1000).toBeLessThan(3)
  expect(streamOf(references).length / 1000).toBeLessThan(7)
})

test('bounds are the least and the greatest id', () => {
  fc.assert(
    fc.property(column, fc.boolean(), (ids, plain) => {
      const chunk = idTextChunk(ids.length, ids.values() as unknown as Generator<string>, plain)
      for (const { body } of chunk.pages) expect(body.length).toBeGreaterThan(0)
      const sorted = [...ids].sort((a, b) => (a < b ? -1 : 1))
      expect(chunk.bounds()?.map(String)).toEqual([sorted[0], sorted[sorted.length - 1]])
    }),
    { numRuns: 30 },
  )
})
