import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { unsnap } from '../../test/unsnap.ts'
import { IdPage, PlainIds } from './id-pages.ts'

const WIDTH = { prefix: 'T240131-0412-'.length, number: 6 }

interface Span {
  day: number
  store: number
  first: number
  rows: number
}
const prefixOf = ({ day, store }: Span) => `T2401${10 + day}-${String(store).padStart(4, '0')}-`

/** Spans as a part has them, store after store from number 1; and as live batches have them, from any number. */
const span = fc.record({
  day: fc.nat(3),
  store: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 9999 })),
  first: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 990_000 })),
  rows: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1500 })),
})

function both(spans: readonly Span[]) {
  const rows = spans.reduce((sum, span) => sum + span.rows, 0)
  const [page, plain] = [new IdPage(WIDTH, rows, spans.length), new PlainIds(WIDTH, rows)]
  for (const span of spans) for (const ids of [page, plain]) ids.add(prefixOf(span), span.first, span.first + span.rows)
  return { stream: page.body(), plain: plain.body(), rows }
}

test('a page of ids as Snappy elements is the page of ids', () => {
  fc.assert(
    fc.property(fc.array(span, { minLength: 1, maxLength: 20 }), (spans) => {
      const { stream, plain } = both(spans)
      expect(unsnap(stream).equals(plain)).toBe(true)
    }),
    { numRuns: 300 },
  )
})

test('ids of stores that sell some hundred lines a day take 4.2 bytes, in any order of their sizes', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 60, max: 250 }), { minLength: 40, maxLength: 60 }), (sizes) => {
      const { stream, rows } = both(sizes.map((size, store) => ({ day: 0, store, first: 1, rows: size })))
      expect(stream.length / rows).toBeLessThan(4.3)
    }),
    { numRuns: 30 },
  )
})
