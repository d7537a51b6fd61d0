import { rmSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settingsOf } from '../../src/pipeline/infra/folder.ts'
import type { RemoteBackfillResult } from '../../src/pipeline/results.ts'
import { type CloudRun, startCloudRun } from '../peers/cloud-run.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import type { SmallWorld } from '../tool.ts'
import { type Cloud, makeCloud } from './cloud.ts'

const TASKS = 8
/** As many blocks as tasks, and enough months that a task is in the midst of its work when its first part is there. */
const world: SmallWorld = { stores: 40, products: 100, lines: 120, from: '2024-01-01', to: '2024-08-20' }
const MONTHS = 8

let peers: Peers
let single: Record<string, string>
let rows = 0
beforeAll(async () => {
  peers = await startPeers()
  const cloud = await makeCloud(peers, world, true)
  const alone = await cloud.json<{ total: { rows: { transactions: number } } }>('backfill')
  expect(alone).toMatchObject({ code: 0, complete: true, parts: { made: TASKS * MONTHS * 2 } })
  rows = alone.total.rows.transactions
  single = await partsOf(cloud)
  rmSync(cloud.folder, { recursive: true })
})
afterAll(() => peers?.stop())

/** Checksums of the parts in the bucket, by name. */
async function partsOf({ storage, names }: Cloud): Promise<Record<string, string>> {
  const [files] = await storage.bucket(names.bucket).getFiles({ prefix: 'lake/' })
  const parts = files.filter(({ name }) => /^lake\/(transactions|inventories)\/month=/.test(name))
  return Object.fromEntries(parts.map(({ name, metadata }) => [name, String(metadata.crc32c)]))
}

async function shop(more: SmallWorld = {}): Promise<{ cloud: Cloud; taskEnv: Record<string, string>; job: string }> {
  const cloud = await makeCloud(peers, { ...world, ...more })
  const { project, region, prefix } = cloud.config.gcp!
  return {
    cloud,
    taskEnv: settingsOf(cloud.config),
    job: `projects/${project}/locations/${region}/jobs/${prefix}-backfill`,
  }
}

/** Enough where what is shown does not depend on their number: each is a process that loads Google's clients. */
const FEW = { tasks: 2 }

const runJob = (
  { taskEnv, job }: Awaited<ReturnType<typeof shop>>,
  more: { tasks?: number; maxRetries?: number } = {},
) => startCloudRun(job, { env: peers.env, taskEnv: { ...taskEnv, RETAIL_NO_INPUT: '1' }, tasks: TASKS, ...more })

const remote = (cloud: Cloud, run: CloudRun, flags = '') =>
  cloud.json<RemoteBackfillResult>(`backfill --remote ${flags}`, run.env)

describe(`${TASKS} tasks of a Cloud Run job`, () => {
  test('three of which are killed and tried again: the bytes of a single run, loaded once', async () => {
    const at = await shop()
    const { cloud } = at
    await cloud.retail('seed-dims')
    await using run = await runJob(at)
    const ending = remote(cloud, run)
    const doomed = [1, 4, 6]
    await Promise.all(
      doomed.map(async (task) => {
        const first = `lake/inventories/month=2024-01/block-00${task}.parquet`
        while (!(await cloud.storage.bucket(cloud.names.bucket).file(first).exists())[0]) await sleep(5)
        run.executions[0].tasks[task].process.kill('SIGKILL')
      }),
    )
    const result = await ending
    const told = run.executions[0].tasks.map(({ stderr }) => stderr).join('\n')
    expect(result, told).toMatchObject({
      code: 0,
      complete: true,
      ended: true,
      joined: false,
      history: '2024-08-21T00:00:00Z',
    })
    expect(result.tasks).toEqual({ count: TASKS, succeeded: TASKS, failed: 0, retried: doomed.length })
    expect(run.executions).toHaveLength(1)
    expect(await partsOf(cloud)).toEqual(single)
    expect(
      await cloud.query('SELECT COUNT(*) AS n, COUNT(DISTINCT transaction_id) AS ids FROM raw.transactions'),
    ).toEqual([{ n: rows, ids: rows }])
  })

  test('whose start is answered by nobody: one execution, which is followed', async () => {
    const at = await shop({ to: '2024-01-05' })
    await using run = await runJob(at, FEW)
    run.loseAnswers(1)
    expect(await remote(at.cloud, run)).toMatchObject({ code: 0, complete: true })
    expect(run.executions).toHaveLength(1)
  })

  test('as many as requested, over the requested days; those without a block are idle', async () => {
    const at = await shop({ stores: 3, to: '2024-01-05' })
    await using run = await runJob(at)
    const result = await remote(at.cloud, run, '--tasks 5 --to 2024-01-09')
    expect(result).toMatchObject({ code: 0, complete: true, to: '2024-01-09', tasks: { count: 5, succeeded: 5 } })
    expect(run.executions[0].args).toEqual(['backfill', '--from', '2024-01-01', '--to', '2024-01-09', '--json'])
  })

  test('that is left by Ctrl-C goes on, and is followed again, not joined by another', async () => {
    const at = await shop({ to: '2024-03-31' })
    await using run = await runJob(at, FEW)
    const left = at.cloud.start('backfill --remote --json', run.env)
    while (run.executions.length === 0) await sleep(5)
    left.kill('SIGINT')
    const { code, stdout } = await left.ended
    expect(code).toBe(130)
    expect(JSON.parse(stdout.trim().split('\n').pop()!)).toMatchObject({ ended: false, complete: false })
    expect(await remote(at.cloud, run)).toMatchObject({ code: 0, complete: true })
    expect(run.executions).toHaveLength(1)
  })

  test('one of which fails for good: exit code 5, and the next run makes what is missing', async () => {
    const at = await shop({ to: '2024-03-31' })
    await using run = await runJob(at, { ...FEW, maxRetries: 0 })
    const ending = remote(at.cloud, run)
    while (run.executions.length === 0) await sleep(5)
    run.executions[0].tasks[1].process.kill('SIGKILL')
    expect(await ending).toMatchObject({
      code: 5,
      complete: false,
      ended: true,
      why: '1 tasks failed',
      tasks: { failed: 1 },
    })
    expect(await remote(at.cloud, run)).toMatchObject({ code: 0, complete: true, tasks: { succeeded: FEW.tasks } })
    expect(run.executions).toHaveLength(2)
  })
})

