import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StatusResult, VerifyResult } from '../../src/pipeline/results.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { makeCloud } from './cloud.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

const SUBSCRIPTION = { RETAIL_INGEST: 'subscription' }

// The emulator's BigQuery subscriptions write nothing, so a loader beside the workspace does what Pub/Sub would.
test('with a BigQuery subscription there is no load, and everything else works as before', async () => {
  const cloud = await makeCloud(peers, { stores: 6, products: 40, lines: 30, to: '2024-01-10' })
  const run = (line: string) => cloud.retail(line, SUBSCRIPTION)
  const step = async (name: string) => {
    const { steps } = await cloud.json<StatusResult>('status', SUBSCRIPTION)
    return steps.find((one) => one.step === name)
  }
  for (const line of ['seed-dims', 'backfill', 'transform', 'stream --speed max --until 2024-01-13'])
    expect(await run(line)).toMatchObject({ code: 0 })

  for (const line of ['load', 'load --dry-run']) {
    const { code, stdout } = await run(line)
    expect([code, stdout]).toEqual([0, expect.stringContaining('a BigQuery subscription loads the events')])
  }
  expect(await step('load')).toMatchObject({ state: 'not needed', detail: expect.stringContaining('subscription') })
  expect(await step('transform')).toMatchObject({ state: 'stale' })
  const early = await cloud.json<VerifyResult>('verify', SUBSCRIPTION)
  expect(early).toMatchObject({
    code: 6,
    differences: [{ check: 'delivery', found: expect.stringContaining('Pub/Sub writes them') }],
  })

  expect(await cloud.retail('load')).toMatchObject({ code: 0 })
  for (const line of ['transform', 'verify']) expect(await run(line)).toMatchObject({ code: 0 })
  expect(await step('transform')).toMatchObject({
    state: 'done',
    detail: expect.stringContaining('2024-01-13T00:00:00Z'),
  })
})
