import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ListLettersResult, StatusResult, VerifyResult } from '../../src/pipeline/results.ts'
import type { FactName } from '../../src/tables/index.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Cloud, makeCloud } from './cloud.ts'
import { ATTEMPTS, SHORT_PULLS } from './delivery-policy.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

const SUBSCRIPTION = { RETAIL_INGEST: 'subscription' }

/**
 * What Pub/Sub does with an event that BigQuery never takes: it delivers it as often as terraform/ says, then moves it to the
 * dead-letter topic. Nothing else brings the event to raw.
 */
async function reject(cloud: Cloud, subscriptions: { bigquery: string; load: string }): Promise<string> {
  const puller = cloud.subscriber()
  const name = (subscription: string) => `projects/${cloud.pubsub.projectId}/subscriptions/${subscription}`
  const pull = async (subscription: string, maxMessages: number) =>
    (await puller.pull({ subscription: name(subscription), maxMessages }, { timeout: 10_000, retry: null }))[0]
      .receivedMessages ?? []
  const [first] = await pull(subscriptions.load, 1)
  await puller.acknowledge({ subscription: name(subscriptions.load), ackIds: [first.ackId!] })
  const id = first.message?.attributes?.id ?? ''
  for (let attempts = 0; attempts < ATTEMPTS; ) {
    const received = await pull(subscriptions.bigquery, 1_000)
    const ackIds = received.filter(({ message }) => message?.attributes?.id === id).map(({ ackId }) => ackId!)
    if (ackIds.length === 0) continue
    await puller.modifyAckDeadline({ subscription: name(subscriptions.bigquery), ackIds, ackDeadlineSeconds: 0 })
    attempts++
  }
  // The emulator moves it when somebody asks for messages again.
  await pull(subscriptions.bigquery, 1)
  await puller.close()
  return id
}

// The emulator's BigQuery subscriptions write nothing, so a loader beside the workspace does what Pub/Sub would.
test('with a BigQuery subscription there is no load, an event that it rejects can be replayed, and everything else works as before', async () => {
  const cloud = await makeCloud(peers, { stores: 6, products: 40, lines: 30, to: '2024-01-10' })
  const run = (line: string) => cloud.retail(line, SUBSCRIPTION)
  const status = () => cloud.json<StatusResult>('status', SUBSCRIPTION)
  const step = async (name: string) => (await status()).steps.find((one) => one.step === name)
  const { names, pubsub } = cloud
  const written = (fact: FactName) => names.subscriptions[fact].replace(/-load$/, '-bigquery')
  const create = async (fact: FactName) => {
    const deadLetterTopic = `projects/${pubsub.projectId}/topics/${names.deadLetter}`
    const deadLetterPolicy = { deadLetterTopic, maxDeliveryAttempts: ATTEMPTS }
    await pubsub.createSubscription(names.topics[fact], written(fact), { ackDeadlineSeconds: 600, deadLetterPolicy })
  }
  await create('transactions')
  for (const line of ['seed-dims', 'backfill', 'transform']) expect(await run(line)).toMatchObject({ code: 0 })
  // The other one is missing, and what it would have delivered with it.
  expect(await status()).toMatchObject({ ready: false, lostSubscriptions: [written('inventories')] })
  expect((await run('status')).stdout).toMatch(/lost .*-inventories-bigquery: deleted[\s\S]*Next: +retail infra apply/)
  await create('inventories')
  expect(await run('stream --speed max --until 2024-01-13')).toMatchObject({ code: 0 })

  const { stdout } = await run('load --dry-run')
  expect(stdout).toContain('a BigQuery subscription loads the events')
  expect(await step('load')).toMatchObject({ state: 'not needed', detail: expect.stringContaining('subscription') })
  expect(await step('transform')).toMatchObject({ state: 'stale' })
  const early = await cloud.json<VerifyResult>('verify', SUBSCRIPTION)
  expect(early).toMatchObject({
    code: 6,
    differences: [{ check: 'delivery', found: expect.stringContaining('Pub/Sub writes them') }],
  })

  const rejected = await reject(cloud, { bigquery: written('transactions'), load: names.subscriptions.transactions })
  expect(await cloud.retail('load', SHORT_PULLS)).toMatchObject({ code: 5 })
  // That loader has moved it from the dead-letter topic; here, a load has nothing else to do.
  expect(await run('load')).toMatchObject({ code: 0 })
  const listed = await cloud.json<ListLettersResult>('dead-letters', SUBSCRIPTION)
  const reason = expect.stringContaining(
    `gave up after ${ATTEMPTS} attempts to deliver it to ${written('transactions')}`,
  )
  expect(listed.letters).toMatchObject([{ table: 'transactions', event: { id: rejected }, reason, state: 'open' }])
  const short = await cloud.json<VerifyResult>('verify', SUBSCRIPTION)
  const none = { transactions: 0, inventories: 0 }
  expect(short).toMatchObject({
    ...{ code: 6, openLetters: 1 },
    delivery: { shortage: { missing: none, deadLettered: { ...none, transactions: 1 } } },
  })
  for (const { published, delivered, deadLettered, missing } of short.delivery?.rows ?? [])
    expect(published).toBe(delivered + deadLettered + missing)
  expect((await run('status')).stdout).toMatch(/dead letters +1 dead letter is open/)

  expect(await cloud.json('dead-letters replay --all', SUBSCRIPTION)).toMatchObject({
    code: 0,
    replayed: { transactions: 1 },
  })
  expect(await cloud.retail('load')).toMatchObject({ code: 0 })
  for (const line of ['transform', 'verify']) expect(await run(line)).toMatchObject({ code: 0 })
  expect(await status()).toMatchObject({ openLetters: [] })
  expect(await step('transform')).toMatchObject({
    state: 'done',
    detail: expect.stringContaining('2024-01-13T00:00:00Z'),
  })
})
