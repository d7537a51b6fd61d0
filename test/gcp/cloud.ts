import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { BigQuery } from '@google-cloud/bigquery'
import { PubSub, v1 } from '@google-cloud/pubsub'
import { Storage } from '@google-cloud/storage'
import { credentials } from '@grpc/grpc-js'
import { OAuth2Client } from 'google-auth-library'
import { gcpNames } from '../../src/config/gcp-names.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Config } from '../../src/config/schema.ts'
import { bigquerySchema, deadLetterSchema, publishedSchema } from '../../src/tables/emit.ts'
import { type FactName, tablesOf } from '../../src/tables/index.ts'
import type { Peers } from '../peers/peers.ts'
import { json, retail, type SmallWorld, start, workspace, writeConfig } from '../tool.ts'
import { deliveryPolicy } from './delivery-policy.ts'

/** A project on the emulators with all that `retail infra apply` makes, and a workspace that knows it. */
export interface Cloud {
  folder: string
  config: Config
  env: Record<string, string>
  storage: Storage
  bigquery: BigQuery
  pubsub: PubSub
  names: ReturnType<typeof gcpNames>
  /** rows of a query; `raw.`, `staging.`, `marts.` are this workspace's */
  query<R = Record<string, unknown>>(sql: string): Promise<R[]>
  retail(line: string, env?: Record<string, string>): ReturnType<typeof retail>
  json<T = Record<string, unknown>>(line: string, env?: Record<string, string>): Promise<T & { code: number | null }>
  start(line: string, env?: Record<string, string>): ReturnType<typeof start>
  /** another workspace on the same project, as on another machine */
  another(): string
  /** Recreates topics and subscriptions, as after a restart of Pub/Sub that lost everything. */
  makeTopics(): Promise<void>
  makeTables(): Promise<void>
  /** Pulls messages one call at a time, as a test wants it. The caller closes it. */
  subscriber(): InstanceType<typeof v1.SubscriberClient>
}

/** With `keep` the folder outlives the test that it is made in; outside of one it must. */
export async function makeCloud(
  peers: Pick<Peers, 'project' | 'env'>,
  world: SmallWorld = {},
  keep = false,
): Promise<Cloud> {
  const { env, project } = peers
  const folder = workspace(world, keep)
  // Emulators may hold what other test files made.
  const name = `shop${randomUUID().slice(0, 8)}`
  const section = `
gcp: { project: ${project}, bucket: ${name}-lake, dataset: ${name}, prefix: ${name} }
`
  const target = (to: string) => {
    writeConfig(to, world)
    const file = path.join(to, 'retail.yaml')
    writeFileSync(file, `target: gcp\n${section}`, { flag: 'a' })
  }
  target(folder)
  const { config } = await loadConfig({ cwd: folder, env: {}, workspace: folder, overrides: {} })
  const names = gcpNames(config.gcp!)
  Object.assign(process.env, { PUBSUB_EMULATOR_HOST: env.PUBSUB_EMULATOR_HOST, METADATA_SERVER_DETECTION: 'none' })
  const authClient = new OAuth2Client()
  authClient.setCredentials({ access_token: 'fake', expiry_date: Date.UTC(2100, 0, 1) })
  const storage = new Storage({ projectId: project, apiEndpoint: env.STORAGE_EMULATOR_HOST })
  const bigquery = new BigQuery({ projectId: project, apiEndpoint: env.RETAIL_BIGQUERY_ENDPOINT, authClient })
  const pubsub = new PubSub({ projectId: project })

  async function makeTables(): Promise<void> {
    for (const layer of Object.values(names.datasets)) await bigquery.createDataset(layer, { location: 'US' })
    const raw = bigquery.dataset(names.datasets.raw)
    for (const table of tablesOf(config.world.schema)) {
      const fact = table.name === 'transactions' || table.name === 'inventories'
      await raw.createTable(table.name, {
        schema: JSON.parse(bigquerySchema(table, config.world.schema)),
        ...(fact
          ? { timePartitioning: { type: 'DAY', field: 'timestamp' }, clustering: { fields: ['product_id'] } }
          : {}),
      })
    }
    await raw.createTable('dead_letter', { schema: JSON.parse(deadLetterSchema()) })
    const marts = bigquery.dataset(names.datasets.marts)
    await marts.createTable('published', { schema: JSON.parse(publishedSchema()) })
  }

  async function makeTopics(): Promise<void> {
    for (const name of [...Object.values(names.topics), names.deadLetter]) await pubsub.createTopic(name)
    const policy = deliveryPolicy(`projects/${project}/topics/${names.deadLetter}`)
    for (const fact of Object.keys(names.topics) as FactName[])
      await pubsub.createSubscription(names.topics[fact], names.subscriptions[fact], policy)
    await pubsub.createSubscription(names.deadLetter, names.deadLetter)
  }

  await storage.createBucket(names.bucket)
  await makeTables()
  await makeTopics()
  return {
    folder,
    config,
    env,
    storage,
    bigquery,
    pubsub,
    names,
    async query<R>(sql: string) {
      const query = sql.replace(/\b(raw|staging|build|marts)\./g, (_, layer: 'raw') => `${names.datasets[layer]}.`)
      // Never query(): on this emulator it takes an error for no rows.
      const [job] = await bigquery.createQueryJob({ query })
      const [rows] = await job.getQueryResults()
      return rows as R[]
    },
    retail: (line, more = {}) => retail(folder, line, { ...env, ...more }),
    json: (line, more = {}) => json(folder, line, { ...env, ...more }),
    start: (line, more = {}) => start(folder, line, { ...env, ...more }),
    another() {
      const other = workspace(world)
      target(other)
      return other
    },
    makeTopics,
    makeTables,
    subscriber() {
      const [host, port] = env.PUBSUB_EMULATOR_HOST.split(':')
      const sslCreds = credentials.createInsecure()
      return new v1.SubscriberClient({ projectId: project, servicePath: host, port: Number(port), sslCreds })
    },
  }
}
