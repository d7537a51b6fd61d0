import { expect, test } from 'vitest'
import { runsAMonth } from './cron.ts'

test.each([
  ['5 * * * *', 24 * 30.4],
  ['*/15 * * * *', 4 * 24 * 30.4],
  ['50 4 * * *', 30.4],
  ['0,30 8-17 * * mon-fri', (2 * 10 * 5 * 30.4) / 7],
  ['0 6 * * 0', 30.4 / 7],
  ['0 6 * * 7', 30.4 / 7],
  ['0 6 1 * *', 30.4 / 31],
  ['0 6 1 1 *', 30.4 / 31 / 12],
  ['0 0 1 * mon', 30.4 / 31 + 30.4 / 7],
  ['every 5 minutes', undefined],
  ['61 * * * *', undefined],
  ['5-1 * * * *', undefined],
  ['*/0 * * * *', undefined],
  ['', undefined],
])('%s fires %d times a month', (schedule, times) => {
  const runs = runsAMonth(schedule)
  if (times === undefined) expect(runs).toBeUndefined()
  else expect(runs).toBeCloseTo(times, 6)
})
