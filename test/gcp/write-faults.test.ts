import { protos } from '@google-cloud/bigquery-storage'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { cloudOf } from '../../src/adapters/gcp/clients.ts'
import { writeAppender } from '../../src/adapters/gcp/write-appender.ts'
import type { AppendRow } from '../../src/ports/index.ts'
import { type Fault, type FaultProxy, faultProxy } from '../peers/fault-proxy.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Cloud, makeCloud } from './cloud.ts'

/** A minute takes five seconds here: a call that the emulator answers takes less, also beside other tests. */
const HASTE = 12
/** Where every call fails. */
const GREAT_HASTE = 300
const LOADER_MINUTES = 15
/** More than one call appends. */
const LARGE = 7_000

let peers: Peers
let cloud: Cloud
let writes: FaultProxy
let next = 0

beforeAll(async () => {
  peers = await startPeers()
  cloud = await makeCloud(peers, { stores: 3, to: '2024-01-05' }, true)
  writes = await faultProxy('grpc', `http://${peers.env.RETAIL_BIGQUERY_STORAGE_ENDPOINT}`)
})
afterAll(async () => {
  await writes?.stop()
  await peers?.stop()
})
afterEach(() => writes.heal())

async function openAppender(haste = HASTE) {
  vi.stubEnv('RETAIL_EMULATOR_HASTE', String(haste))
  const { config, env } = cloud
  const appender = await writeAppender(
    cloudOf(config, { ...env, RETAIL_BIGQUERY_STORAGE_ENDPOINT: writes.address }),
    'strict',
  )
  onTestFinished(async () => {
    await appender[Symbol.asyncDispose]()
    vi.unstubAllEnvs()
  })
  const signal = new AbortController().signal
  return (rows: readonly AppendRow[]) => appender.append('transactions', rows, signal)
}

/** Rows of a batch of their own, told apart by the store. */
function batch(count: number): { store: string; rows: AppendRow[] } {
  const store = `S${++next}`
  const rows = Array.from({ length: count }, (_, i) => ({
    ...{ transaction_id: `${store}-${i}`, product_id: 'P', timestamp: Date.UTC(2024, 0, 11) * 1000 },
    ...{ quantity: -1 - (i % 3), unit_price: '1.25', store_id: store },
  }))
  return { store, rows }
}

const found = (store: string) =>
  cloud.query<{ n: number; ids: number }>(
    `SELECT COUNT(*) AS n, COUNT(DISTINCT transaction_id) AS ids FROM raw.transactions WHERE store_id = '${store}'`,
  )

const CANCELLED = 1
const UNKNOWN = 2
const EXHAUSTED = 8
const ABORTED = 10
const INTERNAL = 13
const UNAVAILABLE = 14
const METHODS = ['CreateWriteStream', 'AppendRows', 'FinalizeWriteStream', 'BatchCommitWriteStreams']
const FAULTS: Fault[] = [
  ...(['reset', 'hang', 'lost'] as const),
  ...[CANCELLED, UNKNOWN, EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE].map((status) => ({ status })),
]

describe.each(METHODS)('%s', (method) => {
  test.each(FAULTS)('%j twice: every row is in raw once', async (fault) => {
    const append = await openAppender()
    const { store, rows } = batch(method === 'AppendRows' ? LARGE : 10)
    writes.fault(new RegExp(method), fault, 2)
    expect(await append(rows)).toEqual(new Map())
    expect(await found(store)).toEqual([{ n: rows.length, ids: rows.length }])
    // Also what comes after it, by the same client.
    const more = batch(10)
    expect(await append(more.rows)).toEqual(new Map())
    expect(await found(more.store)).toEqual([{ n: 10, ids: 10 }])
  })

  test.each(['hang', { status: EXHAUSTED }] satisfies Fault[])(
    '%j forever: few retries, then the reason, and nothing is in raw',
    async (fault) => {
      const append = await openAppender(GREAT_HASTE)
      const { store, rows } = batch(10)
      writes.fault(new RegExp(method), fault)
      const before = writes.count(new RegExp(method))
      await expect(append(rows)).rejects.toMatchObject({
        code: 'failed',
        message: expect.stringContaining('did not answer'),
      })
      const calls = writes.count(new RegExp(method)) - before
      expect(calls).toBeGreaterThan(4)
      // By doubling waits to about one a minute.
      expect(calls).toBeLessThan(3 * LOADER_MINUTES)
      expect(await found(store)).toEqual([{ n: 0, ids: 0 }])
    },
  )
})

test.each([
  [{ status: 7, reason: 'denied' }, 'cloud_denied'],
  [{ status: 16, reason: 'token expired' }, 'cloud_denied'],
  [{ status: 5, reason: 'no such table' }, 'missing'],
  [{ status: 3, reason: 'wrong' }, 'failed'],
])('%j is told at once, and asked once', async (fault, code) => {
  for (const method of METHODS.slice(0, 2)) {
    const append = await openAppender()
    writes.heal()
    writes.fault(new RegExp(method), fault)
    const before = writes.count(new RegExp(method))
    await expect(append(batch(10).rows)).rejects.toMatchObject({ code })
    expect(writes.count(new RegExp(method)) - before).toBe(1)
  }
})

/** "If an append fails because of some of its rows, none of them is appended" (AppendRowsResponse.row_errors). */
test('rows that BigQuery rejects are named with its reason, and all others of the batch arrive, once', async () => {
  const { AppendRowsResponse } = protos.google.cloud.bigquery.storage.v1
  const append = await openAppender()
  const { store, rows } = batch(10)
  const rejected = (...at: number[]) =>
    AppendRowsResponse.encode({
      error: {
        code: 3,
        message: 'Errors found while processing rows. Please refer to the row_errors field for details.',
      },
      rowErrors: at.map((index) => ({ index, code: 1, message: `The field quantity of row ${index} is wrong` })),
    }).finish()
  // It checks what is left again, and finds another one.
  writes.fault(/AppendRows/, { answer: rejected(3, 7) }, 1)
  writes.fault(/AppendRows/, { answer: rejected(0) }, 1)
  expect(await append(rows)).toEqual(
    new Map([
      [3, 'The field quantity of row 3 is wrong'],
      [7, 'The field quantity of row 7 is wrong'],
      [0, 'The field quantity of row 0 is wrong'],
    ]),
  )
  expect(await found(store)).toEqual([{ n: 7, ids: 7 }])
})
