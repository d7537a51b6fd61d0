import { type BaseOptions, Producer } from '@platformatic/kafka'
import type { Destination, EventBatch, EventSource, Progress } from '../../ports/index.ts'
import { SavedPosition, type SentRecord } from '../../ports/saved-position.ts'
import type { Second } from '../../time.ts'
import { namesOf } from './kafka-client.ts'
import type { KafkaLease } from './kafka-lease.ts'
import { closed, type KafkaLog, within } from './kafka-log.ts'
import type { KafkaMessages, Message } from './kafka-messages.ts'
import { positionRecord, readPosition } from './kafka-positions.ts'
import type { Patience } from './patience.ts'

/** What sends events: with the position after them, or in one transaction with it. */
export interface KafkaSender extends Progress, Pick<Destination, 'deliver' | 'flush'>, AsyncDisposable {
  /** Reads the position. May be repeated after it has failed. */
  open(): Promise<void>
}

/** What a sender works with. */
export interface Sending {
  location: string
  options: BaseOptions
  source: EventSource
  messages: KafkaMessages
  patience: Patience
  lease: KafkaLease
  /** The topic of positions. */
  log: KafkaLog
}

/** The record of a position in its topic. */
export const positionMessage = ({ log, source }: Pick<Sending, 'log' | 'source'>, record: SentRecord): Message => ({
  ...{ topic: log.topic, partition: 0, key: Buffer.from(source.world) },
  value: positionRecord(source.world, record),
})

/**
 * An idempotent producer has one request in flight per broker: a retry neither repeats nor reorders. The position is
 * saved after the brokers have acknowledged the events, so a crash repeats the last second, and skips nothing.
 */
export class AtLeastOnce implements KafkaSender {
  private readonly sending: Sending
  private readonly saved: SavedPosition
  private producer: Producer | undefined

  constructor(sending: Sending) {
    this.sending = sending
    this.saved = new SavedPosition((record) => this.send([positionMessage(sending, record)]))
  }

  get position(): Second | undefined {
    return this.saved.position
  }

  get since(): Second | undefined {
    return this.saved.since
  }

  async open(): Promise<void> {
    const { log, source, location } = this.sending
    this.saved.restore(await readPosition(log, source, location))
  }

  async deliver(batch: EventBatch): Promise<void> {
    await this.saved.begin(batch)
    let sent: Promise<void> = Promise.resolve()
    for (const messages of this.sending.messages.requestsOf(batch)) {
      await sent
      // The brokers write while the next request is put together.
      sent = this.send(messages)
      // It is awaited in the next round.
      sent.catch(() => {})
    }
    await sent
    await this.saved.acknowledge(batch)
  }

  async flush(): Promise<void> {
    await this.saved.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dropProducer()
  }

  /** Resolves when all brokers have acknowledged. A failed request is repeated unchanged. */
  private async send(messages: Message[]): Promise<void> {
    const { patience, lease, options } = this.sending
    await patience.keepTrying(async () => {
      await lease.hold()
      this.producer ??= new Producer({ ...options, idempotent: true, retries: 2, retryDelay: 100 })
      try {
        await this.producer.send({ messages })
      } catch (error) {
        // The brokers no longer know this producer, or know more of it than it does itself.
        if (namesOf(error).some((name) => LOST_PRODUCER.test(name))) await this.dropProducer()
        throw error
      }
    })
  }

  private async dropProducer(): Promise<void> {
    const { producer } = this
    this.producer = undefined
    // What it has not sent is sent again by its successor.
    await closeProducer(producer)
  }
}

/** A broker that is away must not keep a stream from ending. */
export const CLOSE_MS = 2_000

export async function closeProducer(producer: Producer | undefined): Promise<void> {
  if (!producer) return
  await within(
    CLOSE_MS,
    closed(() => producer.close(true)),
  )
}

const LOST_PRODUCER = /SEQUENCE|PRODUCER/
