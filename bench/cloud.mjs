import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { median, megabytes, ms, paired, ratios, same, spread, table, thousands } from './paired.mjs'
import { bin, measured, peer, retail } from './tool.mjs'

const root = path.resolve(import.meta.dirname, '..')
const FACTS = ['transactions', 'inventories']

/** Start-up time and throughput of target gcp, against bare loops over the same clients. */
export async function cloud({ folder, small }) {
  const peers = await startPeers(folder)
  const before = { ...process.env }
  Object.assign(process.env, peers.env)
  try {
    await makeProject(folder, peers)
    for (const line of ['seed-dims', 'backfill']) await measured(bin, [line, '--json'], folder)
    const rounds = small ? 5 : 25
    const time = (file, args) => async () => (await measured(file, args, folder)).seconds * 1000
    const samples = await paired(rounds, {
      bare: time('-e', ['0']),
      status: time(bin, ['status', '--json']),
      help: time(bin, ['load', '--help']),
    })
    const rates = await flow(folder, peers, small)
    const over = (name) => samples[name].map((value, i) => value - samples.bare[i])
    const quiet = (name) => Math.min(...samples[name]) - Math.min(...samples.bare)
    const row = (what, name) => [what, spread(samples[name], ms), spread(over(name), ms), ms(quiet(name))]
    return {
      title: 'Target gcp',
      about: `Start-up: time of whole processes in ms; \`node -e 0\` takes ${spread(samples.bare, ms)}; ${rounds} rounds. Flow: seconds of the loop, without start-up; ${rates.rounds} rounds of ${thousands(rates.events)} thousand events. The peer is a bare loop over the same clients, like the clients' samples (bench/peer-cloud.mjs): no position, no checks, no dead letters, no retries of its own. It loads what \`retail stream\` published, and both sides leave the same rows in BigQuery. A batch of the stream ends at midnight, so a world with a thousand events per day publishes at half the speed of the bare loop. Cloud Storage, BigQuery, and Pub/Sub are emulators on the same two cores, so the numbers show the cost of retail and Google's clients, without a network.`,
      tables: [
        table(
          ['', 'retail', 'bare loop', 'ratio'],
          [
            rates.row('publish, thousand events/s', 'publish', (value) => (value / 1e3).toFixed(1)),
            rates.row('load, thousand events/s', 'load', (value) => (value / 1e3).toFixed(1)),
            rates.row('upload, MB/s', 'upload', megabytes),
          ],
        ),
        table(
          ['', 'ms', 'over bare Node', 'fastest minus fastest'],
          [row('`retail status`', 'status'), row('`retail load --help`', 'help')],
        ),
      ],
      goals: [
        rates.goal('publish against a bare loop over the same client', 'publish'),
        rates.goal('load against a bare loop over the same clients', 'load'),
        [
          '`status` with target gcp over bare Node',
          '≤ 400 ms',
          `${spread(over('status'), ms)}; fastest ${ms(quiet('status'))}`,
          median(over('status')) <= 400,
        ],
      ],
    }
  } finally {
    for (const name of Object.keys(peers.env)) delete process.env[name]
    Object.assign(process.env, before)
    await peers.stop()
  }
}

/** Events and bytes per second through Pub/Sub, the Storage Write API, and Cloud Storage, alternating with a bare loop. */
async function flow(folder, { project, env }, small) {
  const [rounds, events] = small ? [2, 20_000] : [5, 100_000]
  const file = path.join(folder, 'bytes')
  writeFileSync(file, randomBytes(12e6))
  process.env.BENCH_PROJECT = project
  const bare = async (...args) => (await peer(folder, 'peer-cloud.mjs', ...args)).result
  const eventsPerSecond = (result) => result.events / result.seconds
  const bytesPerSecond = (result) => result.bytes / result.seconds
  /** To subscriptions without earlier readers, because the emulator delivers messages to pulls that were canceled long ago. */
  async function publish() {
    await makeSubscriptions(env, project)
    return (await retail(folder, `stream --speed max --max-events ${events}`)).result
  }
  let sent = 0

  /** Each event adds one row. */
  async function loading(load) {
    const before = await rowsOf(env, project)
    const rate = eventsPerSecond(await load(sent))
    same('rows in BigQuery', sent, (await rowsOf(env, project)) - before)
    return rate
  }

  const samples = await paired(rounds, {
    async publish() {
      const result = await publish()
      sent = result.events
      return eventsPerSecond(result)
    },
    load: () =>
      loading(async (count) => {
        const { rows, seconds } = (await retail(folder, `load --max-events ${count}`)).result
        return { events: rows.transactions + rows.inventories, seconds }
      }),
    barePublish: async () => eventsPerSecond(await bare('publish', 'peer', events)),
    async bareLoad() {
      sent = (await publish()).events
      return await loading((count) => bare('load', 'bench', 'bench_raw', count))
    },
    upload: async () => bytesPerSecond((await peer(folder, 'cloud-side.mjs', file, 10)).result),
    bareUpload: async () => bytesPerSecond(await bare('upload', 'bench-lake', file, 10)),
  })
  const sides = {
    publish: [samples.publish, samples.barePublish],
    load: [samples.load, samples.bareLoad],
    upload: [samples.upload, samples.bareUpload],
  }
  return {
    rounds,
    events,
    row: (what, name, show) => [what, ...sides[name].map((side) => spread(side, show)), spread(ratios(...sides[name]))],
    goal(what, name) {
      const values = ratios(...sides[name])
      return [what, '≥ 0.8 ×', spread(values), median(values) >= 0.8]
    },
  }
}

