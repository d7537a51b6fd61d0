import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Position } from '../../src/ports/index.ts'
import { faultyCloud, ok } from './faulty-cloud.ts'

const { faults, withHistory } = faultyCloud()

/** "Container runtime contract" of Cloud Run: SIGTERM, and SIGKILL ten seconds later. */
const GRACE_MS = 10_000

type Shop = Awaited<ReturnType<typeof withHistory>>
type Process = ReturnType<Shop['start']>

/** Ends it as Cloud Run does; whether it had to be killed. */
async function stopAsCloudRun(child: Process): Promise<{ killed: boolean; code: number | null; stderr: string }> {
  child.kill('SIGTERM')
  const patience = new AbortController()
  const late = sleep(GRACE_MS, 'late' as const, { signal: patience.signal }).catch(() => 'ended' as const)
  const killed = (await Promise.race([child.ended, late])) === 'late'
  patience.abort()
  if (killed) child.kill('SIGKILL')
  const { code, stderr } = await child.ended
  return { killed, code, stderr }
}

async function positionOf(shop: Shop): Promise<Position> {
  const [bytes] = await shop.storage.bucket(shop.names.bucket).file('state/position.json').download()
  return JSON.parse(`${bytes}`) as Position
}

/** Resolves when the stream has published this often since it began. */
const published = (times: number) =>
  expect.poll(() => faults.pubsub.count(/Publish$/), { timeout: 30_000, interval: 20 }).toBeGreaterThan(times)

/** The messages that Pub/Sub has accepted so far: what `load` brings into BigQuery, by whether they are before an instant. */
async function accepted(shop: Shop, { position }: Position) {
  await ok(shop.retail('load'))
  const from = (table: string, id: string) =>
    `SELECT '${table}' AS fact, UNIX_SECONDS(timestamp) >= ${position} AS beyond, ${id} AS id FROM raw.${table} WHERE timestamp >= '2024-01-11'`
  const rows = await shop.query<{ fact: string; beyond: boolean; n: number; ids: number }>(
    `SELECT fact, beyond, COUNT(*) AS n, COUNT(DISTINCT id) AS ids FROM (
       ${from('transactions', 'transaction_id')} UNION ALL ${from('inventories', 'inventory_id')}) GROUP BY fact, beyond`,
  )
  const sum = (of: 'n' | 'ids') =>
    rows.filter(({ beyond }) => !beyond).reduce((total, row) => total + Number(row[of]), 0)
  return { rows: sum('n'), ids: sum('ids'), factsBeyond: rows.filter(({ beyond }) => beyond).length }
}

const rowsAt = ({ checkpoints }: Position): number => {
  const { transactions = 0, inventories = 0 } = checkpoints.at(-1)?.rows ?? {}
  return transactions + inventories
}

describe('SIGTERM, and SIGKILL ten seconds later', () => {
  test('a stream knows exactly what Pub/Sub has, also if Pub/Sub hangs until it is killed; then it goes on', async () => {
    const shop = await withHistory()
    const begin = () => shop.start('stream --rate 200', faults.env)
    const calm = begin()
    await published(4)
    expect(await stopAsCloudRun(calm)).toMatchObject({ killed: false, code: 143 })
    const before = await positionOf(shop)

    const doomed = begin()
    await published(faults.pubsub.count(/Publish$/) + 4)
    // The next batch arrives nowhere.
    faults.pubsub.fault(/Publish$/, 'hang')
    await published(faults.pubsub.count(/Publish$/))
    expect(await stopAsCloudRun(doomed)).toMatchObject({ killed: true })
    faults.heal()
    const position = await positionOf(shop)
    expect(position.position).toBeGreaterThan(before.position)
    // A batch is published as two requests, one for each fact, and nobody knows what became of those on their way. Had it
    // saved less than was accepted, whole batches would lie beyond its position, and be published again.
    const { rows, ids, factsBeyond } = await accepted(shop, position)
    expect({ rows, ids }).toEqual({ rows: rowsAt(position), ids: rowsAt(position) })
    expect(factsBeyond).toBeLessThan(2)
    const until = new Date((position.position + 3600) * 1000).toISOString()
    await ok(shop.retail(`stream --speed max --until ${until.slice(0, 19)}Z`))
    const resumed = await positionOf(shop)
    expect((await accepted(shop, resumed)).ids).toBe(rowsAt(resumed))
  })

  test('a load ends in time: what it took is in BigQuery, and the next one finds the rest', async () => {
    const shop = await withHistory()
    await ok(shop.retail('stream --speed max --until 2024-01-12'))
    const child = shop.start('load --follow', faults.env)
    await expect
      .poll(() => faults.writes.count(/BatchCommitWriteStreams$/), { timeout: 30_000, interval: 20 })
      .toBeGreaterThan(0)
    expect(await stopAsCloudRun(child)).toMatchObject({ killed: false, code: 143 })
    const position = await positionOf(shop)
    expect(await accepted(shop, position)).toEqual({
      ...{ rows: rowsAt(position), ids: rowsAt(position) },
      factsBeyond: 0,
    })
  })

  test('a follower that BigQuery does not answer says so, and ends in time; the next one finds everything', async () => {
    const shop = await withHistory()
    await ok(shop.retail('stream --speed max --until 2024-01-11T06:00:00Z'))
    faults.writes.fault(/CreateWriteStream$/, { status: 14, reason: 'planted outage' })
    const child = shop.start('load --follow', faults.env)
    let told = ''
    child.stderr?.on('data', (chunk) => (told += chunk))
    await expect.poll(() => told, { timeout: 60_000, interval: 50 }).toContain('planted outage')
    expect(await stopAsCloudRun(child)).toMatchObject({
      ...{ killed: false, code: 143 },
      stderr: expect.stringContaining('No event is lost'),
    })
    faults.heal()
    const position = await positionOf(shop)
    expect((await accepted(shop, position)).ids).toBe(rowsAt(position))
  })
})
