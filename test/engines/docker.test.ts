import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { parse } from 'yaml'
import { templateFiles } from '../../src/pipeline/templates.ts'
import { makeCloud } from '../gcp/cloud.ts'
import { freePorts, install as installPeers } from '../peers/peers.ts'
import { retail, workspace } from '../tool.ts'
import { begin, freshFolder, run } from './packed.ts'
import { engine } from './python.ts'

const textOf = (name: string) => templateFiles('docker').find(({ path }) => path === name)!.text
const dockerfile = textOf('Dockerfile')

/** The RUN steps of a stage, each as one line of shell, without what only a builder reads. */
function stepsOf(stage: string): string[] {
  const lines = stage
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
  return lines.filter((line) => line.startsWith('RUN ')).map((line) => line.slice(4).replace(/^--mount=\S+ +/, ''))
}

test('hadolint finds nothing in the Dockerfiles', async () => {
  const python = await engine('test/engines/hadolint.lock')
  const folder = workspace()
  expect((await retail(folder, 'init --yes --with docker --force')).code).toBe(0)
  const { code, text } = await run(folder, path.join(path.dirname(python), 'hadolint'), [
    ...['Dockerfile', 'docker/bigquery/Dockerfile'],
  ])
  expect([code, text]).toEqual([0, ''])
})

