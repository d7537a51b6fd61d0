import { expect, test } from 'vitest'
import type { Checkpoint } from '../../ports/index.ts'
import { addCheckpoint, isMidnight, sinceMidnight } from './checkpoints.ts'

const DAY = 86_400
const checkpoint = (at: number, n: number): Checkpoint => ({ at, rows: { transactions: n, inventories: 2 * n } })

test('the last midnights are kept, however many checkpoints follow', () => {
  let all: Checkpoint[] = []
  for (let hour = 1; hour <= 24 * 60; hour++) all = addCheckpoint(all, checkpoint(hour * 3600, hour))
  const midnights = all.filter(isMidnight).map(({ at }) => at / DAY)
  expect(midnights).toEqual(expect.arrayContaining([57, 58, 59, 60]))
  expect(all.length).toBeLessThan(40)
})

test('rows are counted from the last midnight before an instant', () => {
  const position = {
    world: 'w',
    since: 0,
    position: 3 * DAY,
    checkpoints: [checkpoint(DAY, 10), checkpoint(2 * DAY, 30), checkpoint(2 * DAY + 60, 31), checkpoint(3 * DAY, 60)],
  }
  expect(sinceMidnight(position, 2 * DAY + 90)).toEqual({
    ...position,
    since: 2 * DAY,
    checkpoints: [checkpoint(2 * DAY + 60, 1), checkpoint(3 * DAY, 30)],
  })
  expect(sinceMidnight(position, DAY - 1)).toEqual(position)
  expect(sinceMidnight(position, 0)).toEqual(position)
})
