import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { movedClock } from '../../../test/moved-clock.ts'
import { speedPace } from './pace.ts'

const FROM = 1_711_929_600

test('an event is due when its time has come, and late from then on', () => {
  const speed = fc.double({ min: 0.01, max: 100_000, noNaN: true })
  fc.assert(
    fc.property(speed, fc.integer({ min: 0, max: 10_000_000 }), (speed, elapsedMs) => {
      const clock = movedClock()
      const pace = speedPace(FROM, speed, clock)
      expect(pace.due()).toMatchObject({ until: FROM + 1 })
      clock.move(elapsedMs)
      const due = pace.due()!.until - 1
      expect(pace.lateMs(due, 0)).toBeGreaterThanOrEqual(-1e-3)
      expect(pace.lateMs(due + 1, 0)).toBeLessThan(1e-3)
    }),
  )
})

test('at sixty times the speed an hour is due after a minute', () => {
  const clock = movedClock()
  const pace = speedPace(FROM, 60, clock)
  clock.move(60_000)
  expect(pace.due()).toMatchObject({ until: FROM + 3601 })
  expect(pace.lateMs(FROM + 3540, 0)).toBe(1000)
})
