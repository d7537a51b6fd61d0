import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { json, retail, start, workspace } from './tool.ts'

interface Streamed {
  batches: number
  from: string
  to: string
}

test('a stream continues while others transform, verify, and read; nobody waits for anybody', async () => {
  const folder = workspace({ stores: 40, products: 150, lines: 60, to: '2024-01-31' })
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const streaming = start(folder, 'stream --speed 600 --duration 10m --json')
  let ticks = 0
  const ticked = new Promise<void>((resolve) => streaming.stdout!.on('data', () => ++ticks === 2 && resolve()))
  await ticked
  const [transformed, first, status] = await Promise.all([
    retail(folder, 'transform'),
    json<{ ok: boolean }>(folder, 'verify'),
    json<{ steps: { step: string; state: string }[] }>(folder, 'status'),
  ])
  expect(transformed.code, transformed.stderr).toBe(0)
  expect(first).toMatchObject({ code: 0, ok: true })
  expect(status.steps).toContainEqual(expect.objectContaining({ step: 'stream', state: 'running' }))
  // Marts that were built while it ran, against a raw that has gone on since.
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
  streaming.kill('SIGINT')
  const { code, stdout } = await streaming.ended
  expect(code).toBe(130)
  const result = JSON.parse(stdout.trim().split('\n').pop()!) as Streamed
  expect(result.batches).toBeGreaterThan(3)

  const again = await json<Streamed>(folder, 'stream --speed 600 --duration 1s')
  expect(again.from).toBe(result.to)
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
})

test('a client that has the database open for writing stops nobody, and nobody stops it', async () => {
  const folder = workspace({ stores: 10, products: 50, lines: 20, to: '2024-01-15' })
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const client = await DuckDBInstance.create(path.join(folder, 'retail.duckdb'))
  const connection = await client.connect()
  const count = async () => (await connection.runAndReadAll('SELECT count(*) FROM raw.transactions')).getRows()[0][0]
  const before = await count()
  for (const line of ['status', 'verify', 'stream --speed max --max-events 500', 'transform', 'verify', 'status']) {
    const { code, stderr } = await retail(folder, line)
    expect([line, code], stderr).toEqual([line, 0])
  }
  // It keeps the data that it opened, although there were two publishes since.
  expect(await count()).toBe(before)
  connection.closeSync()
  client.closeSync()
})