async function rowsOf(env, project) {
  const query = FACTS.map((table) => `(SELECT count(*) FROM bench_raw.${table})`).join(' + ')
  const url = `${env.RETAIL_BIGQUERY_ENDPOINT}/bigquery/v2/projects/${project}/queries`
  const { rows } = await post(url, { query: `SELECT ${query}`, useLegacySql: false, location: 'US' })
  return Number(rows[0].f[0].v)
}

/** The emulators of the tests, which are written in TypeScript. */
async function startPeers(folder) {
  const home = path.join(root, 'test/peers')
  const outfile = path.join(folder, 'peers.mjs')
  await build({
    entryPoints: [path.join(home, 'peers.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    define: { 'import.meta.dirname': JSON.stringify(home) },
  })
  return await (await import(pathToFileURL(outfile).href)).startPeers()
}

/** Creates the resources of `retail infra apply` that history needs, and a workspace that uses them. */
async function makeProject(folder, { project, env }) {
  const bigquery = `${env.RETAIL_BIGQUERY_ENDPOINT}/bigquery/v2/projects/${project}/datasets`
  await post(`${env.STORAGE_EMULATOR_HOST}/storage/v1/b?project=${project}`, { name: 'bench-lake' })
  for (const datasetId of ['bench_raw', 'bench_staging', 'bench_build', 'bench_marts'])
    await post(bigquery, { datasetReference: { projectId: project, datasetId }, location: 'US' })
  const schemas = path.join(root, 'terraform/schemas')
  for (const file of readdirSync(schemas).filter((name) => !name.includes('.extended.'))) {
    const tableId = path.basename(file, '.json')
    const datasetId = tableId === 'published' ? 'bench_marts' : 'bench_raw'
    await post(`${bigquery}/${datasetId}/tables`, {
      tableReference: { projectId: project, datasetId, tableId },
      schema: { fields: JSON.parse(readFileSync(path.join(schemas, file), 'utf8')) },
      ...(FACTS.includes(tableId) && { timePartitioning: { type: 'DAY', field: 'timestamp' } }),
    })
  }
  const pubsub = `http://${env.PUBSUB_EMULATOR_HOST}/v1/projects/${project}`
  for (const topic of [
    ...FACTS.map((name) => `bench-${name}`),
    'bench-dead-letter',
    ...FACTS.map((name) => `peer-${name}`),
  ])
    await call('PUT', `${pubsub}/topics/${topic}`, {})
  await makeSubscriptions(env, project)
  writeFileSync(
    path.join(folder, 'retail.yaml'),
    `version: 1
target: gcp
world: { stores: 400, products: 2000, lines_per_store_day: 100 }
history: { to: 2024-01-02 }
gcp: { project: ${project}, bucket: bench-lake, dataset: bench, prefix: bench }
`,
  )
}

async function makeSubscriptions({ PUBSUB_EMULATOR_HOST }, project) {
  for (const name of FACTS) {
    const url = `http://${PUBSUB_EMULATOR_HOST}/v1/projects/${project}/subscriptions/bench-${name}-load`
    await fetch(url, { method: 'DELETE' })
    await call('PUT', url, { topic: `projects/${project}/topics/bench-${name}`, ackDeadlineSeconds: 60 })
  }
}

const post = (url, body) => call('POST', url, body)

async function call(method, url, body) {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${text}`)
  return JSON.parse(text || '{}')
}
