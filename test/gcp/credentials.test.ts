import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { faultyPeers } from '../peers/fault-proxy.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { terraformPeer } from '../peers/terraform.ts'
import { json, type Run, retail, workspace } from '../tool.ts'
import { makeCloud } from './cloud.ts'

const CANARY = 'canary-4711-must-never-be-seen'

let peers: Peers
let terraform: Record<string, string>
beforeAll(async () => {
  peers = await startPeers()
  terraform = await terraformPeer()
})
afterAll(() => peers?.stop())

/** Every credential and token that the tools around us know, each with the canary in it, and terraform asked to log requests. */
function secrets(): Record<string, string> {
  const home = mkdtempSync(path.join(tmpdir(), 'retail-home-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
  const gcloud = path.join(home, '.config/gcloud')
  mkdirSync(gcloud, { recursive: true })
  const person = { type: 'authorized_user', client_id: 'x', client_secret: CANARY, refresh_token: CANARY }
  writeFileSync(path.join(gcloud, 'application_default_credentials.json'), JSON.stringify(person))
  const key = {
    type: 'service_account',
    project_id: 'test-project',
    private_key_id: CANARY,
    client_id: '1',
    private_key: `-----BEGIN PRIVATE KEY-----\n${CANARY}\n-----END PRIVATE KEY-----\n`,
    client_email: 'jo@test-project.iam.gserviceaccount.com',
    token_uri: 'http://127.0.0.1:1/token',
  }
  writeFileSync(path.join(home, 'key.json'), JSON.stringify(key))
  return {
    HOME: home,
    CLOUDSDK_CONFIG: gcloud,
    GOOGLE_APPLICATION_CREDENTIALS: path.join(home, 'key.json'),
    GOOGLE_OAUTH_ACCESS_TOKEN: CANARY,
    GOOGLE_CREDENTIALS: JSON.stringify(key),
    GOOGLE_BACKEND_CREDENTIALS: CANARY,
    CLOUDSDK_AUTH_ACCESS_TOKEN: CANARY,
    TF_LOG: 'trace',
    TF_LOG_PATH: path.join(home, 'trace.log'),
    ...terraform,
  }
}

/** Nothing printed, logged or stored says it. */
function unseen(folder: string, runs: readonly Run[]): void {
  for (const { stdout, stderr } of runs) expect(stdout + stderr).not.toContain(CANARY)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  expect(files.length).toBeGreaterThan(10)
  for (const { parentPath, name } of files) {
    const file = path.join(parentPath, name)
    expect(readFileSync(file).includes(CANARY), file).toBe(false)
  }
}

const begin =
  'init --target gcp --project test-project --bucket canary-shop-lake --dataset canary_shop --size tiny --force'

describe('a secret in every credential and token is in no output, log or state', () => {
  test('while infra works', async () => {
    const folder = workspace()
    const env = { ...secrets(), ...peers.env }
    const runs: Run[] = []
    // The emulator forgets labels, so the last one is refused; infra.test.ts destroys.
    for (const line of [
      `${begin} --yes --skip-checks`,
      'infra plan --verbose --debug',
      'infra apply --yes --verbose --debug',
      'infra output --json',
      'infra destroy --confirm test-project --verbose --debug',
    ])
      runs.push(await retail(folder, line, env))
    expect(runs.map(({ code }) => code)).toEqual([0, 0, 0, 0, 2])
    unseen(folder, runs)
  })

  test('while credentials do not hold', async () => {
    const folder = workspace()
    const nobody = { CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER: 'http://127.0.0.1:1/' }
    const env = { ...secrets(), ...nobody }
    const runs: Run[] = []
    for (const line of [
      `${begin} --yes --debug`,
      'infra plan --skip-remote-state --verbose --debug',
      'infra apply --skip-remote-state --yes --verbose --debug',
    ])
      runs.push(await retail(folder, line, env))
    expect(runs.map(({ code }) => code)).toEqual([4, 0, expect.any(Number)])
    expect(runs[2].code).not.toBe(0)
    unseen(folder, runs)
  })
})

test('the plan for Google itself is made without a network: services, accounts, grants, and options that are on', async () => {
  const folder = workspace()
  const env = secrets()
  expect((await retail(folder, `${begin} --yes --skip-checks`, env)).code).toBe(0)
  const plan = async () => {
    const { changes, code } = await json<{ changes: { kinds: { kind: string; add: number }[] } }>(
      folder,
      'infra plan --skip-remote-state',
      env,
    )
    expect(code).toBe(0)
    return Object.fromEntries(changes.kinds.map(({ kind, add }) => [kind, add]))
  }
  expect(await plan()).toEqual({
    API: 6,
    bucket: 1,
    topic: 3,
    subscription: 3,
    dataset: 4,
    table: 6,
    'service account': 6,
    grant: 44,
  })
  writeFileSync(
    path.join(folder, 'infra.tfvars'),
    'job = { image = "us-docker.pkg.dev/test-project/retail/retail:1" }\nspark = {}\narchive = true\n',
  )
  expect(await plan()).toMatchObject({
    ...{ API: 10, bucket: 3, subscription: 5, 'Cloud Run job': 5, schedule: 3, 'network part': 3 },
  })
})

test('what a secret is stays unsaid while data are made, also by servers that repeat the token they were sent', async () => {
  const faults = await faultyPeers(peers)
  onTestFinished(async () => void (await faults.stop()))
  const cloud = await makeCloud(peers, { stores: 3, products: 20, lines: 10, to: '2024-01-05' })
  const env = { ...secrets(), ...cloud.env, ...faults.env, RETAIL_EMULATOR_HASTE: '60', DEBUG: '*', GRPC_TRACE: 'all' }
  const runs: Run[] = []
  const run = async (line: string) => {
    // A process of its own: libraries read DEBUG and GRPC_TRACE when they are loaded, and write past us to its stderr.
    const done = await cloud.start(`${line} --verbose`, env).ended
    runs.push(done)
    return done
  }
  const lines = [
    ...['seed-dims', 'backfill', 'stream --speed max --until 2024-01-07 --json', 'load', 'transform'],
    ...['verify', 'verify --json', 'status', 'dashboard --json'],
  ]
  for (const line of lines.slice(0, 8)) expect(await run(line), line).toMatchObject({ code: 0 })
  await run('dashboard --json')

  const token = `Bearer ya29.${CANARY} and {"access_token": "${CANARY}", "private_key": "-----BEGIN PRIVATE KEY-----\\n${CANARY}"}`
  for (const server of ['storage', 'bigquery'] as const) faults[server].fault(/./, { status: 403, reason: token })
  for (const server of ['pubsub', 'writes'] as const) faults[server].fault(/./, { status: 7, reason: token })
  for (const line of lines) expect((await run(line)).code, line).toBeGreaterThan(0)
  // Only what is published, and only what is written into BigQuery.
  for (const server of ['storage', 'bigquery'] as const) faults[server].heal()
  for (const line of ['stream --speed max --until 2024-01-08', 'load']) {
    const { code, stderr } = await run(line)
    expect([code, stderr]).toEqual([4, expect.stringContaining('not allowed')])
  }
  unseen(cloud.folder, runs)
  const [objects] = await cloud.storage.bucket(cloud.names.bucket).getFiles()
  for (const object of objects) expect((await object.download())[0].includes(CANARY), object.name).toBe(false)
})
