import { describe, expect, test } from 'vitest'
import type { Fault, FaultProxy } from '../peers/fault-proxy.ts'
import { faultyCloud, ok } from './faulty-cloud.ts'

const { faults, openShop, withHistory } = faultyCloud()

/** One after the other, each this many times. */
function plant(proxy: FaultProxy, match: RegExp, ...planted: (readonly [Fault, number?])[]): void {
  for (const [fault, times = 1] of planted) proxy.fault(match, fault, times)
}

const UNAVAILABLE = { status: 14 }
const EXHAUSTED = { status: 8 }

describe('what passes by itself is waited for, and nothing is lost or doubled', () => {
  test('while history is made: Cloud Storage and BigQuery', async () => {
    const shop = await openShop()
    plant(faults.storage, /^(POST|PUT)/, [{ status: 503 }, 2], ['lost'], ['reset'], [{ status: 429 }], ['hang'])
    plant(faults.storage, /^GET/, [{ status: 500 }], ['reset'])
    plant(faults.bigquery, /^POST .*\/jobs/, [{ status: 503 }], ['lost', 2], ['reset'], ['hang'])
    plant(faults.bigquery, /^GET .*\/jobs\//, [{ status: 429, reason: 'rateLimitExceeded' }], ['reset'], ['hang'])
    for (const line of ['seed-dims', 'backfill']) await ok(shop.through(line))
    expect(faults.storage.count(/^(POST|PUT)/)).toBeGreaterThan(7)
    // It counts rows of every day, so that a month that was loaded twice would be found.
    await ok(shop.retail('verify'))
  })

  test('while events go out and come in: Pub/Sub, and a commit whose answer is lost', async () => {
    const shop = await withHistory()
    const { pubsub, writes } = faults
    plant(pubsub, /Publish$/, [UNAVAILABLE, 2], ['lost'], ['reset'], [EXHAUSTED], [{ slowMs: 300 }])
    await ok(shop.through('stream --speed max --until 2024-01-13'))
    plant(pubsub, /Pull$/, [UNAVAILABLE, 2], ['reset'], ['lost'], [{ slowMs: 300 }])
    plant(pubsub, /Acknowledge$/, ['lost'], [UNAVAILABLE])
    plant(writes, /BatchCommitWriteStreams$/, ['lost', 2], [UNAVAILABLE])
    plant(writes, /CreateWriteStream$/, [EXHAUSTED, 2])
    await ok(shop.through('load'))
    expect(writes.count(/BatchCommitWriteStreams$/)).toBeGreaterThan(3)
    await ok(shop.retail('transform'))
    await ok(shop.retail('verify'))
    const [staged] = await shop.query<{ n: number; ids: number }>(
      'SELECT COUNT(*) AS n, COUNT(DISTINCT transaction_id) AS ids FROM staging.stg_transactions',
    )
    expect(staged.n).toBe(staged.ids)
  })
})
