import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../../src/adapters/local/duckdb.ts'
import { partHashes } from '../lake-hash.ts'
import { startKafka } from '../peers/kafka.ts'
import { jarsOf } from '../peers/maven.ts'
import { startTokens } from '../peers/tokens.ts'
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

const readme = readFileSync('templates/spark/spark/README.md', 'utf8')
/** How the README starts a job. */
const starts = (job: string) => new RegExp(`^.*spark-submit .*spark/${job}`, 'm').exec(readme)![0]

/**
 * A job in a process group of its own, started by the README's words; `spark-submit` prints a job's errors to stdout.
 * `jars` are files in the place of the packages that the README names.
 */
function submit(
  folder: string,
  job: string,
  args: readonly string[],
  env = {},
  jars: readonly string[] = [],
): ChildProcess & { ended: Promise<Ended> } {
  const command = starts(job).replace('spark-submit', jars.length > 0 ? `spark-submit --jars ${jars}` : '$&')
  const child = spawn('bash', ['-c', `${command} "$@"`, 'bash', ...args], {
    cwd: folder,
    detached: true,
    env: { ...process.env, RETAIL_BIN, SPARK_LOCAL_IP: '127.0.0.1', ...env },
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
  // What the README's first line makes.
  symlinkSync(path.dirname(path.dirname(python)), path.join(folder, '.retail/spark'))
  return folder
}

describe('generate', () => {
  const world = { stores: 24, products: 100, lines: 100, to: '2024-06-20' }
  const parts = (folder: string) => {
    const root = path.join(folder, 'lake/transactions')
    if (!existsSync(root)) return []
    const months = readdirSync(root).filter((name) => name.startsWith('month='))
    return months.flatMap((month) => readdirSync(path.join(root, month)))
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
    const { code, stdout } = await submit(folder, 'generate.py', [], { RETAIL_BIN: 'no-such-retail' }).ended
    expect([code, stdout]).toEqual([3, expect.stringMatching(/npm install --global \.\/vendor\/retail-cli-\S+\.tgz/)])
  })
})

test('ingest passes a hostile network, killed midway and run again: `grade` finds nothing wrong', async () => {
  const folder = await sparkWorkspace({ stores: 12, products: 60, lines: 60, to: '2024-01-31' })
  const end = '2024-02-04'
  const sent = `stream --to ndjson:events?size=40kB --speed max --until ${end} --faults hostile --drain`
  expect((await retail(folder, sent)).code).toBe(0)
  const reasons = writeInvalid(folder)
  const args = ['--table', 'transactions', '--input', 'events/*/transactions.ndjson', '--out', 'out']
  args.push('--checkpoint', 'checkpoint', '--dead-letter', 'dead', '--files-per-batch', '1')
  const out = path.join(folder, 'out/transactions')
  const batches = () => new Set(foldersUnder(out)).size
  const submitted = submit(folder, 'ingest.py', args)
  await until(submitted, () => batches() >= 2)
  expect(submitted.exitCode).toBeNull()
  killGroup(submitted)
  await submitted.ended
  const before = batches()

  const { code, stderr, stdout } = await submit(folder, 'ingest.py', args).ended
  expect(code, stderr).toBe(0)
  expect(batches()).toBeGreaterThan(before)
  // One file for each day of a batch, with the settings that ship.
  const files = foldersUnder(out, true).filter((name) => /\.parquet$/.test(name))
  expect(files.length).toBe(foldersUnder(out).length)
  // A killed job may leave files in `.spark-staging-…`, which readers skip.
  const all = readdirSync(out, { recursive: true, encoding: 'utf8' })
  const parquetFiles = all.filter((name) => /^day=.*\.parquet$/.test(name))
  await using database = await openDatabase(path.join(folder, 'answers.duckdb'))
  const [{ rows, dead }] = await database.query(
    `SELECT (SELECT count(*)::INT FROM '${out}/*/*/*.parquet') AS rows, (SELECT count(*)::INT FROM '${folder}/dead/*/*/*.parquet') AS dead`,
  )
  expect(JSON.parse(stdout.trim().split('\n').pop()!)).toEqual({ table: 'transactions', rows, dead })
  // As BigQuery takes them: no column may be missing, and instants are UTC.
  const forms = await database.query(
    `SELECT DISTINCT repetition_type || ' ' || coalesce(converted_type, type) AS form FROM parquet_schema('${out}/*/*/*.parquet') WHERE num_children IS NULL ORDER BY 1`,
  )
  expect(forms.map(({ form }) => form)).toEqual(
    ['DECIMAL', 'INT32', 'TIMESTAMP_MICROS', 'UTF8'].map((form) => `REQUIRED ${form}`),
  )
  const lists = readdirSync(path.join(out, '_batches')).filter((name) => name.endsWith('.json'))
  const listed = lists.map((name) => JSON.parse(readFileSync(path.join(out, '_batches', name), 'utf8')))
  expect(listed.reduce((sum, batch) => sum + batch.rows, 0)).toBe(rows)
  expect(listed.flatMap((batch) => batch.files).sort()).toEqual(parquetFiles.sort())
  const said = await database.query(
    `SELECT reason FROM '${folder}/dead/*/*/*.parquet' WHERE contains(raw::VARCHAR, 'INVALID') ORDER BY 1`,
  )
  expect(said.map(({ reason }) => reason)).toEqual(reasons)
  const letters = 'dead/transactions/**/*.parquet'
  const graded = await retail(
    folder,
    `grade --transactions out/transactions/**/*.parquet --dead-letters ${letters} --from 2024-02-01 --until ${end} --faults hostile`,
  )
  expect(graded.code, graded.stdout + graded.stderr).toBe(0)
})

test('ingest reads topics with the address of stream: SCRAM, and the tokens of Google; Delta has each event once', async () => {
  const folder = await sparkWorkspace({ stores: 12, products: 60, lines: 60, to: '2024-01-31' })
  const [broker, tokens, lib] = [await startKafka(), await startTokens(), await jarsOf('spark')]
  try {
    const env = { RETAIL_KAFKA_USERNAME: 'shop', RETAIL_KAFKA_PASSWORD: 'right' }
    const to = (sasl: string) => `kafka://${broker.secureAddress}?ca=${broker.authority}&sasl=${sasl}`
    const faults = '--faults hostile'
    const line = `stream --to ${to('scram-sha-512')} --exactly-once --speed max --until 2024-02-03 ${faults} --drain`
    expect((await retail(folder, line, env)).code).toBe(0)
    const jars = readdirSync(lib).map((jar) => path.join(lib, jar))
    const read = (table: string, brokers: string, more: Record<string, string>, ...options: string[]) =>
      submit(
        folder,
        'ingest.py',
        [
          ...['--table', table, '--source', 'kafka', '--input', `retail.${table}`, '--brokers', brokers],
          ...['--out', 'out', '--checkpoint', 'checkpoint', '--dead-letter', 'dead', ...options],
        ],
        more,
        jars,
      )
    const grade = (tables: string) => retail(folder, `grade ${tables} --from 2024-02-01 --until 2024-02-03 ${faults}`)

    const killed = read('transactions', to('scram-sha-512'), env, '--format', 'delta')
    // Its rows are in the table, and its checkpoint does not know it.
    await until(killed, () => existsSync(path.join(folder, `out/transactions/_delta_log/${'0'.repeat(20)}.json`)))
    killGroup(killed)
    await killed.ended
    expect(existsSync(path.join(folder, 'checkpoint/transactions/commits/0'))).toBe(false)
    const sales = await read('transactions', to('scram-sha-512'), env, '--format', 'delta').ended
    expect(sales.code, sales.stdout).toBe(0)
    const sold = await grade('--transactions delta:out/transactions --dead-letters delta:dead/transactions')
    expect(sold.code, sold.stdout + sold.stderr).toBe(0)

    const movements = await read('inventories', to('google'), tokens.keyEnv).ended
    expect(movements.code, movements.stdout).toBe(0)
    const moved = await grade('--inventories out/inventories/**/*.parquet --dead-letters dead/inventories/**/*.parquet')
    expect(moved.code, moved.stdout + moved.stderr).toBe(0)

    const mistaken = await read('inventories', to('oauthbearer'), {}).ended
    expect([mistaken.code, mistaken.stdout]).toEqual([2, expect.stringContaining('sasl=oauthbearer: expected plain')])
  } finally {
    await Promise.all([broker.stop(), tokens.stop()])
  }
})

test('ingest fails where there is nothing to read, and beside a batch that only another checkpoint can finish', async () => {
  const folder = await sparkWorkspace({ stores: 12, products: 60, lines: 60, to: '2024-01-31' })
  const args = ['--table', 'transactions', '--out', 'out', '--checkpoint', 'checkpoint', '--dead-letter', 'dead']
  const { code, stdout } = await submit(folder, 'ingest.py', [...args, '--input', 'nowhere']).ended
  expect([code, stdout]).toEqual([3, expect.stringContaining('nowhere does not exist')])

  // What a killed run leaves: a finished batch with its list, and one without.
  const out = path.join(folder, 'out/transactions')
  for (const batch of ['a-0', 'a-1']) mkdirSync(path.join(out, `day=2024-02-01/batch=${batch}`), { recursive: true })
  mkdirSync(path.join(out, '_batches'))
  writeFileSync(path.join(out, '_batches/a-0.json'), '{"rows":0,"files":[]}')
  writeInvalid(folder)
  const beside = await submit(folder, 'ingest.py', [...args, '--input', 'events']).ended
  expect([beside.code, beside.stdout]).toEqual([3, expect.stringContaining('remove out/transactions/day=*/batch=a-1')])
})

/** Lines that are no events, in a file that comes first; the reasons that ingest should give, in order. */
function writeInvalid(folder: string): string[] {
  const event = {
    ...{ transaction_id: 'T240201-0001-000001', product_id: 'P00001', timestamp: '2024-02-01T00:00:00Z' },
    ...{ quantity: 1, unit_price: '1.00', store_id: 'S0001', note: 'INVALID' },
  }
  const wrong: Record<string, object | string> = {
    'not an event in JSON': 'INVALID',
    'quantity is no int': { ...event, quantity: 'two' },
    'quantity is out of range': { ...event, quantity: 0 },
    'store_id is missing': { ...event, store_id: undefined },
    'transaction_id is out of range': { ...event, transaction_id: "T'; drop table" },
  }
  mkdirSync(path.join(folder, 'events/invalid'), { recursive: true })
  const lines = Object.values(wrong).map((line) => (typeof line === 'string' ? line : JSON.stringify(line)))
  writeFileSync(path.join(folder, 'events/invalid/transactions.ndjson'), lines.join('\n'))
  return Object.keys(wrong).sort()
}

/** The batches of each day, or their files. Other names are Spark's. */
function foldersUnder(folder: string, files = false): string[] {
  if (!existsSync(folder)) return []
  const days = readdirSync(folder).filter((name) => name.startsWith('day='))
  const batches = days.flatMap((day) => readdirSync(path.join(folder, day)).map((batch) => path.join(day, batch)))
  return files
    ? batches.flatMap((batch) => readdirSync(path.join(folder, batch)))
    : batches.map((batch) => path.basename(batch))
}
