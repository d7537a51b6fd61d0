import { expect, test } from 'vitest'
import { halfBatches, KILLED_WORLD, killer, SEED, verified } from './kills.ts'
import { json, retail, workspace } from './tool.ts'

const KILLS = 26

test(`live events are exact after ${KILLS} kills`, async () => {
  const { below, killed } = killer(1)
  const folder = workspace(KILLED_WORLD)
  await retail(folder, 'seed-dims')
  expect((await retail(folder, 'backfill')).code).toBe(0)
  for (let kills = 0; kills < KILLS; kills++) {
    const pace = ['--speed max', '--speed 3000', '--speed 40000', '--rate 40'][below(4)]
    await killed(folder, `stream ${pace}`, [250, 1_300])
    expect(halfBatches(folder), `seed ${SEED}`).toEqual([])
    if (kills % 9 === 8) await verified(folder)
  }
  const last = await json<{ from: string; to: string }>(folder, 'stream --speed 3000 --duration 1s')
  expect(last.code).toBe(0)
  expect(last.from > '2024-04-01').toBe(true)
  await verified(folder)
})
