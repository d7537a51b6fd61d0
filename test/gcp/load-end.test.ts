import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadResult, StatusResult, StreamResult } from '../../src/pipeline/results.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Cloud, makeCloud } from './cloud.ts'
import { SHORT_PULLS } from './delivery-policy.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

async function streamed(): Promise<{ cloud: Cloud; rows: StreamResult['rows'] }> {
  const cloud = await makeCloud(peers, { stores: 12, lines: 40, to: '2024-01-10' })
  for (const line of ['seed-dims', 'backfill']) expect(await cloud.retail(line)).toMatchObject({ code: 0 })
  const { rows } = await cloud.json<StreamResult>('stream --speed max --until 2024-01-13')
  return { cloud, rows }
}

const ids = async (cloud: Cloud) =>
  (
    await cloud.query<{ n: number }>(
      "SELECT COUNT(DISTINCT transaction_id) AS n FROM raw.transactions WHERE `timestamp` >= TIMESTAMP '2024-01-11 00:00:00+00'",
    )
  )[0].n

test('after a loader was killed, load waits for its messages, and ends when every event has arrived', async () => {
  const { cloud, rows } = await streamed()
  const dying = cloud.start('load --follow --json')
  // The first line: messages were received, and no batch is committed yet.
  await new Promise((resolve) => dying.stdout!.once('data', resolve))
  dying.kill('SIGKILL')
  await dying.ended
  const before = await ids(cloud)
  expect(before).toBeLessThan(rows.transactions)
  const loaded = await cloud.json<LoadResult>('load --idle 3s')
  expect(loaded).toMatchObject({ code: 0, stoppedBy: 'idle' })
  expect(await ids(cloud)).toBe(rows.transactions)
  // Nothing is left to do, which it says at once.
  expect(await cloud.json<LoadResult>('load')).toMatchObject({ code: 0, stoppedBy: 'delivered' })
  const { steps } = await cloud.json<StatusResult>('status')
  expect(steps.find(({ step }) => step === 'load')).toMatchObject({ state: 'done' })
})

test('events that never come are named, with exit code 5 and the command that publishes them again', async () => {
  const { cloud } = await streamed()
  expect(await cloud.retail('load', SHORT_PULLS)).toMatchObject({ code: 0 })
  await cloud.query("DELETE FROM raw.transactions WHERE transaction_id = 'T240112-0003-000001'")
  const { code, stdout } = await cloud.retail('load --timeout 5s', SHORT_PULLS)
  expect([code, stdout]).toEqual([5, expect.stringContaining('1 of transactions, published from 2024-01-1')])
  const { steps } = await cloud.json<StatusResult>('status')
  expect(steps.find(({ step }) => step === 'load')).toMatchObject({ state: 'partial' })
  const again = /retail (stream --speed max --resend-from \S+ --until \S+)/.exec(stdout)?.[1] ?? ''
  for (const line of [again, 'load']) expect(await cloud.retail(line, SHORT_PULLS)).toMatchObject({ code: 0 })

  // Pub/Sub gives up on an event: waiting does not help, which load says at once.
  const id = 'T240112-0003-000002'
  const [event] = await cloud.query<{ json: string }>(
    `SELECT TO_JSON_STRING(STRUCT(transaction_id, product_id, FORMAT_TIMESTAMP('%Y-%m-%dT%H:%M:%SZ', \`timestamp\`) AS \`timestamp\`, quantity, FORMAT('%.2f', unit_price) AS unit_price, store_id)) AS json FROM raw.transactions WHERE transaction_id = '${id}' LIMIT 1`,
  )
  await cloud.query(`DELETE FROM raw.transactions WHERE transaction_id = '${id}'`)
  const { world } = await cloud.json<StatusResult>('status')
  await cloud.pubsub
    .topic(cloud.names.deadLetter)
    .publishMessage({ data: Buffer.from(event.json), attributes: { id, world, table: 'transactions' } })
  const dead = await cloud.retail('load', SHORT_PULLS)
  expect([dead.code, dead.stdout]).toEqual([5, expect.stringContaining('1 of transactions (a dead letter)')])
  expect(dead.stdout).toContain('retail dead-letters replay --all')
  for (const line of ['dead-letters replay --all', 'load'])
    expect(await cloud.retail(line, SHORT_PULLS)).toMatchObject({ code: 0 })
})
