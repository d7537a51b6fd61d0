import path from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { templateFiles } from '../../src/pipeline/templates.ts'
import { pythonHome, retail, type SmallWorld, workspace } from '../tool.ts'
import { oneServer, prepareAirflow } from './airflow.ts'
import { begin, type Ended, fakeProgram, freshFolder, run } from './packed.ts'
import { engine, RETAIL_BIN } from './python.ts'

const tiny: SmallWorld = { stores: 4, products: 30, lines: 10, to: '2024-01-10' }
const makefile = templateFiles('make').find(({ path }) => path === 'Makefile')!.text

interface Shop {
  folder: string
  make(line: string, env?: NodeJS.ProcessEnv): Promise<Ended>
}

async function shop(templates: string): Promise<Shop> {
  const folder = workspace(tiny)
  expect((await retail(folder, `init --yes --with ${templates} --force`)).code).toBe(0)
  // `make test-engines` has told its own make what it is; this one is another.
  const ours = {
    MAKELEVEL: undefined,
    MAKEFLAGS: undefined,
    MFLAGS: undefined,
    RETAIL: RETAIL_BIN,
    RETAIL_NO_INPUT: '1',
    RETAIL_PYTHON_HOME: pythonHome,
  }
  return { folder, make: (line, env = {}) => run(folder, 'make', line.split(' ').filter(Boolean), { ...ours, ...env }) }
}

describe('the Makefile', () => {
  test('has the targets of the reference that make sense here, each with a word about it', async () => {
    const { make } = await shop('make')
    const { code, stdout } = await make('')
    expect(code).toBe(0)
    const told = [...stdout.matchAll(/^([a-z_% ]+?) {2,}\S/gm)].flatMap(([, names]) => names.split(' '))
    const phony = /^\.PHONY: (.*)$/m.exec(makefile)![1].split(' ')
    expect(told.sort()).toEqual([...phony, 'dag_chk_status_%', 'dag_run_%'].sort())
    for (const name of [
      'setup',
      'dag_list',
      'connection',
      'dag_unpause_all_dags',
      'run_dashboard',
      'docker_clean',
      'destroy',
      'dag_run_%',
    ])
      expect(told).toContain(name)
  })

  test('does everything in order, each step alone, and serves the page by `make run_dashboard` until Ctrl-C', async () => {
    const { folder, make } = await shop('make')
    const all = await make('all DURATION=2s RATE=200')
    expect(all.code, all.text).toBe(0)
    for (const target of ['infra', 'dims', 'backfill', 'stream DURATION=1s', 'load', 'transform', 'verify', 'status']) {
      const { code, text } = await make(target)
      expect([target, code], text).toEqual([target, 0])
    }
    const page = begin(folder, 'make', ['run_dashboard'], { RETAIL: RETAIL_BIN, RETAIL_NO_INPUT: '1' })
    onTestFinished(page.end)
    const address = await new Promise<string | undefined>((resolve) => {
      const look = () => resolve(/http:\/\/127\.0\.0\.1:\d+\S*/.exec(page.said.text)?.[0])
      page.stderr.on('data', () => /http:\/\/127\.0\.0\.1:\d+/.test(page.said.text) && look())
      page.stdout.on('data', () => /http:\/\/127\.0\.0\.1:\d+/.test(page.said.text) && look())
      page.once('close', look)
    })
    expect(address, page.said.text).toBeDefined()
    expect(await (await fetch(address!)).text()).toContain('<title>')
    await page.end()
  })

  test.each([
    ['airflow', 'airflow/ is missing', 'init --with airflow'],
    ['dag_list', 'airflow/ is missing', 'init --with airflow'],
    ['dag_run_build_dbt_model', 'airflow/ is missing', 'init --with airflow'],
    ['spark_generate', 'spark/ is missing', 'init --with spark'],
    ['docker_build', 'Dockerfile is missing', 'init --with docker'],
  ])('says what is missing for `make %s`: error 3 and the command that brings it', async (target, what, hint) => {
    const { make } = await shop('make')
    const { code, stderr } = await make(target)
    expect([code, stderr]).toEqual([2, expect.stringMatching(/\] Error 3$/m)])
    expect(stderr).toContain(what)
    expect(stderr).toContain(hint)
  })

  test('says which engine is missing, and how to install it', async () => {
    const { folder } = await shop('make,docker,spark')
    const PATH = fakeProgram('nothing')
    for (const [target, hint] of [
      ['docker_build', 'docker is not installed: https://docs.docker.com'],
      ['spark_generate', 'python3 is not installed: apt install python3'],
      ['spark_generate SPARK_ENV=elsewhere', 'java is not installed: apt install openjdk-17'],
      ['setup', 'npm is not installed: install Node'],
    ]) {
      const { code, stderr } = await run(folder, '/usr/bin/make', target.split(' '), { PATH })
      expect([target, code, stderr]).toEqual([target, 2, expect.stringContaining(hint)])
      expect(stderr).toMatch(/\] Error 3$/m)
    }
  })

  test('builds the image by `make docker_build`, and removes it by `make docker_clean`', async () => {
    const { make } = await shop('make,docker')
    const env = { PATH: `${fakeProgram('docker')}:${process.env.PATH}` }
    const built = await make('docker_build', env)
    expect([built.code, built.stdout]).toEqual([
      0,
      expect.stringMatching(/^docker build --tag retail:\d+\.\d+\.\d+ \.$/m),
    ])
    const cleaned = await make('docker_clean', env)
    expect([cleaned.code, cleaned.stdout]).toEqual([
      0,
      expect.stringMatching(
        /^docker compose .* down .*\ndocker image rm --force retail:(\d+\.\d+\.\d+) retail-airflow:\1$/m,
      ),
    ])
  })
})

