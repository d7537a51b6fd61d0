import { setTimeout as sleep } from 'node:timers/promises'
import type { Message } from '@google-cloud/pubsub'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { keyedRng } from '../../src/random/rng.ts'
import { type FaultProxy, faultProxy } from '../peers/fault-proxy.ts'
import { type OwnPeers, startOwnPeers } from '../peers/peers.ts'
import { retail, start } from '../tool.ts'
import { type Cloud, makeCloud } from './cloud.ts'

/** RETAIL_CHAOS_SEED picks the moments; it is printed when something is wrong. */
const SEED = Number(process.env.RETAIL_CHAOS_SEED ?? 1)
const SHARDS = 8
/** `make soak OF=gcp` spreads this many over all commands. Without it, there are as many as a run of all tests can afford. */
const KILLS = process.env.RETAIL_CHAOS_KILLS === undefined ? undefined : Number(process.env.RETAIL_CHAOS_KILLS)
const share = (part: number, few: number) => (KILLS === undefined ? few : Math.round(KILLS * part))
const BACKFILL_KILLS = share(0.3, 8)
const STREAM_KILLS = share(0.3, 8)
const LOAD_KILLS = share(0.2, 7)
/** Of the commands that test/gcp/marts.test.ts kills after every job. */
const OTHER_KILLS = share(0.2, 0)
const ALL_KILLS = BACKFILL_KILLS + STREAM_KILLS + LOAD_KILLS + OTHER_KILLS
const OTHERS: [line: string, least: number, most: number][] = [
  ['transform', 1_000, 30_000],
  ['transform --full-refresh', 1_000, 30_000],
  ['verify', 500, 8_000],
  ['seed-dims', 300, 2_500],
  ['dead-letters list', 300, 2_500],
]
const DOUBLED = 0.3

const rng = keyedRng(SEED, 0, 0)
const within = (least: number, most: number) => least + rng.below(most - least)
/** Waits of a minute take six seconds, which a call may take on a busy machine. */
const HASTE = { RETAIL_EMULATOR_HASTE: '10' }

let peers: OwnPeers
let writes: FaultProxy
beforeAll(async () => {
  peers = await startOwnPeers()
  writes = await faultProxy('grpc', `http://${peers.env.RETAIL_BIGQUERY_STORAGE_ENDPOINT}`)
})
afterAll(async () => {
  await writes?.stop()
  await peers?.stop()
})

/** Runs a command, and ends it by SIGKILL after a while; true when that came in time. */
async function killed(folder: string, line: string, env: Record<string, string>, ms: number): Promise<boolean> {
  const child = start(folder, line, env)
  const timer = setTimeout(() => child.kill('SIGKILL'), ms)
  const { code, signal, stderr } = await child.ended
  clearTimeout(timer)
  if (signal !== 'SIGKILL') expect(code, `seed ${SEED}: retail ${line}\n${stderr}`).toBe(0)
  return signal === 'SIGKILL'
}

/** Publishes some of all messages a second time, and hands some that were to be loaded back. */
function disturb(cloud: Cloud): { stop(): Promise<void> } {
  const { pubsub, names } = cloud
  const puller = cloud.subscriber()
  const ending = new AbortController()
  const publishing = new Set<Promise<unknown>>()
  const doubling = Object.values(names.topics).map(async (name) => {
    const topic = pubsub.topic(name)
    const shadow = `${name}-shadow`
    await topic.createSubscription(shadow)
    const subscription = pubsub.subscription(shadow)
    subscription.on('error', () => {})
    subscription.on('message', (message: Message) => {
      const { data, attributes } = message
      // What was published twice is not doubled once more.
      if (attributes.again === undefined && Math.random() < DOUBLED) {
        const sent: Promise<unknown> = topic
          .publishMessage({ data, attributes: { ...attributes, again: 'yes' } })
          .catch(() => {})
          .finally(() => publishing.delete(sent))
        publishing.add(sent)
      }
      message.ack()
    })
    return subscription
  })
  const handingBack = (async () => {
    while (!ending.signal.aborted) {
      for (const name of Object.values(names.subscriptions)) {
        const subscription = `projects/${pubsub.projectId}/subscriptions/${name}`
        const [{ receivedMessages }] = await puller
          .pull({ subscription, maxMessages: 300 }, { timeout: 500, retry: null })
          .catch(() => [{ receivedMessages: [] }])
        const ackIds = (receivedMessages ?? []).map(({ ackId }) => String(ackId))
        if (ackIds.length > 0)
          await puller.modifyAckDeadline({ subscription, ackIds, ackDeadlineSeconds: 0 }).catch(() => {})
      }
      await sleep(200)
    }
  })()
  return {
    async stop() {
      ending.abort()
      await handingBack
      for (const subscription of await Promise.all(doubling)) await subscription.close().catch(() => {})
      await Promise.all(publishing)
      await puller.close()
    },
  }
}

