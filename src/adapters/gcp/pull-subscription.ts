import { setTimeout as sleep } from 'node:timers/promises'
import type { protos, v1 } from '@google-cloud/pubsub'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { Delivery, Subscription } from '../../ports/index.ts'
import {
  callErrorOf,
  explainCloudError,
  isNotFound,
  isTransient,
  retrySite,
  scaledForEmulator,
  within,
} from './retry.ts'

type Received = protos.google.pubsub.v1.IReceivedMessage

type Call<T> = Promise<[T]> & { cancel(): void }

/**
 * Concurrent pull calls. Measured on the emulator: four give 24,000 messages/s; five streaming pulls give 6,000 to
 * 11,000.
 */
const PULLERS = 4
const PULL_MESSAGES = 1_000
/** Timeout of a pull call; if no message came, it starts again. */
const PULL_MS = 30_000
const CALL_MS = 30_000
/** If Pub/Sub is unavailable for this long, the loader stops. */
const PATIENCE_MS = 15 * 60_000
/** A request has at most 512 KiB, and an ack id about 200 bytes. */
const SETTLE_IDS = 1_000
const SETTLE_MS = 100
/** The subscription's own lease is at least ten seconds; most messages are settled before it needs an extension. */
const LEASE_SECONDS = 30
const RENEW_MS = 5_000
const LOOK_MS = 2_000
/** Pause between calls that return immediately without messages. */
const EMPTY_MS = 1_000
const CLOSE_MS = 10_000
/** gRPC status code. */
const DEADLINE_EXCEEDED = 4

/**
 * Reads messages with unary pulls instead of a streaming pull, so that each call has our timeout, retries, and count,
 * and never requests more messages than fit. A message counts as held until Pub/Sub has confirmed its ack, so that acks
 * cannot pile up either.
 */
