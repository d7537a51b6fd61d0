import { expect, test } from 'vitest'
import { KILLED_WORLD, killer, verified } from './kills.ts'
import { json, retail, workspace } from './tool.ts'

const KILLS = 14

test(`marts are exact after ${KILLS} kills`, async () => {
  const { killed } = killer(2)
  const folder = workspace(KILLED_WORLD)
  await retail(folder, 'seed-dims')
  expect((await retail(folder, 'backfill')).code).toBe(0)
  expect((await retail(folder, 'transform')).code).toBe(0)
  for (let kills = 0; kills < KILLS; kills++) {
    await json(folder, 'stream --speed 3000 --duration 400ms')
    await killed(folder, 'transform', [300, 9_000])
    if (kills % 7 === 6) await verified(folder)
  }
  const done = await retail(folder, 'transform')
  expect(done.code, done.stderr).toBe(0)
  await verified(folder)
})
