import { readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatusResult, VerifyResult } from '../../src/pipeline/results.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Remembering, remembering } from '../peers/remembering.ts'
import { terraformPeer } from '../peers/terraform.ts'
import { json, retail, start, workspace } from '../tool.ts'

let peers: Peers
let storage: Remembering
let bigquery: Remembering
let env: Record<string, string>

beforeAll(async () => {
  peers = await startPeers()
  storage = await remembering(peers.env.STORAGE_EMULATOR_HOST)
  bigquery = await remembering(peers.env.RETAIL_BIGQUERY_ENDPOINT)
  env = {
    ...peers.env,
    ...(await terraformPeer()),
    STORAGE_EMULATOR_HOST: storage.url,
    RETAIL_BIGQUERY_ENDPOINT: bigquery.url,
  }
})
afterAll(async () => {
  await Promise.all([storage?.stop(), bigquery?.stop()])
  await peers?.stop()
})

const DOC = readFileSync(path.resolve(import.meta.dirname, '../../docs/gcp.md'), 'utf8')

/** The commands of the block of docs/gcp.md in which this one is, as typed. */
function commandsBeside(command: string): string[] {
  const blocks = [...DOC.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block.split('\n'))
  const lines = blocks.find((block) => block.some((line) => line.startsWith(command)))!
  return lines.flatMap((line) => /^retail (.*?)\s*(?:#.*)?$/.exec(line)?.[1] ?? [])
}

test('from an empty project to verified marts of 300,000 rows, and back to an empty project', async () => {
  const folder = workspace()
  const run = async (line: string, code = 0) => {
    const ended = await retail(folder, line, env)
    expect(ended.code, `retail ${line}\n${ended.stdout}\n${ended.stderr}`).toBe(code)
    return ended
  }
  const result = <T>(line: string) => json<T>(folder, line, env)

  const shop = '--stores 40 --products 300 --lines-per-store-day 70 --from 2024-01-01 --to 2024-03-10'
  // What the test adds: a small shop, names of its own, an answer, and an end.
  const added: Record<string, string> = {
    init: `--bucket journey-lake --dataset journey --skip-checks ${shop} --force`,
    'infra apply': '--yes',
    dashboard: '--port 0 --duration 1s',
  }
  const typed = async (line: string) => {
    const more = Object.keys(added).find((command) => line.startsWith(command))
    await run(`${line.replace('my-project', peers.project)} ${more === undefined ? '' : added[more]}`.trim())
  }
  for (const line of commandsBeside('retail init --target gcp')) {
    await typed(line)
    if (line !== 'infra apply') continue
    await run('infra plan --detailed-exitcode')
    const begun = await result<StatusResult>('status')
    expect(begun.steps[0]).toMatchObject({ step: 'infra', state: 'done' })
    expect(begun.next).toEqual(['retail seed-dims'])
  }

  // The loader starts after the first event, so that a slow start of the stream does not count as idle time.
  const publishing = start(folder, 'stream --speed 86400 --until 2024-03-12 --json', env)
  await new Promise((resolve) => publishing.stdout!.once('data', resolve))
  const loader = start(folder, 'load --idle 10s', env)
  const { code, stdout } = await publishing.ended
  expect([code, JSON.parse(stdout.trim().split('\n').pop()!)]).toMatchObject([0, { to: '2024-03-12T00:00:00Z' }])
  const loaded = await loader.ended
  expect(loaded.code, loaded.stderr).toBe(0)

  await run('transform')
  const verified = await result<VerifyResult>('verify')
  expect(verified.differences).toEqual([])
  expect(verified).toMatchObject({ code: 0, ok: true, marts: { live: '2024-03-12T00:00:00Z' } })
  expect(verified.rows.transactions + verified.rows.inventories).toBeGreaterThan(300_000)
  const status = await result<StatusResult>('status --check')
  expect(status).toMatchObject({ code: 0, ready: true, target: 'gcp' })
  expect(status.steps.map(({ step, state }) => [step, state])).toEqual(
    ['infra', 'seed-dims', 'backfill', 'stream', 'load', 'transform', 'verify'].map((step) => [step, 'done']),
  )
  // Nothing came since, so nothing changes.
  await run('transform')
  await run('verify --quick')

  for (const line of commandsBeside('retail infra destroy --dry-run')) await typed(line)
  await run('infra output', 3)
})
