import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { median, ms, paired, spread, table } from './paired.mjs'
import { bin, measured } from './tool.mjs'

const root = path.resolve(import.meta.dirname, '..')
const FACTS = ['transactions', 'inventories']

/** What a command of target gcp costs before and beside its calls, which go to emulators here. */
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
    const over = (name) => samples[name].map((value, i) => value - samples.bare[i])
    const quiet = (name) => Math.min(...samples[name]) - Math.min(...samples.bare)
    const row = (what, name) => [what, spread(samples[name], ms), spread(over(name), ms), ms(quiet(name))]
    return {
      title: 'Start-up with target gcp',
      about: `Whole processes, ms; \`node -e 0\` takes ${spread(samples.bare, ms)}. ${rounds} rounds. Storage, BigQuery and Pub/Sub are emulators on the same machine, so this is what the tool and Google's clients take, not what a network does.`,
      tables: [
        table(
          ['', 'ms', 'over bare node', 'fastest over fastest'],
          [row('`retail status`', 'status'), row('`retail load --help`', 'help')],
        ),
      ],
      goals: [
        [
          '`status` with target gcp over bare node',
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

/** The emulators of the tests, which are TypeScript. */
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

/** What `retail infra apply` makes, as far as history needs it, and a workspace of it. */
async function makeProject(folder, { project, env }) {
  const bigquery = `${env.RETAIL_BIGQUERY_ENDPOINT}/bigquery/v2/projects/${project}/datasets`
  await post(`${env.STORAGE_EMULATOR_HOST}/storage/v1/b?project=${project}`, { name: 'bench-lake' })
  for (const datasetId of ['bench_raw', 'bench_staging', 'bench_marts'])
    await post(bigquery, { datasetReference: { projectId: project, datasetId }, location: 'US' })
  const schemas = path.join(root, 'terraform/schemas')
  for (const file of readdirSync(schemas).filter((name) => !name.includes('.extended.'))) {
    const tableId = path.basename(file, '.json')
    await post(`${bigquery}/bench_raw/tables`, {
      tableReference: { projectId: project, datasetId: 'bench_raw', tableId },
      schema: { fields: JSON.parse(readFileSync(path.join(schemas, file), 'utf8')) },
      ...(FACTS.includes(tableId) && { timePartitioning: { type: 'DAY', field: 'timestamp' } }),
    })
  }
  writeFileSync(
    path.join(folder, 'retail.yaml'),
    `version: 1
target: gcp
world: { stores: 10, products: 100, lines_per_store_day: 50 }
history: { to: 2024-02-29 }
gcp: { project: ${project}, bucket: bench-lake, dataset: bench, prefix: bench }
`,
  )
}

async function post(url, body) {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`)
}
