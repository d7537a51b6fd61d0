import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { openPorts } from '../src/adapters/open.ts'
import { loadConfig } from '../src/config/load.ts'
import { stream } from '../src/pipeline/stream.ts'
import { jarsOf } from './peers/maven.ts'
import { testEnvironment } from './python-env.ts'
import { json, retail, start, workspace } from './tool.ts'

const here = path.join(import.meta.dirname, 'readers')
const tables = ['product', 'store', 'transactions', 'inventories'] as const
type Digest = { rows: number; hash: string }

/** delta-rs, Polars, and Spark in one process, as delta.py describes it. */
async function openReaders(): Promise<(place: string) => Promise<unknown>> {
  const [python, jars] = await Promise.all([testEnvironment(path.join(here, 'requirements.lock')), jarsOf('spark')])
  const delta = readdirSync(jars).filter((name) => name.startsWith('delta-'))
  const child = spawn(python, [path.join(here, 'delta.py'), delta.map((name) => path.join(jars, name)).join()])
  onTestFinished(() => void child.stdin.end())
  let said = ''
  child.stderr.on('data', (chunk) => (said += chunk))
  const lines = createInterface({ input: child.stdout })
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`delta.py: exit ${code}\n${said}`)))
  gone.catch(() => {})
  return async (place) => {
    const answer = once(lines, 'line') as Promise<[string]>
    child.stdin.write(`${place}\n`)
    return JSON.parse((await Promise.race([answer, gone]))[0])
  }
}

/** What raw says, in the form of delta.py. */
async function raw(folder: string): Promise<Record<string, Digest>> {
  await using database = await openDatabase(path.join(folder, 'retail.duckdb'), { readOnly: true, threads: 1 })
  const seen: Record<string, Digest> = {}
  for (const table of tables) {
    const rows = await database.query<{ line: string }>(`SELECT concat_ws('|', *COLUMNS(*)) AS line FROM raw.${table}`)
    const lines = rows.map(({ line }) => line).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    seen[table] = { rows: lines.length, hash: createHash('sha256').update(lines.join('\n')).digest('hex') }
  }
  return seen
}

test('delta-rs, Polars, and Spark read the rows of raw after every step of a life, and each once while a stream rolls', async () => {
  const read = await openReaders()
  const folder = workspace({ stores: 3, products: 30, lines: 10, to: '2024-01-20' })
  const lake = path.join(folder, 'lake')
  const killed = async () => {
    const child = start(folder, 'stream --speed 20000 --json')
    let said = ''
    await new Promise<void>((resolve) => {
      child.stdout!.on('data', (chunk) => (said += chunk).split('"type":"progress"').length > 3 && resolve())
    })
    child.kill('SIGKILL')
    await child.ended
  }
  const steps: Record<string, () => Promise<unknown>> = {
    'a part is lost': async () => rmSync(path.join(lake, 'inventories/month=2024-01/block-000-through-21.parquet')),
    'a stream is killed': killed,
  }
  let rows = 0
  for (const step of [
    'seed-dims',
    'backfill',
    'stream --speed max --until 2024-01-22T07:00:00Z',
    'backfill --to 2024-01-21',
    'a part is lost',
    'repair',
    'a stream is killed',
    'stream --speed max --until 2024-01-29T11:30:00Z',
    'backfill --to 2024-02-02',
  ]) {
    if (steps[step]) {
      await steps[step]()
      continue
    }
    const { code, stderr } = await retail(folder, step)
    expect(code, `${step}: ${stderr}`).toBe(0)
    if (step === 'seed-dims') continue
    const expected = await raw(folder)
    for (const [table, seen] of Object.entries((await read(lake)) as Record<string, Record<string, Digest>>))
      expect(seen, `${table} after ${step}`).toEqual({
        delta_rs: expected[table],
        polars: expected[table],
        spark: expected[table],
      })
    expect(expected.transactions.rows).toBeGreaterThanOrEqual(rows)
    rows = expected.transactions.rows
  }

  const { config } = loadConfig({ cwd: folder, env: {} })
  await using ports = await openPorts(config)
  const stop = new AbortController()
  const streaming = stream(ports, config, { speed: 12_000, rollEvery: 3, signal: stop.signal })
  const counts: number[] = []
  while (new Set(counts).size < 5) {
    const [rs, polars] = (await read(path.join(lake, 'transactions'))) as { n: number; ids: number }[]
    expect(rs.n).toBe(rs.ids)
    expect(polars.n).toBe(polars.ids)
    expect(rs.n).toBeGreaterThanOrEqual(counts.at(-1) ?? rows)
    expect(polars.n).toBeGreaterThanOrEqual(rs.n)
    counts.push(polars.n)
  }
  stop.abort()
  await streaming
  expect((await json(folder, 'verify')).code).toBe(0)
})