test('the image has two stages and one with Airflow, no user with rights, an entrypoint and a health check', () => {
  const [, build, , final, airflow, last] = dockerfile.replaceAll(/^#.*\n/gm, '').split(/^FROM /m)
  expect(build).toMatch(/^\$\{BASE\} AS build\n/)
  expect(final).toMatch(/^\$\{BASE\} AS retail\n/)
  // What `docker build .` makes has no Airflow; the image with it differs in nothing else, and starts as airflow.test.ts does.
  expect(last).toBe('retail\n')
  expect(airflow).toMatch(
    /^retail AS airflow\nCOPY --from=build-airflow [\s\S]*^ENTRYPOINT \["bash", "airflow\/start.sh"\]$/m,
  )
  expect(airflow).not.toMatch(/^USER|^RUN/m)
  expect(final).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
  expect(final).toMatch(/^ENTRYPOINT \["retail"\]$/m)
  expect(final).toMatch(/^HEALTHCHECK .*CMD \["retail", "status"/m)
  expect(final).not.toMatch(/npm|pip|gcc|make/)
})

test('its build steps make a tool that works, in a clean folder', async () => {
  const folder = freshFolder()
  const [image, context] = ['opt/retail', 'context'].map((name) => path.join(folder, name))
  for (const each of [image, path.join(context, 'vendor')]) mkdirSync(each, { recursive: true })
  const written = workspace()
  expect((await retail(written, 'init --yes --with docker --force')).code).toBe(0)
  // The context of the build: what .dockerignore lets in, and nothing else.
  const [, ...exceptions] = readFileSync(path.join(written, '.dockerignore'), 'utf8').trim().split('\n')
  expect(exceptions).toEqual(['!vendor/retail-cli-*.tgz', '!airflow/requirements.lock'])
  for (const name of readdirSync(path.join(written, 'vendor')).filter((name) => /^retail-cli-.*\.tgz$/.test(name)))
    copyFileSync(path.join(written, 'vendor', name), path.join(context, 'vendor', name))
  const RETAIL_PACKAGE = /^ARG RETAIL_PACKAGE=\/context(\/.*)$/m.exec(dockerfile)![1]

  const steps = stepsOf(dockerfile.split(/^FROM /m)[1]).filter((step) => !step.startsWith('apt-get'))
  expect(steps).toHaveLength(2)
  for (const step of steps) {
    const { code, text } = await run(image, 'bash', ['-o', 'pipefail', '-c', step.replaceAll('/opt/retail', image)], {
      RETAIL_PACKAGE: `${context}${RETAIL_PACKAGE}`,
    })
    expect(code, text).toBe(0)
  }

  const shop = path.join(folder, 'workspace')
  mkdirSync(shop)
  const env = { RETAIL_PYTHON_HOME: path.join(image, 'python'), PIP_INDEX_URL: 'http://127.0.0.1:9/simple' }
  const tool = path.join(image, 'node_modules/.bin/retail')
  const world = [
    '--stores',
    '4',
    '--products',
    '30',
    '--lines-per-store-day',
    '10',
    '--from',
    '2024-01-01',
    '--to',
    '2024-01-05',
  ]
  for (const args of [
    ['init', ...world, '--yes'],
    ['seed-dims'],
    ['backfill'],
    ['transform'],
    ['verify'],
    ['status', '--quiet'],
  ]) {
    const { code, text } = await run(shop, tool, args, env)
    expect([args[0], code], text).toEqual([args[0], 0])
  }
  expect(existsSync(path.join(shop, '.retail/python'))).toBe(false)
})

interface Service {
  image?: string
  build?: string | { context: string; target: string }
  command?: string[]
  ports?: string[]
  volumes?: string[]
  profiles?: string[]
  env_file?: string | { path: string; required: boolean }
  network_mode?: string
}
const compose = parse(textOf('compose.yaml'), { merge: true }) as { services: Record<string, Service>; volumes: object }
const emulators = ['pubsub', 'storage', 'bigquery']
const emulatorsEnv = Object.fromEntries(
  [...textOf('docker/emulators.env').matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
)

test('env.template is a .env with which everything is as in retail.yaml', async () => {
  const folder = workspace()
  const config = async () => (await retail(folder, 'status --config --json')).stdout
  expect((await retail(folder, 'init --yes --with docker --force')).code).toBe(0)
  const without = await config()
  copyFileSync(path.join(folder, 'env.template'), path.join(folder, '.env'))
  expect(JSON.parse(await config())).toEqual(JSON.parse(without))
})

describe('compose.yaml', () => {
  test('has the tool, the dashboard and every emulator, and opens ports on loopback only', () => {
    expect(Object.keys(compose.services)).toEqual([
      'retail',
      'stream',
      'dashboard',
      'airflow',
      'emulated',
      ...emulators,
    ])
    for (const [name, { ports = [], profiles = [], build, image }] of Object.entries(compose.services)) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:(\d+):\1$/)
      expect(profiles, name).toEqual(
        emulators.includes(name) ? ['emulators'] : expect.not.arrayContaining(['emulators']),
      )
      expect(build ?? image, name).toBeDefined()
    }
    expect(compose.services.emulated).toMatchObject({ env_file: 'docker/emulators.env', network_mode: 'host' })
    expect(compose.services.bigquery.build).toBe('docker/bigquery')
    // With a profile, `docker compose build` needs no airflow/. A port that is forwarded would reach nothing: Airflow listens on loopback.
    expect(compose.services.airflow).toMatchObject({
      ...{ profiles: ['airflow'], build: { context: '.', target: 'airflow' }, network_mode: 'host' },
      ...{ volumes: compose.services.retail.volumes, env_file: { path: '.env', required: false } },
    })
  })

  test('starts emulators on which a shop of target gcp works', async () => {
    const folder = freshFolder()
    const [bigquery, storage] = ['opt/bigquery', 'storage'].map((name) => path.join(folder, name))
    for (const each of [bigquery, storage]) mkdirSync(each, { recursive: true })
    // The image of BigQuery: its build step, in a clean folder.
    const dockerfile = textOf('docker/bigquery/Dockerfile')
    for (const [, from] of dockerfile.matchAll(/^COPY (\S+) /gm))
      copyFileSync(path.resolve('templates/docker/docker/bigquery', from), path.join(bigquery, from))
    const venv = await run(folder, process.env.RETAIL_PYTHON || 'python3', ['-m', 'venv', 'venv'])
    expect(venv.code, venv.text).toBe(0)
    const PATH = `${path.join(folder, 'venv/bin')}:${process.env.PATH}`
    const here = (text: string) => text.replaceAll('/opt/bigquery', bigquery).replaceAll(/\/storage\b/g, storage)
    for (const step of stepsOf(dockerfile)) {
      const { code, text } = await run(folder, 'bash', ['-c', here(step)], { PATH, PIP_NO_COMPILE: '1' })
      expect(code, text).toBe(0)
    }
    const settings = dockerfile.match(/^ENV ((?:.*\\\n)*.*)$/m)![1].matchAll(/(\w+)=(\S+)/g)
    const bigqueryEnv = Object.fromEntries([...settings].map(([, name, value]) => [name, here(value)]))
    const [, entrypoint] = /^ENTRYPOINT (.*)$/m.exec(dockerfile)!

    // The commands of compose.yaml, on this machine's loopback device and on other ports.
    const shipped = emulators.flatMap((name) => compose.services[name].ports!.map((port) => port.split(':')[1]))
    const free = await freePorts(shipped.length)
    const moved = (text: string) =>
      shipped.reduce(
        (moved, port, index) =>
          moved.replaceAll(`:${port}`, `:${free[index]}`).replaceAll(`=${port}`, `=${free[index]}`),
        text,
      )
    const { GCS_BIN } = await installPeers()
    const first: Record<string, string[]> = { storage: [GCS_BIN], bigquery: JSON.parse(here(entrypoint)) as string[] }
    for (const name of emulators) {
      const command = compose.services[name].command!.map((word) => moved(word).replace('0.0.0.0', '127.0.0.1'))
      const [file, ...args] = [
        ...(first[name] ?? []),
        ...command.map((word) => word.replace('=/storage', `=${storage}`)),
      ]
      const emulator = begin(folder, file, args, { ...bigqueryEnv, PATH, CLOUDSDK_CONFIG: path.join(folder, 'gcloud') })
      onTestFinished(emulator.end)
      const port = free[shipped.indexOf(compose.services[name].ports![0].split(':')[1])]
      await answers(`http://127.0.0.1:${port}`, emulator)
    }
    const env = Object.fromEntries(Object.entries(emulatorsEnv).map(([name, value]) => [name, moved(value)]))
    const cloud = await makeCloud(
      { project: 'test-project', env },
      { stores: 3, products: 30, lines: 20, to: '2024-01-05' },
    )
    for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-01-06T01:00:00Z']) {
      const { code, stdout, stderr } = await cloud.retail(line)
      expect(code, `${stdout}${stderr}`).toBe(0)
    }
    const loaded = await cloud.json<{ rows: { transactions: number } }>('load --idle 5s')
    expect(loaded.rows.transactions).toBeGreaterThan(0)
    const [{ live }] = await cloud.query<{ live: number }>(
      "SELECT COUNT(*) AS live FROM raw.transactions WHERE timestamp >= '2024-01-06'",
    )
    expect(live).toBe(loaded.rows.transactions)
  })
})

/** Any answer will do. */
async function answers(url: string, server: ReturnType<typeof begin>): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    expect(server.exitCode, server.said.text).toBeNull()
    if (
      await fetch(url, { signal: AbortSignal.timeout(1000) }).then(
        () => true,
        () => false,
      )
    )
      return
    await sleep(100)
  }
  throw new Error(`${url} does not answer after a minute:\n${server.said.text}`)
}
