import type { Storage } from '@google-cloud/storage'
import type { AppendTable, Broker, EventMessage, Origin } from '../../ports/index.ts'
import { byFact, type FactName, facts } from '../../tables/index.ts'
import { type Cloud, identityOf } from './clients.ts'
import { positionsIn } from './positions.ts'
import { pullSubscription } from './pull-subscription.ts'
import {
  callErrorOf,
  explainCloudError,
  isNotFound,
  isTransient,
  retrySite,
  scaledForEmulator,
  within,
} from './retry.ts'

/** Pub/Sub rejects a request over 10 MB (its emulator hangs); this stays far below. */
const BATCH_BYTES = 4_000_000
const BATCH_MESSAGES = 1_000
/** Concurrent requests per table: the bound on memory while Pub/Sub is slow. */
const IN_FLIGHT = 8
const PUBLISH_MS = 30_000
const PATIENCE_MS = 15 * 60_000
const CLOSE_MS = 10_000
const CHECK_MS = 10_000
/** gRPC status code. */
const PERMISSION_DENIED = 7

/** Two topics, and the positions of streams in the bucket. */
export function pubsubBroker(cloud: Cloud, storage: Storage): Broker {
  const { gcp, names } = cloud
  let client: ReturnType<typeof openPubSub> | undefined
  const site = byFact(() => publishSite())
  const open = () => (client ??= openPubSub(cloud))
  // The topic of dead letters and its subscription have one name.
  const subscriptionOf = (table: AppendTable) =>
    table === 'dead_letter' ? names.deadLetter : names.subscriptions[table]

  return {
    async publish(table, world, messages) {
      const { publisher } = await open()
      const topic = `projects/${gcp.project}/topics/${names.topics[table]}`
      const doing = `publishing to ${gcp.project}/${names.topics[table]}`
      const options = { timeout: scaledForEmulator(PUBLISH_MS), retry: null }
      const send = (batch: Message[]) =>
        site[table].run(
          () => within(PUBLISH_MS * 2, doing, publisher.publish({ topic, messages: batch }, options)),
          isTransient,
        )
      const onTheirWay = new Set<Promise<unknown>>()
      let failure: { error: unknown } | undefined
      try {
        for (const batch of batchesOf(table, world, messages)) {
          while (onTheirWay.size >= IN_FLIGHT) await Promise.race(onTheirWay)
          if (failure) break
          const sent: Promise<unknown> = send(batch)
            .catch((error) => (failure ??= { error }))
            .finally(() => onTheirWay.delete(sent))
          onTheirWay.add(sent)
        }
      } finally {
        await Promise.all(onTheirWay)
      }
      if (failure) throw explainCloudError(failure.error, doing)
    },

    ...positionsIn(storage, gcp.bucket),

    product: 'Pub/Sub',

    subscriptionOf,

    originOf(attributes): Origin | undefined {
      const subscription = attributes.CloudPubSubDeadLetterSourceSubscription
      if (subscription === undefined) return undefined
      return {
        subscription,
        table: facts.find(({ name }) => names.subscriptions[name] === subscription)?.name,
        attempts: Number(attributes.CloudPubSubDeadLetterSourceDeliveryCount ?? 0),
      }
    },

    async lostSubscriptions() {
      const { subscriber } = await open()
      const lost: string[] = []
      for (const { name } of facts) {
        const doing = `checking ${gcp.project}/${names.subscriptions[name]}`
        const subscription = `projects/${gcp.project}/subscriptions/${names.subscriptions[name]}`
        const options = { timeout: scaledForEmulator(CHECK_MS), retry: null }
        try {
          await within(CHECK_MS * 2, doing, subscriber.getSubscription({ subscription }, options))
        } catch (error) {
          if (isNotFound(error)) lost.push(names.subscriptions[name])
          else if (callErrorOf(error).code === PERMISSION_DENIED || isTransient(error)) return undefined
          else throw explainCloudError(error, doing)
        }
      }
      return lost
    },

    subscribe(table, messages, onDelivery, onError) {
      const name = subscriptionOf(table)
      const doing = `reading from ${gcp.project}/${name}`
      const opened = open().then(({ subscriber }) =>
        pullSubscription(subscriber, `projects/${gcp.project}/subscriptions/${name}`, {
          ...{ doing, messages, onDelivery, onError },
          // There are few dead letters.
          ...(table === 'dead_letter' && { pullers: 1 }),
        }),
      )
      opened.catch(onError)
      return {
        async close() {
          // onError has reported it.
          await (await opened.catch(() => undefined))?.close()
        },
      }
    },

    async [Symbol.asyncDispose]() {
      // Whoever used it has the error; there is nothing to close.
      const opened = await client?.catch(() => undefined)
      if (!opened) return
      const closed = Promise.all([opened.publisher.close(), opened.subscriber.close()])
      // Nothing is sent any more: a connection that does not close ends with the process, and nobody needs to know.
      await within(CLOSE_MS, 'closing Pub/Sub', closed, CLOSE_MS).catch(() => {})
    },
  }
}

interface Message {
  data: Uint8Array
  attributes: Record<string, string>
}

function* batchesOf(table: FactName, world: string, messages: Iterable<EventMessage>): Generator<Message[]> {
  let [batch, bytes]: [Message[], number] = [[], 0]
  for (const { id, data } of messages) {
    const body = typeof data === 'string' ? Buffer.from(data) : data
    batch.push({ data: body, attributes: { ...(id !== '' && { id }), table, world } })
    bytes += data.length + id.length + 200
    if (batch.length < BATCH_MESSAGES && bytes < BATCH_BYTES) continue
    yield batch
    ;[batch, bytes] = [[], 0]
  }
  if (batch.length > 0) yield batch
}

const publishSite = () => retrySite('Pub/Sub', { patienceMs: PATIENCE_MS })

async function openPubSub(cloud: Cloud) {
  const { v1 } = await import('@google-cloud/pubsub')
  const { gcp, emulators } = cloud
  // Its types accept only the clients of its own copy of google-auth-library; the classes are the same.
  const options = {
    ...(emulators ? await emulatorOptions(emulators.pubsub) : await identityOf(cloud)),
    projectId: gcp.project,
  }
  const given = options as ConstructorParameters<typeof v1.PublisherClient>[0]
  return { publisher: new v1.PublisherClient(given), subscriber: new v1.SubscriberClient(given) }
}

/** Without TLS and credentials. */
async function emulatorOptions(address: string) {
  const { hostname, port } = new URL(address)
  const { credentials } = await import('@grpc/grpc-js')
  return { servicePath: hostname, port: Number(port), sslCreds: credentials.createInsecure() }
}
