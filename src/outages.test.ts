import { expect, test } from 'vitest'
import { noteTrouble, type Outage, OutageWatch, troubleNow } from './outages.ts'

test('trouble is reported when it lasts, ever more rarely, and again after it has passed', () => {
  const reports: Outage[] = []
  const watch = new OutageWatch((outage) => void reports.push(outage))
  const look = (from: number, to: number, trouble: string | undefined) => {
    for (let second = from; second <= to; second++) watch.look(second * 1000, trouble)
  }
  look(0, 60, 'busy')
  expect(reports.map(({ seconds }) => seconds)).toEqual([5, 10, 20, 40])
  // A call that starts again has not failed yet: it is the same outage.
  look(61, 70, undefined)
  look(71, 85, 'busy')
  expect(reports.slice(4)).toEqual([{ why: 'busy', seconds: 80 }])
  look(86, 110, undefined)
  look(111, 118, 'down')
  expect(reports.slice(5)).toEqual([{ why: 'down', seconds: 5 }])
})

test('trouble lasts until the last call that meets it has ended', () => {
  const [one, other] = [{}, {}]
  noteTrouble(one, 'busy')
  noteTrouble(other, 'down')
  noteTrouble(one, undefined)
  expect(troubleNow()).toBe('down')
  noteTrouble(other, 'still down')
  expect(troubleNow()).toBe('still down')
  noteTrouble(other, undefined)
  expect(troubleNow()).toBeUndefined()
})