export function pullSubscription(
  client: InstanceType<typeof v1.SubscriberClient>,
  name: string,
  {
    doing,
    messages,
    pullers = PULLERS,
    onDelivery,
    onError,
  }: {
    doing: string
    messages: number
    pullers?: number
    onDelivery: (delivery: Delivery) => void
    onError: (error: unknown) => void
  },
): Subscription {
  const site = { pull: forever(), ack: forever(), lease: forever() }
  const closing = new AbortController()
  /** When to extend the lease of each ack id. */
  const held = new Map<string, number>()
  const settled = { ack: [] as string[], nack: [] as string[] }
  const sending = new Set<Promise<void>>()
  const pulling = new Set<Call<unknown>>()
  let [asked, renewing] = [0, false]
  const waiting: (() => void)[] = []
  let settling: NodeJS.Timeout | undefined
  const options = (ms: number) => ({ timeout: scaledForEmulator(ms), retry: null })

  async function pull(most: number): Promise<Received[]> {
    const started = performance.now()
    // The client's own method of this name returns a promise that cannot be canceled.
    await client.initialize()
    const request: protos.google.pubsub.v1.IPullRequest = { subscription: name, maxMessages: most }
    const call: Call<protos.google.pubsub.v1.IPullResponse> = client.innerApiCalls.pull(request, {
      ...options(PULL_MS),
      otherArgs: { headers: { 'x-goog-request-params': `subscription=${encodeURIComponent(name)}` } },
    })
    pulling.add(call)
    try {
      const [{ receivedMessages }] = await within(PULL_MS * 2, doing, call, PULL_MS * 1.5)
      return receivedMessages ?? []
    } catch (error) {
      // Our own timeout means that no message came. An earlier timeout is an ordinary failure.
      if (
        callErrorOf(error).code !== DEADLINE_EXCEEDED ||
        performance.now() - started < scaledForEmulator(PULL_MS) * 0.9
      )
        throw error
      return []
    } finally {
      pulling.delete(call)
    }
  }

  async function puller(): Promise<void> {
    while (!closing.signal.aborted) {
      const most = Math.min(PULL_MESSAGES, messages - held.size - asked)
      if (most <= 0) {
        await new Promise<void>((resolve) => waiting.push(resolve))
        continue
      }
      asked += most
      const received = await site.pull.run(() => pull(most), isTransient, closing.signal).finally(() => (asked -= most))
      for (const message of received) hand(message)
      if (received.length === 0) await sleep(scaledForEmulator(EMPTY_MS), undefined, { signal: closing.signal })
    }
  }

  function hand({ ackId, message }: Received): void {
    if (!ackId) return
    held.set(ackId, performance.now() + RENEW_MS)
    const settle = (as: 'ack' | 'nack') => () => {
      if (!held.has(ackId)) return
      settled[as].push(ackId)
      if (settled[as].length >= SETTLE_IDS) flush()
      else settling ??= setTimeout(flush, SETTLE_MS)
    }
    onDelivery({
      messageId: message?.messageId ?? '',
      data:
        typeof message?.data === 'string' ? Buffer.from(message.data, 'base64') : (message?.data ?? Buffer.alloc(0)),
      attributes: message?.attributes ?? {},
      ack: settle('ack'),
      nack: settle('nack'),
    })
  }

  function flush(): void {
    clearTimeout(settling)
    settling = undefined
    for (const as of ['ack', 'nack'] as const)
      while (settled[as].length > 0) send(as, settled[as].splice(0, SETTLE_IDS))
  }

  /** If this fails for good, the messages are delivered again: that is what at least once means. */
  function send(as: 'ack' | 'nack', ackIds: string[]): void {
    const request = { subscription: name, ackIds }
    const call = () =>
      as === 'ack'
        ? client.acknowledge(request, options(CALL_MS))
        : client.modifyAckDeadline({ ...request, ackDeadlineSeconds: 0 }, options(CALL_MS))
    const sent = site.ack
      .run(() => within(CALL_MS * 2, doing, call()), isTransient, closing.signal)
      // What is not acknowledged is delivered again.
      .catch(() => {})
      .then(() => {
        for (const id of ackIds) held.delete(id)
        sending.delete(sent)
        wakeAll()
      })
    sending.add(sent)
  }

  function wakeAll(): void {
    for (const wake of waiting.splice(0)) wake()
  }

  async function renew(): Promise<void> {
    if (renewing) return
    renewing = true
    const now = performance.now()
    const due = [...held].filter(([, at]) => at <= now).map(([id]) => id)
    try {
      for (let i = 0; i < due.length; i += SETTLE_IDS) {
        const ackIds = due.slice(i, i + SETTLE_IDS)
        const request = { subscription: name, ackIds, ackDeadlineSeconds: LEASE_SECONDS }
        const call = () => within(CALL_MS * 2, doing, client.modifyAckDeadline(request, options(CALL_MS)))
        await site.lease.run(call, isTransient, closing.signal)
        for (const id of ackIds) if (held.has(id)) held.set(id, performance.now() + (LEASE_SECONDS * 1000) / 2)
      }
    } catch {
      // In the worst case, they are delivered again.
    } finally {
      renewing = false
    }
  }

  const renewal = setInterval(() => void renew(), LOOK_MS)
  const pulls = Array.from({ length: pullers }, () =>
    puller().catch((error) => {
      if (closing.signal.aborted) return
      onError(isNotFound(error) ? lost(name, error) : explainCloudError(error, doing))
    }),
  )

  return {
    async close() {
      clearInterval(renewal)
      flush()
      closing.abort()
      for (const call of pulling) call.cancel()
      wakeAll()
      // Nothing is sent any more: a connection that does not close ends with the process, and nobody needs to know.
      await within(CLOSE_MS, 'closing a subscription', Promise.all([...pulls, ...sending]), CLOSE_MS).catch(() => {})
    },
  }
}

const lost = (name: string, cause: unknown) =>
  new RetailError('missing', `the subscription ${name.split('/').at(-1)} does not exist`, {
    why: 'Google keeps no messages for a subscription that was deleted: those that it had not delivered are gone',
    hint: advise`create it with ${retail('infra', 'apply')}; then ${retail('load')} names what is missing, and the command that publishes it again`,
    cause,
  })

const forever = () => retrySite('Pub/Sub', { patienceMs: PATIENCE_MS })
