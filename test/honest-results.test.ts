import { spawn } from 'node:child_process'
import { readdirSync, rmSync, statSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { BackfillResult, StatusResult } from '../src/pipeline/results.ts'
import { bin, json, retail, toolPath, workspace } from './tool.ts'
import { unroll } from './unroll.ts'

const shape = { stores: 2, products: 20, lines: 12, from: '2024-01-30', to: '2024-02-03' }

async function shop(until = '2024-02-05'): Promise<string> {
  const folder = workspace(shape)
  for (const line of ['seed-dims', 'backfill', `stream --speed max --until ${until}`])
    expect(await retail(folder, line)).toMatchObject({ code: 0 })
  return folder
}

test('a stream that is already past --until says so, and moves nothing', async () => {
  const folder = await shop()
  const past = await json(folder, 'stream --speed max --until 2024-02-04')
  expect(past).toMatchObject({
    code: 0,
    ...{ stoppedBy: 'already-past', until: '2024-02-04T00:00:00Z', events: 0 },
    ...{ from: '2024-02-05T00:00:00Z', to: '2024-02-05T00:00:00Z' },
  })
  const { code, stdout, stderr } = await retail(folder, 'stream --speed max --until 2024-02-04')
  expect(code).toBe(0)
  expect(stdout).toContain('the position 2024-02-05T00:00:00Z is already past --until 2024-02-04T00:00:00Z')
  expect(stdout).not.toContain('reached --until')
  expect(stderr).not.toContain('the next event')
  const there = await retail(folder, 'stream --speed max --until 2024-02-05')
  expect(there.stdout).toContain('the position is already 2024-02-05T00:00:00Z, where --until ends')
})

const backfillStep = async (folder: string) =>
  (await json<StatusResult>(folder, 'status')).steps.find(({ step }) => step === 'backfill')!

test('a backfill of less than there is says what history covers', async () => {
  const folder = await shop()
  const history = { from: '2024-01-30', to: '2024-02-03' }
  for (const line of ['backfill --to 2024-02-01', 'backfill --to 2024-02-01 --dry-run']) {
    expect(await json(folder, line)).toMatchObject({ code: 0, to: '2024-02-01', history })
    const { stdout } = await retail(folder, line)
    expect(stdout).toContain('history covers 2024-01-30 … 2024-02-03')
  }
  expect((await backfillStep(folder)).rows).toBeUndefined()
  const whole = await json<BackfillResult>(folder, 'backfill')
  expect(whole.history).toBeUndefined()
  expect((await backfillStep(folder)).rows).toBe(whole.total.rows.transactions + whole.total.rows.inventories)
})

test('a backfill of more than there is says which months become longer', async () => {
  const folder = await shop()
  const longer = { made: 0, longer: 4, kept: 4, remade: 0 }
  const line = 'backfill --to 2024-02-05'
  expect(await json(folder, `${line} --dry-run`)).toMatchObject({ code: 0, parts: longer })
  expect(await json(folder, line)).toMatchObject({ code: 0, parts: longer })
  expect((await retail(folder, 'backfill --to 2024-02-07')).stdout).toContain('0 new, 4 longer, 4 kept')
})

test('repair says that it rebuilt a database', async () => {
  const folder = await shop()
  const file = path.join(folder, 'retail.duckdb')
  truncateSync(file, statSync(file).size / 2)
  const { repaired } = await json<{ repaired: { file: string; did: string }[] }>(folder, 'repair')
  expect(repaired).toEqual([expect.objectContaining({ file, did: 'rebuilt' })])
})

const statesOf = async (folder: string): Promise<Record<string, string>> =>
  Object.fromEntries((await json<StatusResult>(folder, 'status')).steps.map(({ step, state }) => [step, state]))

test('status names what is missing, and nothing else', async () => {
  const folder = await shop()
  rmSync(path.join(folder, 'lake/inventories/month=2024-01/block-001.parquet'))
  const { stdout } = await retail(folder, 'status')
  expect(stdout).toContain('parts are missing')
  expect(stdout).not.toContain('live batches are missing')
  expect(await retail(folder, 'verify')).toMatchObject({ code: 6 })
  expect(await statesOf(folder)).toMatchObject({ verify: 'failed' })
  rmSync(path.join(folder, 'lake/store/store.parquet'))
  expect((await retail(folder, 'status')).stdout).toMatch(/Next: {2}\S.* repair {2}regenerate what was lost/)
  expect(await retail(folder, 'repair')).toMatchObject({ code: 0 })
  expect(await statesOf(folder)).toMatchObject({ verify: 'stale' })
  unroll(folder)
  rmSync(path.join(folder, 'lake/live/000001'), { recursive: true })
  expect((await retail(folder, 'status')).stdout).toContain('live batches are missing')
})

test('a stream says which live batches it rebuilt', async () => {
  const folder = await shop()
  const generation = path.join(folder, 'lake/live/000001')
  const lost = readdirSync(generation).at(-1)!
  unroll(folder)
  rmSync(path.join(generation, lost, 'inventories.parquet'))
  const stream = 'stream --speed max --max-events 1'
  const text = await retail(folder, stream)
  expect(text).toMatchObject({ code: 0 })
  expect(text.stdout).toContain(`rebuilt 1 live batch: live/000001/${lost} (inventories: the file is missing)`)
  unroll(folder)
  rmSync(path.join(generation, lost), { recursive: true })
  const { rebuilt } = await json<{ rebuilt: { batch: string; why: string }[] }>(folder, stream)
  expect(rebuilt).toEqual([{ batch: 'rolled/20240204T000000Z-20240205T000000Z', why: 'no batch covered this period' }])
  expect(await json(folder, stream)).not.toHaveProperty('rebuilt')
})

test('a stream whose reader leaves stops quietly, at an exact position', async () => {
  const folder = await shop()
  const child = spawn(process.execPath, [bin, 'stream', '--rate', '500', '--json'], {
    cwd: folder,
    env: { ...process.env, PATH: toolPath },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (chunk) => (said += chunk))
  child.stdout.once('data', () => child.stdout.destroy())
  const code = await new Promise((resolve) => child.once('close', resolve))
  expect([code, said]).toEqual([0, ''])
  const { raw, steps } = await json<{ raw: { live: string }; steps: { step: string; state: string }[] }>(
    folder,
    'status',
  )
  expect(steps.find(({ step }) => step === 'stream')?.state).toBe('done')
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true, raw: { live: raw.live } })
})
