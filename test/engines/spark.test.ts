import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/adapters/local/duckdb.ts'
import { partHashes } from '../lake-hash.ts'
import { json, retail, workspace } from '../tool.ts'
import { engine, RETAIL_BIN } from './python.ts'

let python = ''
beforeAll(async () => {
  python = await engine('templates/spark/spark/requirements.lock')
})

interface Ended {
  code: number | null
  stdout: string
  stderr: string
}

/** A job on local[2], in a process group of its own, as `spark-submit --master local[2]` starts it. */
function submit(
  folder: string,
  job: string,
  args: readonly string[],
  env = {},
): ChildProcess & { ended: Promise<Ended> } {
  const child = spawn(python, [path.join(folder, 'spark', job), ...args], {
    cwd: folder,
    detached: true,
    env: {
      ...process.env,
      RETAIL_BIN,
      PYSPARK_PYTHON: python,
      PYSPARK_SUBMIT_ARGS:
        '--master local[2] --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=2 pyspark-shell',
      SPARK_LOCAL_IP: '127.0.0.1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => killGroup(child))
  let [stdout, stderr] = ['', '']
  child.stdout.on('data', (chunk) => (stdout += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
  return Object.assign(child, { ended })
}

function killGroup(child: ChildProcess): void {
  try {
    process.kill(-child.pid!, 'SIGKILL')
  } catch {}
}

/** When something is so, or the job that should make it so has ended. */
async function until(job: ChildProcess, so: () => boolean): Promise<void> {
  while (!so() && job.exitCode === null && job.signalCode === null) await sleep(5)
}

async function sparkWorkspace(world: Parameters<typeof workspace>[0]): Promise<string> {
  const folder = workspace(world)
  expect((await retail(folder, 'init --yes --with spark --force')).code).toBe(0)
  return folder
}

describe('generate', () => {
  const world = { stores: 24, products: 100, lines: 100, to: '2024-06-20' }
  const parts = (folder: string) => {
    const root = path.join(folder, 'lake/transactions')
    return existsSync(root) ? readdirSync(root).flatMap((month) => readdirSync(path.join(root, month))) : []
  }

  test('killed midway and run again: the bytes of a single run, and `verify` is green', async () => {
    const single = workspace(world)
    expect((await retail(single, 'backfill')).code).toBe(0)
    const folder = await sparkWorkspace(world)
    await retail(folder, 'seed-dims')

    const submitted = submit(folder, 'generate.py', ['--workspace', '.', '--shards', '8'])
    await until(submitted, () => parts(folder).length >= 5)
    expect(submitted.exitCode).toBeNull()
    killGroup(submitted)
    await submitted.ended
    const before = parts(folder).length
    expect(before).toBeLessThan(Object.keys(partHashes(single)).length / 2)

    const { code, stdout, stderr } = await submit(folder, 'generate.py', ['--workspace', '.', '--shards', '8']).ended
    expect(code, stderr).toBe(0)
    expect(JSON.parse(stdout.trim().split('\n').pop()!)).toMatchObject({ complete: true, shards: 8 })
    expect(partHashes(folder)).toEqual(partHashes(single))
    expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
  })

  test('an executor of another version is refused, and both are named', async () => {
    const folder = await sparkWorkspace({ ...world, to: '2024-01-05' })
    const other = path.join(folder, 'other-retail')
    // The driver asks first: whoever asks for the version after it is an executor.
    writeFileSync(
      other,
      `#!/bin/sh\nif [ "$1" = --version ] && ! mkdir ${folder}/asked 2>/dev/null; then echo retail 9.9.9; else exec ${RETAIL_BIN} "$@"; fi\n`,
      { mode: 0o755 },
    )
    const { code, stderr } = await submit(folder, 'generate.py', ['--shards', '2'], { RETAIL_BIN: other }).ended
    expect(code).not.toBe(0)
    expect(stderr).toMatch(/this executor has retail 9\.9\.9, the driver \d+\.\d+\.\d+/)
  })

  test('without retail it ends with 3 and the hint', async () => {
    const folder = await sparkWorkspace({ ...world, to: '2024-01-05' })
    const { code, stderr } = await submit(folder, 'generate.py', [], { RETAIL_BIN: 'no-such-retail' }).ended
    expect([code, stderr]).toEqual([3, expect.stringMatching(/npm install --global \.\/vendor\/retail-cli-\S+\.tgz/)])
  })
})

test('ingest: killed midway and run again, each event is there once, and what is none is kept with its reason', async () => {
  const folder = await sparkWorkspace({ stores: 12, products: 60, lines: 60, to: '2024-01-31' })
  await retail(folder, 'seed-dims')
  expect((await retail(folder, 'backfill')).code).toBe(0)
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
  const { events, bad } = await writeEvents(folder)

  const args = ['--table', 'transactions', '--input', 'events', '--out', 'out']
  args.push('--checkpoint', 'checkpoint', '--dead-letter', 'dead', '--files-per-batch', '4')
  const batches = () => foldersUnder(path.join(folder, 'out/transactions')).length
  const submitted = submit(folder, 'ingest.py', args)
  await until(submitted, () => batches() >= 3)
  expect(submitted.exitCode).toBeNull()
  killGroup(submitted)
  await submitted.ended

  const { code, stderr, stdout } = await submit(folder, 'ingest.py', args).ended
  expect(code, stderr).toBe(0)
  expect(JSON.parse(stdout.trim().split('\n').pop()!)).toMatchObject({ late: 0 })
  expect(batches()).toBeGreaterThan(5)

  await using database = await openDatabase(path.join(folder, 'retail.duckdb'), { readOnly: true })
  const out = `read_parquet('${folder}/out/transactions/*/*/*.parquet')`
  const columns = 'transaction_id, product_id, epoch("timestamp") AS at, quantity, unit_price, store_id'
  const [{ n }] = await database.query(`SELECT count(*)::INT AS n FROM ${out}`)
  expect(n).toBe(events)
  for (const [a, b] of [
    [out, 'raw.transactions'],
    ['raw.transactions', out],
  ])
    expect(await database.query(`SELECT ${columns} FROM ${a} EXCEPT SELECT ${columns} FROM ${b}`)).toEqual([])
  const dead = await database.query(
    `SELECT DISTINCT reason FROM read_parquet('${folder}/dead/transactions/*/*/*.parquet') ORDER BY 1`,
  )
  expect(dead.map(({ reason }) => reason)).toEqual(bad)
})

/** The sales of a workspace as a subscription would have written them: in time order, every fifth file twice, with lines that are no events. */
async function writeEvents(folder: string): Promise<{ events: number; bad: string[] }> {
  await using database = await openDatabase(path.join(folder, 'retail.duckdb'), { readOnly: true })
  const rows = await database.query(
    `SELECT to_json(struct_pack(transaction_id, product_id, "timestamp" := strftime("timestamp", '%Y-%m-%dT%H:%M:%SZ'),
       quantity, unit_price, store_id))::VARCHAR AS line FROM raw.transactions ORDER BY "timestamp", transaction_id`,
  )
  const lines = rows.map(({ line }) => String(line))
  const broken = (change: (event: Record<string, unknown>) => void) => {
    const event = JSON.parse(lines[0]) as Record<string, unknown>
    change(event)
    return JSON.stringify(event)
  }
  const wrong = [
    'no json at all',
    broken((event) => delete event.store_id),
    broken((event) => (event.quantity = 'two')),
    broken((event) => (event.quantity = 0)),
    broken((event) => (event.transaction_id = "T'; drop table")),
  ]
  mkdirSync(path.join(folder, 'events'))
  const perFile = Math.ceil(lines.length / 40)
  for (let file = 0; file < 40; file++) {
    const some = lines.slice(file * perFile, (file + 1) * perFile)
    const name = path.join(folder, 'events', String(file).padStart(3, '0'))
    const texts = { '': [...some, ...wrong, ''], ...(file % 5 === 0 && { '-again': some }) }
    for (const [end, text] of Object.entries(texts)) {
      writeFileSync(`${name}${end}.ndjson`, text.join('\n'))
      // Spark takes files in the order of their age, and a subscription writes one every few minutes.
      utimesSync(`${name}${end}.ndjson`, 1_700_000_000 + file * 300, 1_700_000_000 + file * 300)
    }
  }
  return {
    events: lines.length,
    bad: [
      'not an event in JSON',
      'quantity is no int',
      'quantity is out of range',
      'store_id is missing',
      'transaction_id is out of range',
    ],
  }
}

const foldersUnder = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).flatMap((run) => readdirSync(path.join(folder, run))) : []