/** Lines of sales in each mart that has them. */
const LINES = `SELECT (SELECT SUM(lines) FROM marts.daily_sales) AS days, (SELECT SUM(lines) FROM marts.monthly_sales) AS months,
  (SELECT COUNT(*) FROM marts.mv_retail_transactions) AS sales`

const PATIENCE_MS = 600_000 + ALL_KILLS * 15_000

test(`every event is in staging once after ${ALL_KILLS} kills and three of emulators`, {
  timeout: PATIENCE_MS,
}, async () => {
  const began = performance.now()
  const cloud = await makeCloud(peers, { stores: 64, products: 60, lines: 12, to: '2024-02-10' })
  const env = { ...cloud.env, ...HASTE }
  const ok = async (folder: string, line: string) => {
    const { code, stderr, stdout } = await retail(folder, line, env)
    expect(code, `seed ${SEED}: retail ${line}\n${stderr}\n${stdout}`).toBe(0)
  }
  await ok(cloud.folder, 'seed-dims')

  const machines = Array.from({ length: SHARDS }, () => cloud.another())
  let kills = 0
  for (let round = 0; kills < BACKFILL_KILLS; round++) {
    const all = machines.map((folder, i) => {
      const line = `backfill --shard ${i + 1}/${SHARDS} --workers 1`
      return rng.below(2) === 0 ? killed(folder, line, env, within(1_000, 6_000)) : killed(folder, line, env, 120_000)
    })
    // Storage goes away while parts are on their way, and comes back with what it had.
    if (round === 0) {
      await sleep(2_000)
      await peers.kill('storage')
      await sleep(500)
      await peers.start('storage')
    }
    kills += (await Promise.all(all)).filter(Boolean).length
    if (round > BACKFILL_KILLS) break
  }
  expect(kills).toBeGreaterThan(BACKFILL_KILLS / 2)
  await Promise.all(machines.map((folder, i) => ok(folder, `backfill --shard ${i + 1}/${SHARDS} --workers 1`)))

  const [first, second, streamer] = machines
  let loadKills = 0
  const loading = new AbortController()
  const loader = async (folder: string) => {
    while (!loading.signal.aborted) {
      const child = start(folder, 'load --follow', { ...env, RETAIL_BIGQUERY_STORAGE_ENDPOINT: writes.address })
      const end = () => child.kill(loading.signal.aborted ? 'SIGINT' : 'SIGKILL')
      const timer = setTimeout(end, loadKills < LOAD_KILLS ? within(4_000, 9_000) : 600_000)
      loading.signal.addEventListener('abort', end, { once: true })
      const { signal, code, stderr } = await child.ended
      clearTimeout(timer)
      loading.signal.removeEventListener('abort', end)
      if (signal === 'SIGKILL') loadKills++
      // 130: asked to stop. A follower waits out every other trouble of this test.
      else if (code !== 0 && code !== 130)
        throw new Error(`seed ${SEED}: load --follow ended with ${code ?? signal}:\n${stderr.slice(-2000)}`)
    }
  }
  // Commits take long, so that most kills come before one is known of.
  writes.fault(/CreateWriteStream$|BatchCommitWriteStreams$/, { slowMs: 500 })
  const trouble = disturb(cloud)
  const loaders = Promise.all([loader(first), loader(second)])
  // It is awaited below; a test that fails before that must not leave loaders behind for its retry.
  loaders.catch(() => {})
  onTestFinished(async () => {
    loading.abort()
    await Promise.allSettled([loaders, trouble.stop()])
  })
  let streamKills = 0
  for (let i = 0; streamKills < STREAM_KILLS && i < 4 * STREAM_KILLS; i++) {
    const pace = `stream --speed ${within(10_000, 50_000)}`
    if (await killed(streamer, pace, env, within(1_500, 3_500))) streamKills++
    // Ended in peace it keeps its position: these events are never published again, so whoever loses them is found out.
    await ok(streamer, `${pace} --duration 1s`)
    if (i === 8) {
      await peers.kill('storage')
      await peers.start('storage')
    }
  }
  expect(streamKills).toBeGreaterThan(STREAM_KILLS / 2)
  const enough = async () => {
    while (loadKills < LOAD_KILLS) await sleep(100)
  }
  await Promise.race([enough(), loaders])
  loading.abort()
  await loaders
  await trouble.stop()
  expect(writes.count(/BatchCommitWriteStreams$/)).toBeGreaterThan(LOAD_KILLS)

  await ok(first, 'load')
  await ok(first, 'verify')

  let otherKills = 0
  if (OTHER_KILLS > 0) await ok(first, 'transform')
  for (let i = 0; otherKills < OTHER_KILLS && i < 4 * OTHER_KILLS; i++) {
    await ok(streamer, 'stream --speed max --max-events 300')
    await ok(first, 'load')
    const [line, least, most] = OTHERS[rng.below(OTHERS.length)]
    if (await killed(first, line, env, within(least, most))) otherKills++
    const [{ days, months, sales }] = await cloud.query<Record<string, number>>(LINES)
    expect([months, sales], `seed ${SEED}: after a kill of ${line}`).toEqual([days, days])
  }

  // Pub/Sub forgets what nobody has loaded yet: that is named, with the command that sends it again.
  await ok(streamer, 'stream --speed max --max-events 400')
  await peers.kill('pubsub')
  await peers.start('pubsub')
  await cloud.makeTopics()
  await ok(streamer, 'stream --speed max --max-events 400')
  expect(await retail(first, 'load --timeout 20s', env)).toMatchObject({ code: 5 })
  const missing = await retail(first, 'verify', env)
  const again = /retail (stream --speed max --resend-from \S+ --until \S+)/.exec(missing.stdout + missing.stderr)
  expect([missing.code, again], `seed ${SEED}: ${missing.stdout}${missing.stderr}`).toEqual([6, expect.anything()])
  await ok(first, again?.[1] ?? '')
  await ok(first, 'load')
  await ok(first, 'transform')
  await ok(first, 'verify')
  for (const [table, id] of [
    ['transactions', 'transaction_id'],
    ['inventories', 'inventory_id'],
  ]) {
    const [raw, staged] = await Promise.all(
      ['raw.', 'staging.stg_'].map((of) =>
        cloud.query<{ n: number; ids: number }>(
          `SELECT COUNT(*) AS n, COUNT(DISTINCT ${id}) AS ids FROM ${of}${table}`,
        ),
      ),
    )
    expect(staged[0].n, table).toBe(staged[0].ids)
    expect(staged[0].ids, table).toBe(raw[0].ids)
    // The disturbance was real.
    expect(raw[0].n, table).toBeGreaterThan(raw[0].ids)
  }
  if (KILLS !== undefined)
    console.log(
      `| ${SEED} | ${kills} | ${streamKills} | ${loadKills} | ${otherKills} | 3 | ${Math.round((performance.now() - began) / 60_000)} |`,
    )
})
