import { expect, test } from 'vitest'
import { type LoadWaiting, OutageWatch } from './outage.ts'

test('trouble is reported when it lasts, ever more rarely, and again after it has passed', () => {
  const reports: LoadWaiting[] = []
  const watch = new OutageWatch((waiting) => void reports.push(waiting))
  for (let second = 0; second <= 60; second++) watch.look(second * 1000, 'busy')
  expect(reports.map(({ seconds }) => seconds)).toEqual([5, 10, 20, 40])
  watch.look(61_000, undefined)
  for (let second = 62; second <= 70; second++) watch.look(second * 1000, 'down')
  expect(reports.slice(4)).toEqual([{ why: 'down', seconds: 5 }])
})
