import { Producer } from '@platformatic/kafka'
import type { EventBatch, Repeat } from '../../ports/index.ts'
import { repeatsAfter } from '../../ports/saved-position.ts'
import { sumOfFacts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { BackgroundWriter } from './background-writer.ts'
import type { Message } from './kafka-messages.ts'
import { readPosition } from './kafka-positions.ts'
import { closeProducer, type KafkaSender, positionMessage, type Sending } from './kafka-sender.ts'

/** The coordinator aborts a transaction that is older; a reader waits that long for a stream that was killed. */
const TRANSACTION_MS = 10_000
/** A new transaction waits until the markers of the one before are written. */
const RETRIES = { retries: 50, retryDelay: 20 }

/**
 * Events go with their position into one transaction, whose id is the same for every stream of this world to these
 * topics. A new producer ends the transaction that another one has left, and fences that one, before it gets to read
 * the position: so what it reads is final, and each event is committed once, whichever side dies.
 */
export class InTransactions implements KafkaSender {
  position: Second | undefined
  since: Second | undefined
  /** Of streams without transactions. */
  repeats: readonly Repeat[] = []
  private readonly sending: Sending
  private readonly id: string
  private producer: Producer | undefined
  private readonly writer = new BackgroundWriter<Prepared>({
    write: (group) => this.sending.patience.keepTrying(() => this.commit(group)),
    sizeOf: ({ events }) => events,
  })

  constructor(sending: Sending) {
    this.sending = sending
    this.id = `${sending.log.topic} ${sending.source.world}`
  }

  async open(): Promise<void> {
    await this.connected()
  }

  async deliver(batch: EventBatch): Promise<void> {
    const { from, to, since, rows } = batch
    const requests = [...this.sending.messages.requestsOf(batch)]
    await this.writer.add({ from, to, since, events: sumOfFacts(rows), requests })
  }

  async flush(): Promise<void> {
    await this.writer.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dropProducer()
  }

  private async commit(group: readonly Prepared[]): Promise<void> {
    const { lease } = this.sending
    await lease.hold()
    const producer = await this.connected()
    const { from } = group[0]
    const { to, since } = group[group.length - 1]
    // The answer to the last commit was lost.
    if (this.position !== undefined && this.position >= to) return
    if ((this.position ?? from) !== from) throw lease.takenOver()
    try {
      const transaction = await producer.beginTransaction()
      for (const { requests } of group) for (const messages of requests) await transaction.send({ messages })
      await transaction.send({
        messages: [positionMessage(this.sending, { since, position: to, repeats: this.repeats })],
      })
      await transaction.commit()
    } catch (error) {
      // Whether it was committed, its successor reads.
      await this.dropProducer()
      throw error
    }
    this.position = to
    this.since = since
  }

  /** The producer; a new one if the last one failed. */
  private async connected(): Promise<Producer> {
    if (this.producer) return this.producer
    const { options, log, source, location } = this.sending
    const producer = new Producer({
      ...{ ...options, ...RETRIES, idempotent: true, transactionalId: this.id, timeout: TRANSACTION_MS },
      // The client's own default claims to be producer 0, which the coordinator refuses as soon as there is another one.
      ...{ producerId: -1n, producerEpoch: -1 },
    })
    this.producer = producer
    try {
      // This takes the id; the transaction itself begins with its first message.
      await (await producer.beginTransaction()).cancel()
      const record = await readPosition(log, source, location)
      this.since = record.since
      this.position = record.position
      this.repeats = repeatsAfter(record)
      return producer
    } catch (error) {
      await this.dropProducer()
      throw error
    }
  }

  private async dropProducer(): Promise<void> {
    const { producer } = this
    this.producer = undefined
    await closeProducer(producer)
  }
}

/** A batch as messages, which outlive the batch. */
interface Prepared extends Pick<EventBatch, 'from' | 'to' | 'since'> {
  events: number
  requests: Message[][]
}
