import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { keyedRng } from '../src/random/rng.ts'
import { json, retail, start, workspace, writeConfig } from './tool.ts'

/**
 * kill -9 at random moments. RETAIL_CHAOS_SEED picks the moments; it is printed when something is wrong.
 * Shown to fail on a planted bug: with the two tables of a batch renamed one after the other, this finds it (see CONTRIBUTING.md).
 */
const SEED = Number(process.env.RETAIL_CHAOS_SEED ?? 1)
const BACKFILL_KILLS = 22
const STREAM_KILLS = 26
const TRANSFORM_KILLS = 14

const rng = keyedRng(SEED, 0, 0)
const world = { stores: 30, products: 200, lines: 60, to: '2024-03-31' }

/** Kills the command after a random while; true when it was still running. */
async function killed(folder: string, line: string, within: [number, number]): Promise<boolean> {
  const child = start(folder, line)
  const timer = setTimeout(() => child.kill('SIGKILL'), within[0] + rng.below(within[1] - within[0]))
  const { code, signal, stderr } = await child.ended
  clearTimeout(timer)
  if (signal !== 'SIGKILL') expect(code, `seed ${SEED}: retail ${line}\n${stderr}`).toBe(0)
  return signal === 'SIGKILL'
}

async function verified(folder: string): Promise<void> {
  const result = await json<{ ok: boolean; differences: unknown[] }>(folder, 'verify')
  expect(result.differences, `seed ${SEED}`).toEqual([])
  expect(result.code).toBe(0)
}

/** Batches that readers would see one table of: the next stream would mend them, but there must never be one. */
function halfBatches(folder: string): string[] {
  const live = path.join(folder, 'lake/live')
  if (!existsSync(live)) return []
  return readdirSync(live)
    .flatMap((generation) =>
      readdirSync(path.join(live, generation)).map((batch) => path.join(live, generation, batch)),
    )
    .filter((batch) => readdirSync(batch).length !== 2)
}

test(`history, stream and marts are exact after ${BACKFILL_KILLS + STREAM_KILLS + TRANSFORM_KILLS} kills`, async () => {
  const folder = workspace({ ...world, to: '2024-01-31' })
  await retail(folder, 'seed-dims')
  let kills = 0
  // Ever longer histories: months that are whole, and months that are not.
  const ends = [
    '2024-01-31',
    '2024-02-10',
    '2024-02-29',
    '2024-03-05',
    '2024-03-31',
    '2024-06-30',
    '2024-09-30',
    '2024-12-31',
  ]
  for (let i = 0; kills < BACKFILL_KILLS; i++) {
    writeConfig(folder, { ...world, to: ends[Math.min(ends.length - 1, Math.floor(i / 3))] })
    if (await killed(folder, `backfill --workers ${1 + rng.below(3)}`, [120, 900])) kills++
    else if (i > 60) break
  }
  expect(kills).toBeGreaterThan(BACKFILL_KILLS / 2)
  writeConfig(folder, { ...world, to: '2024-12-31' })
  expect(await json(folder, 'backfill')).toMatchObject({ code: 0, complete: true })
  await verified(folder)

  for (kills = 0; kills < STREAM_KILLS; kills++) {
    const pace = ['--speed max', '--speed 3000', '--speed 40000'][rng.below(3)]
    await killed(folder, `stream ${pace}`, [250, 1_300])
    expect(halfBatches(folder), `seed ${SEED}`).toEqual([])
    if (kills % 9 === 8) await verified(folder)
  }
  const last = await json<{ from: string; to: string }>(folder, 'stream --speed 3000 --duration 1s')
  expect(last.code).toBe(0)
  expect(last.from > '2025-01-01').toBe(true)
  await verified(folder)

  expect((await retail(folder, 'transform')).code).toBe(0)
  for (kills = 0; kills < TRANSFORM_KILLS; kills++) {
    await json(folder, 'stream --speed 3000 --duration 400ms')
    await killed(folder, 'transform', [300, 9_000])
    if (kills % 7 === 6) await verified(folder)
  }
  const done = await retail(folder, 'transform')
  expect(done.code, done.stderr).toBe(0)
  await verified(folder)
})
