import { describe, expect, test } from 'vitest'
import { type Fault, type FaultyPeers, mostWithin } from '../peers/fault-proxy.ts'
import { CALLS_A_MINUTE, faultyCloud, MINUTE_MS, ok } from './faulty-cloud.ts'

const { faults, openShop } = faultyCloud()

describe('what does not pass is told, with what to do, after few calls', () => {
  test.each<[string, keyof Pick<FaultyPeers, 'storage' | 'bigquery'>, Fault, number, string, RegExp?]>([
    // A worker thread uploads.
    ['Cloud Storage takes nothing', 'storage', { status: 503 }, 1, 'run the same command again', /^(POST|PUT) /],
    ['BigQuery throttles', 'bigquery', { status: 429, reason: 'rateLimitExceeded' }, 1, 'run the same command again'],
    ['BigQuery hangs', 'bigquery', 'hang', 1, 'run the same command again'],
    [
      'a token has expired',
      'storage',
      { status: 401, reason: 'authError' },
      4,
      'gcloud auth application-default login',
    ],
    ['a role is missing', 'bigquery', { status: 403, reason: 'accessDenied' }, 4, 'retail infra apply'],
    ['a quota is used up', 'bigquery', { status: 403, reason: 'quotaExceeded' }, 1, 'quotas page'],
  ])('%s', async (_name, server, fault, code, hint, match = /./) => {
    const shop = await openShop()
    faults[server].fault(match, fault)
    const from = faults[server].calls.length
    const run = await shop.through('backfill --workers 1')
    expect([run.code, run.stderr]).toEqual([code, expect.stringContaining(hint)])
    // It has retried for 15 s, so a person was told why, twice: after five seconds and after ten.
    if (server === 'storage' && code === 1)
      expect(run.stderr.match(/^warning: waiting for .*calls to Cloud Storage fail/gm)).toHaveLength(2)
    const calls = faults[server].calls.slice(from)
    expect(calls.length).toBeGreaterThan(0)
    expect(mostWithin({ ...faults[server], calls }, match, MINUTE_MS)).toBeLessThanOrEqual(CALLS_A_MINUTE)
    if (code === 4) expect(calls.length).toBeLessThan(8)
    faults.heal()
    for (const line of ['seed-dims', 'backfill', 'verify']) await ok(shop.retail(line))
  })

  test('an object with other bytes in place of a part: it is rebuilt, never loaded', async () => {
    const shop = await openShop()
    const part = shop.storage
      .bucket(shop.names.bucket)
      .file('lake/transactions/month=2024-01/block-000-through-10.parquet')
    await part.save(Buffer.from('not a part'))
    for (const line of ['seed-dims', 'backfill', 'verify']) await ok(shop.retail(line))
  })

  test('a dataset in another location, before anything is written', async () => {
    const shop = await openShop()
    faults.bigquery.fault(/^GET .*\/datasets\/\w+_raw\?|^GET .*\/datasets\/\w+_raw\/tables\/\w+/, {
      edit: (body) => JSON.stringify({ ...JSON.parse(body), location: 'europe-west4' }),
    })
    const jobs = () => faults.bigquery.count(/^POST .*\/jobs/)
    const before = jobs()
    const { code, stderr } = await shop.through('seed-dims')
    expect([code, stderr]).toEqual([2, expect.stringContaining('set location: europe-west4')])
    expect(jobs()).toBe(before)
  })
})
