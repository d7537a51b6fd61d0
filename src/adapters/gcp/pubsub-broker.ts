import type { Duration, PubSub, Topic } from '@google-cloud/pubsub'
import type { Storage } from '@google-cloud/storage'
import { RetailError } from '../../errors.ts'
import type { Broker, Position } from '../../ports/index.ts'
import type { FactName } from '../../tables/index.ts'
import { type Cloud, identityOf } from './clients.ts'
import { explainCloudError, within } from './retry.ts'
import { document } from './state.ts'

/** Pub/Sub refuses a request over 10 MB (its emulator hangs): far below it. */
const BATCH_BYTES = 4_000_000
const BATCH_MESSAGES = 1_000
const OUTSTANDING_MESSAGES = 20_000
const OUTSTANDING_BYTES = 32_000_000
const PUBLISH_MS = 10 * 60_000
/** One stream of the emulator gives 1,800 messages a second, five give 6,000 and more. */
const PULL_STREAMS = 5
/** After a crash its messages come again so much later; until then the client renews the lease by itself. */
const LEASE_SECONDS = 20
const MOST_LEASE_SECONDS = 30 * 60
const CLOSE_SECONDS = 5

/** Of a call to publish: few retries, far between, spread by the client. */
const RETRY = {
  retryCodes: [1, 2, 4, 8, 10, 13, 14],
  backoffSettings: {
    initialRetryDelayMillis: 1_000,
    retryDelayMultiplier: 2,
    maxRetryDelayMillis: 60_000,
    initialRpcTimeoutMillis: 30_000,
    rpcTimeoutMultiplier: 1,
    maxRpcTimeoutMillis: 30_000,
    totalTimeoutMillis: PUBLISH_MS,
  },
}

/** Two topics, and the position of the stream as an object that is only written over what was read. */
export function pubsubBroker(cloud: Cloud, storage: Storage): Broker {
  const { gcp, names } = cloud
  const position = document<Position>(storage, gcp.bucket, 'state/position.json')
  let client: Promise<{ pubsub: PubSub; seconds(n: number): Duration }> | undefined
  const topics = new Map<FactName, Topic>()
  let generation: string | 0 | undefined

  const open = () => (client ??= openPubSub(cloud))

  async function topicOf(table: FactName): Promise<Topic> {
    const known = topics.get(table)
    if (known) return known
    const topic = (await open()).pubsub.topic(names.topics[table], {
      batching: { maxMessages: BATCH_MESSAGES, maxBytes: BATCH_BYTES, maxMilliseconds: 20 },
      flowControlOptions: { maxOutstandingMessages: OUTSTANDING_MESSAGES, maxOutstandingBytes: OUTSTANDING_BYTES },
      gaxOpts: { retry: RETRY, timeout: PUBLISH_MS },
    })
    topics.set(table, topic)
    return topic
  }

  return {
    async publish(table, world, messages) {
      const topic = await topicOf(table)
      const doing = `publishing to ${gcp.project}/${names.topics[table]}`
      try {
        const publisher = topic.flowControlled()
        for (const { id, data } of messages) {
          const room = publisher.publish({ data: Buffer.from(data), attributes: { id, table, world } })
          if (room) await within(PUBLISH_MS, doing, room)
        }
        await within(PUBLISH_MS * 2, doing, publisher.all())
      } catch (error) {
        throw explainCloudError(error, doing)
      }
    },

    async position() {
      const read = await position.read()
      generation = read?.generation ?? 0
      return read?.value
    },

    async savePosition(next) {
      if (generation === undefined) generation = (await position.read())?.generation ?? 0
      generation = await position.write(next, generation)
      if (generation === undefined)
        throw new RetailError('busy', 'another stream writes the same timeline', {
          why: `it moved the position in gs://${gcp.bucket}/state/position.json while this one was at work`,
          hint: 'stop the other one; or wait a moment and run `retail stream` again',
        })
    },

    subscriptionOf: (table) => names.subscriptions[table],

    subscribe(table, messages, onDelivery, onError) {
      const opened = open().then(({ pubsub, seconds }) => {
        const subscription = pubsub.subscription(names.subscriptions[table], {
          flowControl: { maxMessages: messages, allowExcessMessages: false },
          maxExtensionTime: seconds(MOST_LEASE_SECONDS),
          streamingOptions: { maxStreams: PULL_STREAMS },
          minAckDeadline: seconds(LEASE_SECONDS),
          closeOptions: { timeout: seconds(CLOSE_SECONDS) },
        })
        subscription.on('message', (message) =>
          onDelivery({
            messageId: message.id,
            data: message.data,
            attributes: message.attributes,
            ack: () => message.ack(),
            nack: () => message.nack(),
          }),
        )
        subscription.on('error', (error) =>
          onError(explainCloudError(error, `reading from ${gcp.project}/${names.subscriptions[table]}`)),
        )
        return subscription
      })
      opened.catch(onError)
      return {
        async close() {
          const subscription = await opened.catch(() => undefined)
          if (subscription)
            await within(CLOSE_SECONDS * 2_000, 'closing a subscription', subscription.close()).catch(() => {})
        },
      }
    },

    async [Symbol.asyncDispose]() {
      const opened = await client?.catch(() => undefined)
      if (opened) await within(CLOSE_SECONDS * 2_000, 'closing Pub/Sub', opened.pubsub.close()).catch(() => {})
    },
  }
}

async function openPubSub(cloud: Cloud) {
  const { Duration, PubSub } = await import('@google-cloud/pubsub')
  const { gcp, emulators } = cloud
  // It finds PUBSUB_EMULATOR_HOST by itself.
  // Its types know the clients of its own copy of google-auth-library only; they are the same.
  const identity = (emulators ? {} : await identityOf(cloud)) as ConstructorParameters<typeof PubSub>[0]
  const pubsub = new PubSub({ ...identity, projectId: gcp.project })
  return { pubsub, seconds: (n: number) => Duration.from({ seconds: n }) }
}
