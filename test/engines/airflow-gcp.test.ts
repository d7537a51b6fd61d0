import { appendFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Remembering, remembering } from '../peers/remembering.ts'
import { terraformPeer } from '../peers/terraform.ts'
import { json, pythonHome, retail, workspace } from '../tool.ts'
import { oneServer, prepareAirflow } from './airflow.ts'
import { fakeProgram, run } from './packed.ts'
import { engine, RETAIL_BIN } from './python.ts'

let peers: Peers
const proxies: Remembering[] = []
let env: Record<string, string>
beforeAll(async () => {
  const python = await engine('templates/airflow/airflow/requirements.lock')
  peers = await startPeers()
  for (const url of [peers.env.STORAGE_EMULATOR_HOST, peers.env.RETAIL_BIGQUERY_ENDPOINT])
    proxies.push(await remembering(url))
  const [storage, bigquery] = proxies
  env = {
    ...peers.env,
    ...(await terraformPeer()),
    STORAGE_EMULATOR_HOST: storage.url,
    RETAIL_BIGQUERY_ENDPOINT: bigquery.url,
    RETAIL_BIN,
    RETAIL_PYTHON_HOME: pythonHome,
    AIRFLOW_PYTHON: python,
  }
})
afterAll(async () => {
  await Promise.all(proxies.map((proxy) => proxy.stop()))
  await peers?.stop()
})

/** A workspace whose retail.yaml says local, with a gcp section: the param `target` of a run decides. */
async function shop(name: string, more: object = {}) {
  const folder = workspace({ stores: 3, products: 30, lines: 20, to: '2024-01-05' })
  const section = { project: peers.project, bucket: `${name}-lake`, dataset: name, prefix: name, ...more }
  appendFileSync(path.join(folder, 'retail.yaml'), `gcp: ${JSON.stringify(section)}\n`)
  expect((await retail(folder, 'init --yes --with airflow --force')).code).toBe(0)
  await prepareAirflow(folder, env)
  const PATH = `${fakeProgram('gcloud')}:${process.env.PATH}`
  return {
    json: <T>(line: string) => json<T>(folder, line, { ...env, RETAIL_TARGET: 'gcp' }),
    dag: (dag: string, conf: object) =>
      run(
        folder,
        'bash',
        ['airflow/start.sh', 'dags', 'test', dag, '--conf', JSON.stringify({ target: 'gcp', ...conf })],
        { ...env, ...oneServer, PATH },
      ),
  }
}

interface Verified {
  ok: boolean
}

test('the parent on target gcp makes everything from nothing, in order; again it adds nothing', async () => {
  const { dag, json } = await shop('airshop')
  const until = { history: '2024-01-06T00:00:00Z', live: '2024-01-06T12:00:00Z' }
  for (const round of ['first', 'again']) {
    const { code, text } = await dag('retail_data_pipeline', { until: until.live })
    expect(code, text).toBe(0)
    expect(text.match(/DagRun Finished.* state=(\w+)/)?.[1], round).toBe('success')
    const called = [...text.matchAll(/\$ .*?retail\.js (\S+(?: apply)?) /g)].map(([, command]) => command)
    const steps = ['infra apply', 'seed-dims', 'backfill', 'stream', 'load', 'transform', 'verify']
    expect(called.filter((command) => steps.includes(command))).toEqual(steps)
    expect(text).toContain('gs://airshop-lake/config/retail.yaml')
    // What the stream sends is in raw when the load has loaded it.
    const silent = [...text.matchAll(/no rows were added to (\S+)(, \S+)?, so there is no event/g)].map(
      ([, asset]) => asset,
    )
    const [lake, raw] = ['retail://workspace/lake', 'retail://workspace/raw']
    expect(silent).toEqual(round === 'first' ? [lake] : [lake, lake, raw])
    expect(await json<Verified>('verify')).toMatchObject({ code: 0, ok: true, raw: until, marts: until })
  }
})

test('where a subscription brings the events to BigQuery, the load says so and is done', async () => {
  const { dag } = await shop('subshop', { ingest: 'subscription' })
  const { code, text } = await dag('setup_pubsub_infra', {})
  expect(code, text).toBe(0)
  for (const name of ['load_mock_dim_data_bq', 'publish_stream_to_bq']) {
    const { code, text } = await dag(name, { until: '2024-01-06T01:00:00Z' })
    expect(code, text).toBe(0)
    expect(text.match(/DagRun Finished.* state=(\w+)/)?.[1], text).toBe('success')
    if (name === 'publish_stream_to_bq') expect(text).toMatch(/\$ .*retail\.js load/)
    expect(text).not.toContain('no rows were added to retail://workspace/raw,')
  }
})
