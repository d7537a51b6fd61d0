import { expect, test } from 'vitest'
import { KILLED_WORLD, killer, verified } from './kills.ts'
import { json, retail, workspace, writeConfig } from './tool.ts'

const KILLS = 22
/** Ever longer histories: complete months and incomplete ones. */
const ENDS = [
  '2024-01-31',
  '2024-02-10',
  '2024-02-29',
  '2024-03-05',
  '2024-03-31',
  '2024-06-30',
  '2024-09-30',
  '2024-12-31',
]

test(`history is exact after ${KILLS} kills`, async () => {
  const { below, killed } = killer(0)
  const folder = workspace({ ...KILLED_WORLD, to: '2024-01-31' })
  await retail(folder, 'seed-dims')
  let kills = 0
  for (let i = 0; kills < KILLS; i++) {
    writeConfig(folder, { ...KILLED_WORLD, to: ENDS[Math.min(ENDS.length - 1, Math.floor(i / 3))] })
    if (await killed(folder, `backfill --workers ${1 + below(3)}`, [120, 900])) kills++
    else if (i > 60) break
  }
  expect(kills).toBeGreaterThan(KILLS / 2)
  writeConfig(folder, { ...KILLED_WORLD, to: '2024-12-31' })
  expect(await json(folder, 'backfill')).toMatchObject({ code: 0, complete: true })
  await verified(folder)
})
