import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { clockPace } from './pace.ts'

const FROM = 1_711_929_600

test('an event is due when its time has come, and late from then on', () => {
  const speed = fc.double({ min: 0.01, max: 100_000, noNaN: true })
  fc.assert(
    fc.property(speed, fc.integer({ min: 0, max: 10_000_000 }), (speed, elapsedMs) => {
      let now = 5_000
      const pace = clockPace(FROM, speed, () => now)
      expect(pace.dueUntil()).toBe(FROM + 1)
      now += elapsedMs
      const due = pace.dueUntil() - 1
      expect(pace.lateMs(due)).toBeGreaterThanOrEqual(-1e-3)
      expect(pace.lateMs(due + 1)).toBeLessThan(1e-3)
    }),
  )
})

test('at sixty times the speed an hour is due after a minute', () => {
  let now = 0
  const pace = clockPace(FROM, 60, () => now)
  now = 60_000
  expect(pace.dueUntil()).toBe(FROM + 3601)
  expect(pace.lateMs(FROM + 3540)).toBe(1000)
})
