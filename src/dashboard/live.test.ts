import { expect, onTestFinished, test } from 'vitest'
import type { Feed } from '../ports/index.ts'
import { formatSecond } from '../time.ts'
import type { Answers } from './answers.ts'
import type { Events } from './events.ts'
import { publishUpdates, rateOfLines } from './live.ts'
import type { LiveData } from './live-data.ts'

test('a rate is of the last minute, or of as long as one looked', () => {
  let now = 0
  const rate = rateOfLines(() => now)
  expect(rate(0, true)).toBeUndefined()
  now = 1_000
  expect(rate(50, true)).toBeUndefined()
  now = 10_000
  expect(rate(50, true)).toBe(600)
  for (now = 11_000; now <= 120_000; now += 1_000) rate(2, true)
  expect(rate(0, true)).toBeGreaterThanOrEqual(118)
  expect(rate(0, true)).toBeLessThanOrEqual(122)
})

test('a stream that ended has none, and the next one starts again', () => {
  let now = 0
  const rate = rateOfLines(() => now)
  rate(1_000, true)
  now = 5_000
  expect(rate(0, false)).toBeUndefined()
  now = 6_000
  rate(0, true)
  now = 16_000
  expect(rate(10, true)).toBe(60)
})

test('who hears that a stream has ended hears of its last sale', async () => {
  let position = 100
  const heard = await new Promise<LiveData>((resolve) => {
    const stop = publishUpdates({
      answers: { version: async () => undefined } as Answers,
      events: { count: 1, send: (event, data) => event === 'live' && resolve(data as LiveData) } as Events,
      feed: { news: async () => ({ position, lines: 1, last: [] }) } as unknown as Feed,
      // It sells once more, and ends, while one looks.
      workspace: { owner: async () => void (position = 200) },
    })
    onTestFinished(stop)
  })
  expect(heard).toMatchObject({ running: false, position: formatSecond(200) })
})
