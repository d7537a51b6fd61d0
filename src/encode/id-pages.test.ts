import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { unsnap } from '../../test/unsnap.ts'
import { IdPage, PlainIds } from './id-pages.ts'

const WIDTH = { prefix: 'T240131-0412-'.length, number: 6 }

interface Run {
  day: number
  store: number
  first: number
  rows: number
}
const prefixOf = ({ day, store }: Run) => `T2401${10 + day}-${String(store).padStart(4, '0')}-`

/** Runs as a part has them, store after store from number 1; and as live batches have them, from any number. */
const run = fc.record({
  day: fc.nat(3),
  store: fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 9999 })),
  first: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.integer({ min: 1, max: 990_000 })),
  rows: fc.oneof(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 1500 })),
})

function both(runs: readonly Run[]) {
  const rows = runs.reduce((sum, run) => sum + run.rows, 0)
  const [page, plain] = [new IdPage(WIDTH, rows, runs.length), new PlainIds(WIDTH, rows)]
  for (const run of runs) for (const ids of [page, plain]) ids.add(prefixOf(run), run.first, run.first + run.rows)
  return { stream: page.body(), plain: plain.body(), rows }
}

test('a page of ids as Snappy elements is the page of ids', () => {
  fc.assert(
    fc.property(fc.array(run, { minLength: 1, maxLength: 20 }), (runs) => {
      const { stream, plain } = both(runs)
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
