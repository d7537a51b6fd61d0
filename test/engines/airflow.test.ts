import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { json, retail, workspace } from '../tool.ts'
import { engine, RETAIL_BIN } from './python.ts'

interface Structure {
  errors: Record<string, string>
  dags: Record<
    string,
    {
      schedule: string | null
      catchup: boolean
      max_active_runs: number
      params: string[]
      tasks: Record<string, { pool: string; retries: number; upstream: string[] }>
    }
  >
}

interface Ended {
  code: number | null
  text: string
}

const versions = {
  '3.1.7': 'templates/airflow/airflow/requirements.lock',
  '2.11.0': 'test/engines/airflow-2.11.lock',
}
const DAGS = [
  'build_dbt_model',
  'load_mock_dim_data_bq',
  'publish_stream_to_bq',
  'retail_data_pipeline',
  'setup_pubsub_infra',
  'upload_config_files_to_gcs',
]
const pythons: Record<string, string> = {}
beforeAll(async () => {
  for (const [version, lock] of Object.entries(versions)) pythons[version] = await engine(lock)
})

/** A workspace as `retail init --with airflow` leaves it, and its start.sh. */
async function airflowWorkspace(): Promise<{ folder: string; airflow: (...args: string[]) => Promise<Ended> }> {
  const folder = workspace({ stores: 4, products: 30, lines: 10, to: '2024-01-10' })
  expect((await retail(folder, 'init --yes --with airflow --force')).code).toBe(0)
  return { folder, airflow: (...args) => run('bash', ['airflow/start.sh', ...args], folder) }
}

const env = (version = '3.1.7') => ({
  ...process.env,
  RETAIL_BIN,
  AIRFLOW_PYTHON: pythons[version],
  RETAIL_PYTHON_HOME: path.resolve('node_modules/.cache/retail-python'),
})

async function run(file: string, args: readonly string[], cwd: string, more: object = {}): Promise<Ended> {
  const child = spawn(file, args, { cwd, env: { ...env(), ...more }, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  const [code] = await once(child, 'close')
  return { code: code as number | null, text }
}

describe.each(Object.keys(versions))('the DAGs on Airflow %s', (version) => {
  test('load without an error and have the shape they should', async () => {
    const { folder } = await airflowWorkspace()
    const home = path.join(folder, '.retail/home')
    const settings = {
      AIRFLOW_HOME: home,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW__CORE__UNIT_TEST_MODE: 'True',
    }
    const script = path.resolve('test/engines/structure.py')
    const answer = path.join(folder, 'structure.json')
    const args = [script, path.join(folder, 'airflow/dags'), answer]
    const migrated = await run(pythons[version], ['-m', 'airflow', 'db', 'migrate'], folder, settings)
    expect(migrated.code, migrated.text).toBe(0)
    const { code, text } = await run(pythons[version], args, folder, settings)
    expect(code, text).toBe(0)
    const { errors, dags } = JSON.parse(readFileSync(answer, 'utf8')) as Structure
    expect(errors).toEqual({})
    expect(Object.keys(dags).sort()).toEqual(DAGS)
    await expect(`${JSON.stringify(dags, null, 2)}\n`).toMatchFileSnapshot('dags.json')
  })
})

describe('the parent, on the local target', () => {
  test('makes everything, `verify` is green, and a second run changes nothing but the stream', async () => {
    const { folder, airflow } = await airflowWorkspace()
    const conf = ['--conf', '{"until": "2024-01-11T03:00:00Z"}']
    const migrated = new Set<number>()
    for (const round of ['first', 'again']) {
      const { code, text } = await airflow('dags', 'test', 'retail_data_pipeline', ...conf)
      expect(code, text).toBe(0)
      expect(text.match(/DagRun Finished.* state=(\w+)/)?.[1], round).toBe('success')
      const verified = await json<{ ok: boolean; raw: object; marts: object }>(folder, 'verify')
      const until = { history: '2024-01-11T00:00:00Z', live: '2024-01-11T03:00:00Z' }
      expect(verified).toMatchObject({ code: 0, ok: true, raw: until, marts: until })
      migrated.add(statSync(path.join(folder, '.retail/airflow/migrate.log')).mtimeMs)
    }
    // Once: preparing Airflow's database takes longer than most runs.
    expect(migrated.size).toBe(1)
  })

  test('a mistake that no retry can fix fails at once, and the log says what to do', async () => {
    const { airflow } = await airflowWorkspace()
    const conf = ['--conf', '{"from": "2023-01-01"}']
    const { text } = await airflow('dags', 'test', 'load_mock_dim_data_bq', ...conf)
    expect(text).toContain('--from 2023-01-01 is before the first day of the world')
    expect(text).toMatch(/AirflowFailException/)
    expect(text).toMatch(/DagRun Finished.* state=failed/)
  })
})

test('`start.sh` starts a local Airflow, prints address and login, and leaves nothing behind', async () => {
  const { folder } = await airflowWorkspace()
  const port = await freePort()
  const child = spawn('bash', ['airflow/start.sh'], {
    cwd: folder,
    env: { ...env(), AIRFLOW_PORT: `${port}` },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGTERM'))
  let text = ''
  const told = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (text += chunk).includes('Press Ctrl-C to stop.') && resolve())
    child.once('close', () => resolve())
  })
  await told
  const login = /Airflow {2}(http:\/\/127\.0\.0\.1:\d+)\nLogin {4}admin {2}(\S+)/.exec(text)
  expect(login, text).not.toBeNull()
  const [, address, password] = login!
  const token = await fetch(`${address}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password }),
  })
  expect(token.status).toBe(201)
  const ended = once(child, 'close')
  child.kill('SIGTERM')
  expect((await ended)[0]).toBe(143)
  await expect(fetch(address)).rejects.toThrow()
})

test('without retail the start ends with 3 and the hint', async () => {
  const { folder } = await airflowWorkspace()
  const { code, text } = await run('bash', ['airflow/start.sh'], folder, { RETAIL_BIN: 'no-such-retail' })
  expect([code, text]).toEqual([3, expect.stringMatching(/npm install --global \/\S+\/vendor\/retail-cli-\S+\.tgz, /)])
})

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  return typeof address === 'object' && address ? address.port : 0
}