describe('is refused, and nothing starts', () => {
  test('without a job, with what makes one', async () => {
    const at = await shop({ to: '2024-01-05' })
    await using run = await startCloudRun('another', { env: peers.env, taskEnv: {}, tasks: 1 })
    const { code, stderr } = await at.cloud.retail('backfill --remote', run.env)
    expect([code, stderr]).toEqual([3, expect.stringContaining('add job = {} to')])
  })

  test.each([
    ["Permission 'run.jobs.runWithOverrides' denied", 4, 'roles/run.jobsExecutorWithOverrides and roles/run.viewer'],
    ['Cloud Run Admin API has not been used in project 1 before or it is disabled.', 3, 'gcloud services enable run.'],
  ])('when Cloud Run answers %s', async (message, exit, hint) => {
    const at = await shop({ to: '2024-01-05' })
    await using run = await runJob(at)
    run.deny(message)
    const { code, stderr } = await at.cloud.retail('backfill --remote', run.env)
    expect([code, stderr]).toEqual([exit, expect.stringContaining(hint)])
    expect(run.executions).toEqual([])
  })

  test('when the job has another world, and what differs is named', async () => {
    const at = await shop({ to: '2024-01-05' })
    await using run = await runJob({ ...at, taskEnv: { ...at.taskEnv, RETAIL_STORES: '41' } })
    const { code, stderr } = await at.cloud.retail('backfill --remote', run.env)
    expect([code, stderr]).toEqual([2, expect.stringContaining('RETAIL_STORES is 41 there and 40 here')])
    expect(run.executions).toEqual([])
  })

  test('when the bucket is of another generator, and both are named; a task of another one is, too', async () => {
    const at = await shop({ to: '2024-01-05' })
    await at.cloud.retail('seed-dims')
    const file = at.cloud.storage.bucket(at.cloud.names.bucket).file('lake/world.json')
    const { checksum: _, ...identity } = JSON.parse(String((await file.download())[0])) as Record<string, string>
    const other = { ...identity, world: '0'.repeat(16), generator: String(Number(identity.generator) + 1) }
    await file.save(JSON.stringify(other), { resumable: false })
    const named = `generator version is ${other.generator} there and ${identity.generator} here`
    await using run = await runJob(at)
    const { code, stderr } = await at.cloud.retail('backfill --remote', run.env)
    expect([code, stderr]).toEqual([2, expect.stringContaining(named)])
    expect(run.executions).toEqual([])
    const task = await at.cloud.retail('backfill', { CLOUD_RUN_TASK_INDEX: '1', CLOUD_RUN_TASK_COUNT: '8' })
    expect([task.code, task.stderr]).toEqual([2, expect.stringContaining(named)])
  })

  test('when emulators are named and none of Cloud Run: half of a call would go to Google', async () => {
    const { cloud } = await shop({ to: '2024-01-05' })
    const { code, stderr } = await cloud.retail('backfill --remote')
    expect([code, stderr]).toEqual([2, expect.stringContaining('no emulator of Cloud Run is configured')])
  })

  test('--dry-run tells what would be started', async () => {
    const at = await shop({ to: '2024-01-05' })
    await using run = await runJob(at)
    expect(await remote(at.cloud, run, '--dry-run')).toMatchObject({ code: 0, dryRun: true, tasks: { count: TASKS } })
    expect(run.executions).toEqual([])
  })
})
