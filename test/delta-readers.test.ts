import { rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openPorts } from '../src/adapters/open.ts'
import { loadConfig } from '../src/config/load.ts'
import { stream } from '../src/pipeline/stream.ts'
import { openReaders, rawDigests } from './readers/delta.ts'
import { json, retail, start, workspace } from './tool.ts'

test('delta-rs, Polars, and Spark read the rows of raw after every step of a life, and each once while a stream rolls', async () => {
  const read = await openReaders(true)
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
    const expected = await rawDigests(folder)
    for (const [table, seen] of Object.entries(await read.lake(lake)))
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
    const [rs, polars] = await read.table(path.join(lake, 'transactions'))
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