describe('on real engines', () => {
  let pythons: Record<string, string>
  beforeAll(async () => {
    pythons = {
      airflow: await engine('templates/airflow/airflow/requirements.lock'),
      spark: await engine('templates/spark/spark/requirements.lock'),
    }
  })

  test('`make dag_list`, `connection`, `dag_run_…`, `dag_chk_status_…`, and `dag_unpause_all_dags` run Airflow; an unknown DAG is named', async () => {
    const { folder, make } = await shop('make,airflow')
    const env = { AIRFLOW_PYTHON: pythons.airflow, ...oneServer }
    await prepareAirflow(folder, { ...env, RETAIL_BIN })
    const list = await make('dag_list', env)
    expect(list.code, list.text).toBe(0)
    const [, dags] = /^DAGS := (.*)$/m.exec(makefile)!
    for (const dag of dags.split(' ')) expect(list.stdout).toContain(dag)
    const connected = await make('connection', env)
    expect([connected.code, connected.text]).toEqual([
      0,
      expect.stringContaining('Imported connection retail_workspace'),
    ])
    const ran = await make('dag_run_upload_config_files_to_gcs', env)
    expect(ran.code, ran.text).toBe(0)
    expect(ran.text).toMatch(/DagRun Finished.* state=success/)
    const sent = (await make('-n dag_run_publish_stream_to_bq_sec')).stdout
    expect(sent).toContain('\'{"seconds": 5}\'')
    const runs = await make('dag_chk_status_upload_config_files_to_gcs', env)
    expect([runs.code, runs.stdout]).toEqual([0, expect.stringMatching(/upload_config_files_to_gcs .* success/)])
    const unpaused = await make('dag_unpause_all_dags', env)
    expect([unpaused.code, unpaused.stdout]).toEqual([0, expect.stringContaining(`no longer paused: ${dags}`)])
    expect((await make('-n airflow')).stdout).toBe('bash airflow/start.sh\n')
    const none = await make('dag_run_nothing', env)
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining('unknown DAG nothing')])
  })

  test('`make spark_generate` makes history in shards', async () => {
    const { make } = await shop('make,spark')
    const env = { SPARK_LOCAL_IP: '127.0.0.1' }
    const made = await make(`dims spark_generate SHARDS=2 SPARK_ENV=${path.dirname(path.dirname(pythons.spark))}`, env)
    expect(made.code, made.text).toBe(0)
    expect(made.stdout).toContain('"complete": true')
    const { code, text } = await make('transform verify')
    expect(code, text).toBe(0)
  })

  test('after `make setup` Airflow and Spark start retail by its name, with nothing set', async () => {
    const folder = workspace(tiny)
    expect((await retail(folder, 'init --yes --with make,airflow,spark --force')).code).toBe(0)
    const prefix = freshFolder()
    const env = {
      ...{ MAKELEVEL: undefined, MAKEFLAGS: undefined, MFLAGS: undefined, RETAIL: undefined, RETAIL_BIN: undefined },
      ...{ npm_config_prefix: prefix, PATH: `${path.join(prefix, 'bin')}:${process.env.PATH}`, RETAIL_NO_INPUT: '1' },
      ...{ AIRFLOW_PYTHON: pythons.airflow, SPARK_LOCAL_IP: '127.0.0.1' },
    }
    const done = await run(folder, 'make', ['setup', 'dims'], env)
    expect(done.code, done.text).toBe(0)
    const status = await run(folder, 'make', ['status'], { ...env, RETAIL: path.join(prefix, 'bin/retail') })
    expect(status.code, status.text).toBe(0)
    const spark = path.dirname(path.dirname(pythons.spark))
    const made = await run(folder, 'make', ['spark_generate', 'SHARDS=2', `SPARK_ENV=${spark}`], env)
    expect(made.code, made.text).toBe(0)
    expect(made.stdout).toContain('"complete": true')
    await prepareAirflow(folder, env)
    const dag = await run(folder, 'bash', ['airflow/start.sh', 'dags', 'test', 'upload_config_files_to_gcs'], env)
    expect(dag.code, dag.text).toBe(0)
    expect(dag.text).toMatch(/DagRun Finished.* state=success/)
  })
})
