import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { folderWorkspace } from '../../src/adapters/local/folder-workspace.ts'
import { json, retail, workspace } from '../tool.ts'
import { oneServer, prepareAirflow } from './airflow.ts'
import { engine, RETAIL_BIN } from './python.ts'

interface Task {
  pool: string
  retries: number
  documented: boolean
  inlets: string[]
  outlets: string[]
  upstream: string[]
}

interface Structure {
  errors: Record<string, string>
  spark: object
  dags: Record<
    string,
    {
      schedule: string | string[] | null
      catchup: boolean
      max_active_runs: number
      params: string[]
      tasks: Record<string, Task>
    }
  >
  choices: Record<string, string | string[]>
  /** The tasks of build_dbt_model, if each model is one. */
  by_model: Record<string, Task & { arguments: string[] }>
  /** What a task says about a transform whose model fails. */
  judged: string
  places: Record<string, unknown>
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
  'ingest_with_spark',
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

const WORLD = { stores: 4, products: 30, lines: 10, to: '2024-01-10' }

/** A workspace as `retail init --with airflow` and a first start leave it, and its start.sh. */
async function airflowWorkspace(): Promise<{
  folder: string
  airflow: (args: string[], more?: object) => Promise<Ended>
}> {
  const folder = workspace(WORLD)
  expect((await retail(folder, 'init --yes --with airflow --force')).code).toBe(0)
  await prepareAirflow(folder, env())
  return {
    folder,
    airflow: (args, more) => run('bash', ['airflow/start.sh', ...args], folder, { ...oneServer, ...more }),
  }
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

/** A `retail` that knows the batches of a project, and a `gcloud` that lists some and writes down what it is asked. */
function sparkPrograms(folder: string): { RETAIL_BIN: string; PATH: string } {
  const submit = ['gcloud', 'dataproc', 'batches', 'submit', 'pyspark', 'spark/ingest.py', '--project=p', '--region=r']
  const batches = ['transactions', 'inventories'].map((table) => ({
    ...{ table, out: 'gs://b/ingest', command: [...submit, '--', '--table', table] },
  }))
  const batch = (name: string, state: string, table: string) => ({
    ...{ name: `projects/p/locations/r/batches/${name}`, state, labels: { 'retail-table': table } },
  })
  const listed = [
    batch('mine', 'RUNNING', 'inventories'),
    batch('done', 'SUCCEEDED', 'inventories'),
    batch('other', 'RUNNING', 'transactions'),
    { name: 'projects/p/locations/r/batches/strange', state: 'RUNNING' },
  ]
  const program = (name: string, script: string) => {
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    return path.join(folder, name)
  }
  const answer = (value: object) => `cat <<'END'\n${JSON.stringify(value)}\nEND`
  program('gcloud', `echo "$*" >> ${folder}/gcloud.log\ncase "$*" in *list*) ${answer(listed)}\n;; esac`)
  return { RETAIL_BIN: program('told', answer({ batches })), PATH: `${folder}:${process.env.PATH}` }
}

describe.each(Object.keys(versions))('the DAGs on Airflow %s', (version) => {
  test('load without an error and have the shape they should', async () => {
    const { folder } = await airflowWorkspace()
    const home = path.join(folder, '.retail/home')
    const settings = {
      AIRFLOW_HOME: home,
      AIRFLOW__CORE__LOAD_EXAMPLES: 'False',
      AIRFLOW__CORE__UNIT_TEST_MODE: 'True',
      ...sparkPrograms(folder),
    }
    const script = path.resolve('test/engines/structure.py')
    const answer = path.join(folder, 'structure.json')
    const args = [script, path.join(folder, 'airflow/dags'), answer, folder]
    const migrated = await run(pythons[version], ['-m', 'airflow', 'db', 'migrate'], folder, settings)
    expect(migrated.code, migrated.text).toBe(0)
    const { code, text } = await run(pythons[version], args, folder, settings)
    expect(code, text).toBe(0)
    const { errors, dags, choices, by_model, judged, places, spark } = JSON.parse(
      readFileSync(answer, 'utf8'),
    ) as Structure
    expect(errors).toEqual({})
    expect(Object.keys(dags).sort()).toEqual(DAGS)
    expect(choices).toEqual({ '@hourly': '0 * * * *', '@daily': '0 0 * * *', data: ['retail://workspace/raw'] })
    expectTasksOfModels(by_model)
    expect(judged).toBe('retail transform ended with 1. daily_sales in dbt/models/daily_sales.sql: no such column')
    const place = { workspace: folder, command: [path.join(folder, 'told')], left: false }
    expect(places).toEqual({
      none: place,
      workspace: { ...place, command: ['npx', 'retail'] },
      elsewhere: expect.stringMatching(
        /^the connection retail_workspace names \/nowhere, .*`airflow connections delete retail_workspace`/,
      ),
      key: {
        ...place,
        ...{ RETAIL_PROJECT: 'p', RETAIL_IMPERSONATE: 'b@c', RETAIL_CREDENTIALS: ['{"a": 1}', '0o100600'] },
      },
      path: { ...place, RETAIL_CREDENTIALS: '/keys/a.json' },
      secret: expect.stringMatching(
        /^the connection retail_gcp has key_secret_name, which retail cannot use: give it project/,
      ),
    })
    // The batch of an earlier try is not disturbed, and others do not matter.
    expect(spark).toEqual({ out: 'gs://b/ingest' })
    expect(readFileSync(path.join(folder, 'gcloud.log'), 'utf8').split('\n').slice(0, -1)).toEqual([
      'dataproc batches list --project=p --region=r --format=json',
      'dataproc batches wait mine --project=p --region=r',
      'dataproc batches submit pyspark spark/ingest.py --project=p --region=r -- --table inventories',
    ])
    await expect(`${JSON.stringify(dags, null, 2)}\n`).toMatchFileSnapshot('dags.json')
  })
})

/** One for each model, after those that it needs, between a first and a last one. */
function expectTasksOfModels(tasks: Structure['by_model']): void {
  const models = JSON.parse(readFileSync('templates/airflow/airflow/dags/retail_models.json', 'utf8')) as {
    name: string
    after: string[]
  }[]
  const [first, last] = ['begin_transform', 'publish_marts']
  const upstream = Object.fromEntries(Object.entries(tasks).map(([id, { upstream }]) => [id, upstream]))
  const idOf = (name: string) => `models.${name}`
  expect(upstream).toEqual({
    [first]: [],
    ...Object.fromEntries(
      models.map(({ name, after }) => [idOf(name), after.length > 0 ? after.map(idOf).sort() : [first]]),
    ),
    [last]: models.map(({ name }) => idOf(name)).sort(),
    verify: [last],
  })
  for (const { pool, documented } of Object.values(tasks)) expect([pool !== '', documented]).toEqual([true, true])
  expect(tasks[first].arguments.slice(0, 1)).toEqual(['transform'])
  expect(tasks['models.daily_sales'].arguments).toEqual([
    ...['transform', '--run', '{{ dag.dag_id }}/{{ run_id }}', '--model', 'daily_sales'],
  ])
  expect(Object.entries(tasks).flatMap(([id, { outlets }]) => outlets.map((uri) => [id, uri]))).toEqual([
    [last, 'retail://workspace/marts'],
  ])
}

describe('the parent, on the local target', () => {
  test('makes everything, `verify` is green, and a second run changes nothing but the stream', async () => {
    const { folder, airflow } = await airflowWorkspace()
    const conf = ['--conf', '{"until": "2024-01-11T03:00:00Z"}']
    const migration = () => statSync(path.join(folder, '.retail/airflow/migrate.log')).mtimeMs
    const migrated = migration()
    for (const round of ['first', 'again']) {
      const { code, text } = await airflow(['dags', 'test', 'retail_data_pipeline', ...conf])
      expect(code, text).toBe(0)
      expect(text.match(/DagRun Finished.* state=(\w+)/)?.[1], round).toBe('success')
      const verified = await json<{ ok: boolean; raw: object; marts: object }>(folder, 'verify')
      const until = { history: '2024-01-11T00:00:00Z', live: '2024-01-11T03:00:00Z' }
      expect(verified).toMatchObject({ code: 0, ok: true, raw: until, marts: until })
      // Once, at the first start: preparing Airflow's database takes longer than most runs.
      expect(migration()).toBe(migrated)
    }
  })

  test('a mistake that no retry can fix fails at once, and the log says what to do', async () => {
    const { airflow } = await airflowWorkspace()
    const conf = ['--conf', '{"from": "2023-01-01"}']
    const { text } = await airflow(['dags', 'test', 'load_mock_dim_data_bq', ...conf])
    expect(text).toContain('--from 2023-01-01 is before the first day of the world')
    expect(text).toMatch(/RetailHopeless/)
    expect(text).toMatch(/backfill of load_mock_dim_data_bq failed. What helps: \S/)
    expect(text).toMatch(/DagRun Finished.* state=failed/)
  })
})

test('`start.sh` starts an Airflow in which runs in any order stream the timeline of one pass, and new rows start a build; it leaves nothing behind', async () => {
  const [onePass, { folder }] = [workspace(WORLD), await airflowWorkspace()]
  for (const line of ['seed-dims', 'backfill']) expect((await retail(onePass, line)).code).toBe(0)
  expect((await retail(folder, 'seed-dims')).code).toBe(0)
  expect((await retail(onePass, 'stream --speed max --until 2024-01-11T04:00:00Z')).code).toBe(0)
  const port = await freePort()
  const day = changeSettings(folder)
  // The stream of one run fails after its last event.
  const settings = { AIRFLOW_PORT: `${port}`, RETAIL_START: day, RETAIL_BIN: failingOnce(folder, 'stream') }
  const child = spawn('bash', ['airflow/start.sh'], {
    cwd: folder,
    env: { ...env(), ...settings },
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
  const api = await signedIn(address, password)

  const dag = '/api/v2/dags/publish_stream_to_bq'
  const build = '/api/v2/dags/build_dbt_model'
  const transforming = await folderWorkspace(path.join(folder, '.retail')).lock('build', 'transform')
  for (const each of [build, dag])
    await expect.poll(() => api('PATCH', each, { is_paused: false }), PATIENT).toMatchObject({ is_paused: false })
  const hours = ['--from-date', `${day}T00:00:00Z`, '--to-date', `${day}T03:00:00Z`]
  const order = ['--run-backwards', '--max-active-runs', '2']
  const filled = await run(
    'bash',
    ['airflow/start.sh', 'backfill', 'create', '--dag-id', 'publish_stream_to_bq', ...hours, ...order],
    folder,
    settings,
  )
  expect(filled.code, filled.text).toBe(0)
  const tasks = async (of: string) =>
    (await api<{ task_instances: TaskInstance[] }>('GET', `${of}/dagRuns/~/taskInstances`)).task_instances
  const taskStates = async (of: string) => (await tasks(of)).map(({ state }) => state)
  // Without history, a stream waits for it.
  await expect.poll(() => taskStates(dag), PATIENT).toContain('deferred')
  await expect.poll(async () => (await retail(folder, 'backfill')).code, PATIENT).toBe(0)

  const runs = async (of = dag) => (await api<{ dag_runs: DagRun[] }>('GET', `${of}/dagRuns`)).dag_runs
  const states = async (of = dag) => (await runs(of)).map(({ state }) => state)
  // Those of the backfill, and one of the clock for its last hour.
  const green = async () => {
    const now = await states()
    return now.length >= 4 && now.every((state) => state === 'success')
  }
  await expect.poll(green, PATIENT).toBe(true)
  expect(Math.max(...(await tasks(dag)).map(({ try_number }) => try_number))).toBe(2)
  expect(await contentOf(folder)).toBe(await contentOf(onePass))

  // While another transform holds the lock, the build waits without a worker, and its deadline passes.
  await expect.poll(() => taskStates(build), PATIENT).toContain('deferred')
  const log = path.join(folder, '.retail/airflow/standalone.log')
  await expect.poll(() => readFileSync(log, 'utf8'), PATIENT).toMatch(/of build_dbt_model is not done after 0:00:02/)
  await transforming[Symbol.asyncDispose]()

  // Each event of raw starts a build, and the last one has all rows.
  const events = async () => (await api<{ asset_events: AssetEvent[] }>('GET', '/api/v2/assets/events')).asset_events
  const ofRaw = async () => (await events()).filter(({ name }) => name === 'retail_raw')
  const built = async () => (await ofRaw()).flatMap(({ created_dagruns }) => created_dagruns.map(({ state }) => state))
  await expect.poll(async () => (await built()).length > 0 && (await states(build)).every(isOver), PATIENT).toBe(true)
  expect(new Set(await states(build))).toEqual(new Set(['success']))
  const until = { history: '2024-01-11T00:00:00Z', live: '2024-01-11T04:00:00Z' }
  expect(await json(folder, 'verify')).toMatchObject({ ok: true, raw: until, marts: until })
  const news = (await ofRaw()).map(({ extra }) => extra)
  expect(news.map(({ to }) => to)).toContain(until.live)
  // Only the attempt that follows the failed one has no rows of its own.
  expect(news.filter(({ rows }) => rows === 0).length).toBeLessThanOrEqual(1)

  // A run that adds no row makes no event.
  const [{ dag_run_id }] = await runs()
  await api('POST', `${dag}/dagRuns/${dag_run_id}/clear`, { dry_run: false, only_failed: false })
  await expect.poll(green, PATIENT).toBe(true)
  expect(await contentOf(folder)).toBe(await contentOf(onePass))
  expect((await ofRaw()).length).toBe(news.length)

  const ended = once(child, 'close')
  child.kill('SIGTERM')
  expect((await ended)[0]).toBe(143)
  await expect(fetch(address)).rejects.toThrow()
})

/**
 * The clock of the DAG `publish_stream_to_bq` has only these hours, of the first day of the previous month: it starts no other
 * run. A build has two seconds.
 */
function changeSettings(folder: string): string {
  const now = new Date()
  const day = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1))
  const file = path.join(folder, 'airflow/dags/retail_settings.py')
  const changes = {
    '"publish_stream_to_bq": "@hourly"': `"publish_stream_to_bq": "0 0-4 1 ${day.getUTCMonth() + 1} *"`,
    '"build_dbt_model": timedelta(hours=2)': '"build_dbt_model": timedelta(seconds=2)',
  }
  let text = readFileSync(file, 'utf8')
  for (const [before, after] of Object.entries(changes)) {
    expect(text).toContain(before)
    text = text.replace(before, after)
  }
  writeFileSync(file, text)
  return day.toISOString().slice(0, 10)
}

const isOver = (state: string) => ['success', 'failed'].includes(state)

interface TaskInstance {
  state: string
  try_number: number
}

interface AssetEvent {
  name: string
  extra: { to: string; rows: number }
  created_dagruns: { state: string }[]
}

interface DagRun {
  dag_run_id: string
  state: string
}

const PATIENT = { interval: 2000, timeout: 400_000 }

/** A way to start retail whose first call of a command ends with 1 after that has done its work. */
function failingOnce(folder: string, command: string): string {
  const [script, mark] = ['failing-once', 'failed'].map((name) => path.join(folder, '.retail', name))
  writeFileSync(
    script,
    `#!/bin/sh\n${RETAIL_BIN} "$@" || exit\n[ "$1" != ${command} ] || [ -e ${mark} ] || { touch ${mark}; exit 1; }\n`,
    { mode: 0o755 },
  )
  return script
}

/** Every row of both facts, as counts and hashes that do not depend on files. */
async function contentOf(folder: string): Promise<string> {
  const of = (table: string) =>
    `SELECT count(*) AS n, bit_xor(hash(t)) AS rows, max(timestamp) AS last FROM raw.${table} t`
  const { code, stdout, stderr } = await retail(folder, [
    'sql',
    `${of('transactions')} UNION ALL ${of('inventories')} ORDER BY ALL`,
  ])
  expect(code, stderr).toBe(0)
  return stdout
}

async function signedIn(address: string, password: string) {
  const call = async <T>(method: string, path: string, body?: object, token?: string): Promise<T> => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(`${address}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) })
    return (await answer.json()) as T
  }
  const login = { username: 'admin', password }
  const { access_token: token } = await call<{ access_token: string }>('POST', '/auth/token', login)
  return <T>(method: string, path: string, body?: object) => call<T>(method, path, body, token)
}

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
