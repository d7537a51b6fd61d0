import type { ChildProcess } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { sealed } from '../src/ports/sealed.ts'
import { partHashes } from './lake-hash.ts'
import { json, retail, type SmallWorld, start, workspace, writeConfig } from './tool.ts'

const TASKS = 8
/** As many blocks as tasks, and enough months that a task is in the midst of its work when its first part is there. */
const world = { stores: 40, products: 150, lines: 150, from: '2024-01-01', to: '2024-12-20' }
/** As many blocks, for what does not depend on the moment. */
const small = { ...world, lines: 40, to: '2024-02-20' }

const jobs = {
  'Cloud Run': (task: number) => ({ CLOUD_RUN_TASK_INDEX: `${task}`, CLOUD_RUN_TASK_COUNT: `${TASKS}` }),
  Kubernetes: (task: number) => ({ JOB_COMPLETION_INDEX: `${task}`, JOB_COMPLETIONS: `${TASKS}` }),
  'AWS Batch': (task: number) => ({ AWS_BATCH_JOB_ARRAY_INDEX: `${task}`, AWS_BATCH_JOB_ARRAY_SIZE: `${TASKS}` }),
}
const tasks = Array.from({ length: TASKS }, (_, task) => task)

/** When a file is there, or the process that should make it has ended without. */
async function there(file: string, maker: ChildProcess): Promise<void> {
  while (!existsSync(file) && maker.exitCode === null && maker.signalCode === null) await sleep(2)
}

/** The bytes of a single run. */
async function single(of: SmallWorld, months: number): Promise<Record<string, string>> {
  const folder = workspace(of)
  expect((await retail(folder, 'backfill')).code).toBe(0)
  const hashes = partHashes(folder)
  expect(Object.keys(hashes)).toHaveLength(TASKS * months * 2)
  return hashes
}

describe.each(Object.entries(jobs))(`${TASKS} tasks of %s at once`, (_, envOf) => {
  test('make the bytes of a single run, and history is whole when the last is done', async () => {
    const folder = workspace(small)
    await retail(folder, 'seed-dims')
    const ended = await Promise.all(tasks.map((task) => json(folder, 'backfill --workers 1', envOf(task))))
    for (const [task, result] of ended.entries())
      expect(result).toMatchObject({ code: 0, complete: true, shard: `${task + 1}/${TASKS}`, parts: { made: 4 } })
    expect(ended.some(({ allShards }) => allShards)).toBe(true)
    expect(partHashes(folder)).toEqual(await single(small, 2))
    expect(readdirSync(path.join(folder, 'lake/.tmp'))).toEqual([])
    expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
  })
})

test('three tasks that are killed and started again, while the others go on: the same bytes', async () => {
  const folder = workspace(world)
  await retail(folder, 'seed-dims')
  const doomed = [1, 4, 6]
  const begin = (task: number) => start(folder, 'backfill --workers 1 --json', jobs['Cloud Run'](task))
  const first = tasks.map(begin)
  const january = (task: number) => path.join(folder, `lake/inventories/month=2024-01/block-00${task}.parquet`)
  const ended = await Promise.all(
    tasks.map(async (task) => {
      if (doomed.includes(task)) {
        await there(january(task), first[task])
        first[task].kill('SIGKILL')
        expect((await first[task].ended).signal).toBe('SIGKILL')
        return await begin(task).ended
      }
      return await first[task].ended
    }),
  )
  expect(ended.map(({ code, stderr }) => [code, stderr])).toEqual(tasks.map(() => [0, expect.anything()]))
  expect(partHashes(folder)).toEqual(await single(world, 12))
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
})

describe('a task that does not belong', () => {
  test('of another world is refused, and what differs is named', async () => {
    const folder = workspace({ ...world, to: '2024-01-05' })
    await retail(folder, 'backfill --shard 1/2')
    writeConfig(folder, { ...world, to: '2024-01-05', seed: 43 })
    const { code, stderr } = await retail(folder, 'backfill --shard 2/2')
    expect(code).toBe(2)
    expect(stderr).toContain('belongs to another world')
    expect(stderr).toContain('seed is 42 there and 43 here')
  })

  test('of another generator is refused, and both are named', async () => {
    const folder = workspace({ ...world, to: '2024-01-05' })
    await retail(folder, 'backfill --shard 1/2')
    const file = path.join(folder, 'lake/world.json')
    const { checksum: _, ...identity } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>
    const generator = String(Number(identity.generator) + 1)
    writeFileSync(file, sealed({ ...identity, world: '0'.repeat(16), generator }))
    // The other machine has only started: beside parts of ours this would be a stray file.
    for (const table of ['transactions', 'inventories']) rmSync(path.join(folder, 'lake', table), { recursive: true })
    const { code, stderr } = await retail(folder, 'backfill --shard 2/2')
    expect(code).toBe(2)
    expect(stderr).toContain(`generator version is ${generator} there and ${identity.generator} here`)
  })

  test('with a number that does not exist is refused', async () => {
    const folder = workspace({ ...world, to: '2024-01-05' })
    const { code, stderr } = await retail(folder, 'backfill', { CLOUD_RUN_TASK_INDEX: '8', CLOUD_RUN_TASK_COUNT: '8' })
    expect([code, stderr]).toEqual([2, expect.stringContaining('no such shard: CLOUD_RUN_TASK_INDEX=8')])
  })

  test('with the number of one at work is refused, and that one is named', async () => {
    const folder = workspace(world)
    const first = start(folder, 'backfill --workers 1 --shard 1/2')
    await there(path.join(folder, 'lake/inventories/month=2024-01/block-000.parquet'), first)
    first.kill('SIGSTOP')
    const { code, stderr } = await retail(folder, 'backfill --shard 1/4')
    expect([code, stderr]).toEqual([2, expect.stringContaining(`\`retail backfill --shard 1/2\` (pid ${first.pid})`)])
    const seed = await retail(folder, 'seed-dims')
    expect([seed.code, seed.stderr]).toEqual([2, expect.stringContaining('one writer can run at a time')])
    first.kill('SIGKILL')
    await first.ended
  })
})
