import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { BLOCKS, batch, FROM, layoutOf, partsThrough, START } from '../../../test/lakes.ts'
import { coverOf, type LakeBatch, type Part } from '../../ports/index.ts'
import { dayOf, lastDayOf, monthOf } from '../../time.ts'
import { changesBetween, filesOf, type LakeState } from './lake-state.ts'

const HOUR = 3600
const DAY = 24 * HOUR

/** What happens to a lake between two transforms. */
type Step =
  | { kind: 'deliver'; hours: number }
  | { kind: 'roll' }
  | { kind: 'extend'; days: number }
  | { kind: 'rewrite'; which: number }
  | { kind: 'lose'; which: number }
  | { kind: 'restore' }

/** A lake, and how often the rows of each hour were written: what a look at every row would show. */
function lakeOf() {
  let [parts, rolled, live]: [Part[], LakeBatch[], LakeBatch[]] = [partsThrough(FROM + 2), [], []]
  const start = START + 3 * DAY
  let generation = 1
  let position = start
  const lost: LakeBatch[] = []
  const stamps = new Map<string, number>()
  const rows = new Map<number, number>()
  const layout = () => layoutOf(parts, live, rolled)
  const cover = () => coverOf(layout(), FROM, BLOCKS)
  const touch = (from: number, to: number) => {
    for (let hour = from; hour < to; hour += HOUR) rows.set(hour, (rows.get(hour) ?? 0) + 1)
  }
  touch(START, start)
  live.push(batch(generation, start, start))

  const does: { [K in Step['kind']]: (step: Extract<Step, { kind: K }>) => void } = {
    deliver({ hours }) {
      for (let left = hours; left > 0; ) {
        const to = Math.min((Math.floor(position / DAY) + 1) * DAY, position + left * HOUR)
        live.push(batch(generation, position, to))
        touch(position, to)
        left -= (to - position) / HOUR
        position = to
      }
    },
    roll() {
      const { batches, open } = cover()
      const today = [...batches, ...open].filter(
        ({ from, to }) => to > from && Math.floor(from / DAY) === Math.floor((position - 1) / DAY),
      )
      if (today.length > 1) rolled.push(batch(undefined, today[0].from, today[today.length - 1].to))
      live.push(batch(++generation, position, position))
    },
    extend({ days }) {
      const before = cover().history
      parts = [...parts, ...partsThrough(FROM + 2 + days)]
      const { history } = cover()
      touch(Math.max(before, position), history)
      // History has what the stream lost, too.
      for (let hour = before; hour < history; hour += HOUR) rows.set(hour, rows.get(hour) ?? 1)
      position = Math.max(position, history)
      live.push(batch(++generation, position, position))
    },
    // Only a part of a whole month, which no other file replaces.
    rewrite({ which }) {
      const whole = cover().parts.filter(({ month, through }) => through === lastDayOf(month))
      if (whole.length === 0) return
      const { key, month } = whole[which % whole.length]
      stamps.set(key, (stamps.get(key) ?? 0) + 1)
      touch(Math.max(START, dayOf(Math.floor(month / 12), (month % 12) + 1, 1) * DAY), (lastDayOf(month) + 1) * DAY)
    },
    lose({ which }) {
      const { batches, open } = cover()
      const all = [...batches, ...open].filter(({ to, from }) => to > from && to < position)
      if (all.length === 0 || lost.length > 0) return
      const gone = all[which % all.length]
      lost.push(gone)
      // With everything that holds the same time, as the batches that it was merged from.
      const isApart = ({ from, to }: LakeBatch) => from === to || to <= gone.from || from >= gone.to
      live = live.filter(isApart)
      rolled = rolled.filter(isApart)
      for (let hour = gone.from; hour < gone.to; hour += HOUR) rows.delete(hour)
    },
    restore() {
      const back = lost.pop()
      if (!back) return
      if (back.generation === undefined) rolled.push(back)
      else live.push(back)
      for (let hour = back.from; hour < back.to; hour += HOUR) rows.set(hour, rows.get(hour) ?? 1)
    },
  }
  return {
    step: (step: Step) => does[step.kind](step as never),
    state(): LakeState {
      const now = cover()
      return {
        live: now.live,
        gaps: now.gaps.map(({ from, to }) => [from, to]),
        files: Object.fromEntries(filesOf(layout(), now).map((key) => [key, `${stamps.get(key) ?? 0}`])),
      }
    },
    rows: () => new Map(Array.from(rows).filter(([hour]) => hour < cover().live)),
  }
}

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('deliver' as const), hours: fc.integer({ min: 1, max: 40 }) }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'roll' as const }) },
  fc.record({ kind: fc.constant('extend' as const), days: fc.integer({ min: 1, max: 30 }) }),
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('rewrite' as const), which: fc.nat(50) }) },
  fc.record({ kind: fc.constant('lose' as const), which: fc.nat(50) }),
  fc.constant({ kind: 'restore' as const }),
)

