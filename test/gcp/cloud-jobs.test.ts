import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openImageBuilder } from '../../src/adapters/gcp/image-builder.ts'
import { serviceAgents } from '../../src/adapters/gcp/service-agents.ts'
import { openWorkspace } from '../../src/adapters/open.ts'
import { type CloudConfig, cloudConfig } from '../../src/config/cloud-config.ts'
import { loadConfig } from '../../src/config/load.ts'
import { infraImage } from '../../src/pipeline/infra/image.ts'
import { infraApply, infraDestroy, infraPlan } from '../../src/pipeline/infra.ts'
import { type Google, startGoogle } from '../peers/google.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { terraformPeer } from '../peers/terraform.ts'
import { workspace } from '../tool.ts'

let peers: Peers
let google: Google
let env: NodeJS.ProcessEnv
let folder: string
beforeAll(async () => {
  peers = await startPeers()
  google = await startGoogle(peers)
  folder = mkdtempSync(path.join(tmpdir(), 'retail-credentials-'))
  const credentials = path.join(folder, 'credentials.json')
  writeFileSync(
    credentials,
    JSON.stringify({
      type: 'external_account',
      audience: 'a',
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: google.env.RETAIL_TOKEN_URL,
      credential_source: { file: credentials },
    }),
  )
  // Our own calls find it there, and terraform uses its token.
  process.env.GOOGLE_APPLICATION_CREDENTIALS = credentials
  env = { ...process.env, ...(await terraformPeer()), ...google.env, GOOGLE_OAUTH_ACCESS_TOKEN: 'fake' }
})
afterAll(async () => {
  delete process.env.GOOGLE_APPLICATION_CREDENTIALS
  if (folder) rmSync(folder, { recursive: true, force: true })
  await google?.stop()
  await peers?.stop()
})

/** A workspace whose cloud is `google`, as it is without emulators, and its credentials. */
function shop(): { folder: string; name: string; config: CloudConfig; write(tfvars: string): void } {
  const folder = workspace({ stores: 3, products: 30, to: '2024-01-03' })
  const name = `shop${randomUUID().slice(0, 8)}`
  const file = path.join(folder, 'retail.yaml')
  const section = {
    project: peers.project,
    bucket: `${name}-lake`,
    dataset: name,
    prefix: name,
    versioning: false,
    ingest: 'subscription',
  }
  writeFileSync(file, `${readFileSync(file, 'utf8')}target: gcp\ngcp: ${JSON.stringify(section)}\n`)
  const { config } = loadConfig({ cwd: folder, env: {}, workspace: folder, overrides: {} })
  return {
    folder,
    name,
    config: cloudConfig(config),
    write: (text) => writeFileSync(path.join(folder, 'infra.tfvars'), text),
  }
}

const OPTIONS = `
job     = { schedules = { stream = "0 6 * * *" } }
alerts  = { email = "jo@example.com" }
budget  = { billing_account = "000000-000000-000000", amount = 20 }
kms_key = "projects/p/locations/us/keyRings/r/cryptoKeys/k"
kafka   = {}
delta   = {}
`

test('with every option: from nothing to jobs that run on time, nothing left to change, and back to nothing', async () => {
  const { name, config, write } = shop()
  write(OPTIONS)
  const ports = { workspace: await openWorkspace(config) }
  const steps: string[] = []
  const options = {
    env,
    skipRemoteState: true,
    waitsMs: [0, 0],
    onStep: (text: string) => void steps.push(text),
  }
  const consent = async () => {}
  const agents = serviceAgents(config, env)

  // Google has not seen the grant of the service agent yet, as in "Troubleshoot a BigQuery subscription".
  const agent = 'service-123@gcp-sa-pubsub.iam.gserviceaccount.com'
  google.refuse(
    /^PUT .*-bigquery$/,
    400,
    `Cloud Pub/Sub did not have the necessary permissions configured to support this operation. Please verify that the service account ${agent} was granted the right roles.`,
  )
  const made = await infraApply(ports, config, { ...options, consent, agents })
  expect(google.calls.findIndex((call) => /pubsub.googleapis.com:generateServiceIdentity/.test(call))).toBeLessThan(
    google.calls.findIndex((call) => /^PUT .*-bigquery$/.test(call)),
  )
  expect(steps.filter((step) => step.includes('trying again'))).toHaveLength(1)
  expect(made.outputs.job).toBeUndefined()
  expect(made.outputs).toMatchObject({ build: { sources: `${name}-lake-build` } })

  const builder = await openImageBuilder(config, env)
  const image = await infraImage(ports, config, { ...options, builder })
  expect(image).toMatchObject({ built: true, inUse: false, image: expect.stringMatching(/\/retail@sha256:d{64}$/) })
  expect(await infraImage(ports, config, { ...options, builder })).toMatchObject({ built: false, image: image.image })

  // The cluster came with the first apply.
  expect(made.changes.kinds).toEqual(
    expect.arrayContaining([
      { kind: 'Kafka cluster', add: 1, change: 0, destroy: 0 },
      { kind: 'Kafka topic', add: 3, change: 0, destroy: 0 },
      { kind: 'connection of BigQuery', add: 1, change: 0, destroy: 0 },
    ]),
  )
  const reader = google.things.get(`/bigquery/v2/projects/${peers.project}/datasets/${name}_lake/tables/transactions`)
  expect(reader?.externalDataConfiguration).toMatchObject({
    sourceFormat: 'DELTA_LAKE',
    sourceUris: [`gs://${name}-lake/lake/transactions`],
  })

  const { outputs, changes } = await infraApply(ports, config, { ...options, consent, agents })
  expect(changes).toMatchObject({ destroy: 0, lost: [] })
  expect(outputs).toMatchObject({
    delta: `${name}_lake`,
    image: image.image,
    jobs: { backfill: `${name}-backfill`, verify: `${name}-verify` },
    kafka: {
      cluster: `${name}-kafka`,
      brokers: `bootstrap.${name}-kafka.us-central1.managedkafka.${peers.project}.cloud.goog:9092`,
    },
  })
  // In a state of an earlier version, conditional grants had other addresses.
  const before = { stream: 'position', transform: 'right_to_build', dashboard: 'dashboard' }
  const grant = 'module.access[0].google_storage_bucket_iam_member'
  for (const [who, was] of Object.entries(before))
    await promisify(execFile)('terraform', ['state', 'mv', `${grant}.some_objects["${who}"]`, `${grant}.${was}`], {
      cwd: path.join(config.workspace, '.retail/terraform'),
      env,
    })
  const plan = await infraPlan(ports, config, options)
  expect(plan.changes.kinds).toEqual([])
  expect(plan.cost.items.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['Cloud Run job, CPU', 'Cloud Scheduler', 'Managed Kafka, compute']),
  )

  await infraDestroy(ports, config, { ...options, consent })
  const left = [...google.things.keys()].filter((path) => !/^\/(builds|registry\/.*\/tags\/)/.test(path))
  expect(left).toEqual([])
})
