import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCKS, batch, FROM, layoutOf, partsThrough, START } from '../../test/lakes.ts'
import { type Cover, coverOf } from './cover.ts'
import type { LakeBatch, LakeLayout, Part } from './lake.ts'

/** A lake's life in short steps, as the stream, the roll, a backfill, a crash and a lost folder make it. Hours stand for seconds. */
type Step =
  | { kind: 'deliver'; hours: number }
  | { kind: 'begin' }
  | { kind: 'roll'; crash: boolean }
  | { kind: 'backfill'; days: number; crash: boolean }
  | { kind: 'lose'; which: number }
const hour = 3600

function live(steps: readonly Step[]): { layout: LakeLayout; lost: LakeBatch[] } {
  let [parts, rolled, live]: [Part[], LakeBatch[], LakeBatch[]] = [
    partsThrough(FROM + 2),
    [],
    [batch(1, START + 3 * 86_400, START + 3 * 86_400)],
  ]
  const lost: LakeBatch[] = []
  let generation = 1
  const cover = () => coverOf(layoutOf(parts, live, rolled), FROM, BLOCKS)
  let position = cover().live
  const begin = () => live.push(batch(++generation, position, position))
  for (const step of steps) {
    if (step.kind === 'begin') begin()
    if (step.kind === 'deliver') {
      const midnight = (Math.floor(position / 86_400) + 1) * 86_400
      const to = Math.min(midnight, position + step.hours * hour)
      live.push(batch(generation, position, to))
      position = to
    }
    if (step.kind === 'roll') {
      const { batches, open } = cover()
      const today = [...batches, ...open].filter(
        ({ from, to }) => to > from && Math.floor(from / 86_400) === Math.floor((position - 1) / 86_400),
      )
      if (today.length > 1) rolled.push(batch(undefined, today[0].from, today[today.length - 1].to))
      if (!step.crash) begin()
    }
    if (step.kind === 'backfill') {
      parts = [...parts, ...partsThrough(FROM + 2 + step.days)]
      position = Math.max(position, cover().history)
      if (!step.crash) begin()
    }
    if (step.kind === 'lose') {
      const whole = live.filter(({ from, to }) => to > from)
      const gone = whole[step.which % Math.max(1, whole.length)]
      live = live.filter((one) => one !== gone)
      if (gone) lost.push(gone)
    }
  }
  return { layout: layoutOf(parts, live, rolled), lost }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('deliver' as const), hours: fc.integer({ min: 1, max: 9 }) }) },
  fc.constant({ kind: 'begin' as const }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('roll' as const), crash: fc.boolean() }) },
  fc.record({
    kind: fc.constant('backfill' as const),
    days: fc.integer({ min: 1, max: 12 }),
    crash: fc.boolean(),
  }),
)
const loss = fc.record({ kind: fc.constant('lose' as const), which: fc.nat(50) })

/** The ranges of a cover, in order, and what is between them. */
function rangesOf({ batches, open, gaps, history, live }: Cover) {
  const all = [...batches, ...open, ...gaps].filter(({ from, to }) => to > from).sort((a, b) => a.from - b.from)
  return [{ from: START, to: history }, ...all, { from: live, to: live }]
}

describe('whatever a lake has been through', () => {
  test('what covers its timeline and what is missing follow each other without overlap', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof({ weight: 4, arbitrary: step }, loss), { maxLength: 40 }), (steps) => {
        const cover = coverOf(live(steps).layout, FROM, BLOCKS)
        const all = rangesOf(cover)
        for (let i = 1; i < all.length; i++) expect(all[i].from).toBe(all[i - 1].to)
      }),
      { numRuns: 500 },
    )
  })

  test('nothing is missing while nothing was lost, and only what was lost is missing', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), fc.array(loss, { maxLength: 2 }), (steps, losses) => {
        expect(coverOf(live(steps).layout, FROM, BLOCKS).gaps).toEqual([])
        const { layout, lost } = live([...steps, ...losses])
        for (const { from, to } of coverOf(layout, FROM, BLOCKS).gaps) {
          for (let second = from; second < to; second += hour)
            expect(lost.some((one) => one.from <= second && second < one.to)).toBe(true)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('what is superseded is nothing that is used', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { parts, longParts, batches, open, superseded } = coverOf(live(steps).layout, FROM, BLOCKS)
        const used = new Set([...parts, ...longParts, ...batches, ...open].map(({ key }) => key))
        for (const { key } of [...superseded.parts, ...superseded.batches]) expect(used.has(key)).toBe(false)
      }),
      { numRuns: 200 },
    )
  })
})

test('a rolled batch replaces the batches that it merges, once a generation starts after it', () => {
  const start = START + 3 * 86_400
  const small = [0, 1, 2].map((i) => batch(1, start + i * hour, start + (i + 1) * hour))
  const rolled = [batch(undefined, start, start + 3 * hour)]
  const parts = partsThrough(FROM + 2)
  const before = coverOf(layoutOf(parts, small, rolled), FROM, BLOCKS)
  expect([before.batches, before.open]).toEqual([[], small])
  const after = coverOf(layoutOf(parts, [...small, batch(2, start + 3 * hour, start + 3 * hour)], rolled), FROM, BLOCKS)
  expect([after.batches, after.superseded.batches]).toEqual([rolled, small])
})