type Detector = typeof changesBetween

/** Throws if something that happened between two states of a random life is not among the changes. */
function check(detect: Detector): void {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 20 }), fc.array(step, { maxLength: 8 }), (past, since) => {
      const lake = lakeOf()
      past.forEach(lake.step)
      const [before, had] = [lake.state(), lake.rows()]
      since.forEach(lake.step)
      const [now, has] = [lake.state(), lake.rows()]
      const changes = detect(before, now)
      if (!changes) return
      const hours = [...new Set([...had.keys(), ...has.keys()])].filter((hour) => hour < now.live)
      const changed = hours.filter((hour) => has.get(hour) !== had.get(hour))
      const days = new Set(changes.days)
      for (const hour of changed) {
        expect(days.has(Math.floor(hour / DAY))).toBe(true)
        if (changes.since !== undefined) expect(hour).toBeGreaterThanOrEqual(changes.since)
      }
      expect(changes.days).toEqual([...changes.days].sort((a, b) => a - b))
    }),
    { numRuns: 200 },
  )
}

describe('between two states of a lake', () => {
  test('no day whose rows differ is left out, and none earlier than the first of them', () => check(changesBetween))

  test.each<[string, Detector]>([
    [
      'a file that was written again is not noticed',
      (before, now) => changesBetween({ ...before, files: { ...before.files, ...now.files } }, now),
    ],
    ['a period that was missing is not noticed', (before, now) => changesBetween({ ...before, gaps: now.gaps }, now)],
    [
      'only the last day is new',
      (before, now) => {
        const changes = changesBetween(before, now)
        return changes && { ...changes, days: changes.days.slice(-1) }
      },
    ],
  ])('the check fails when %s', (_what, detect) => expect(() => check(detect)).toThrow())

  test('a roll changes nothing, and a longer part the days that it holds', () => {
    const lake = lakeOf()
    lake.step({ kind: 'deliver', hours: 60 })
    const before = lake.state()
    lake.step({ kind: 'roll' })
    expect(changesBetween(before, lake.state())).toEqual({ days: [], since: before.live })
    lake.step({ kind: 'extend', days: 2 })
    const now = lake.state()
    expect(now.live).toBe(before.live)
    // From the first of January: FROM is the 20th.
    expect(changesBetween(before, now)).toEqual({
      days: Array.from({ length: 24 }, (_, i) => FROM - 19 + i),
      since: undefined,
    })
  })

  test('a minute of the stream changes its day, from where it began', () => {
    const lake = lakeOf()
    const before = lake.state()
    lake.step({ kind: 'deliver', hours: 1 })
    expect(changesBetween(before, lake.state())).toEqual({ days: [FROM + 3], since: START + 3 * DAY })
  })

  test('a dimension that was written again, and a shorter timeline, change everything', () => {
    const lake = lakeOf()
    lake.step({ kind: 'deliver', hours: 3 })
    const now = lake.state()
    const files = { ...now.files, 'store/store.parquet': 'another' }
    expect(changesBetween({ ...now, files }, now)).toBeUndefined()
    expect(changesBetween({ ...now, live: now.live + 1 }, now)).toBeUndefined()
  })

  test('a part that was written again changes its month', () => {
    const lake = lakeOf()
    lake.step({ kind: 'extend', days: 20 })
    const before = lake.state()
    lake.step({ kind: 'rewrite', which: 0 })
    const { days, since } = changesBetween(before, lake.state())!
    expect([new Set(days.map(monthOf)).size, days.length, since]).toEqual([1, 31, undefined])
  })
})
