import { Admin, type BaseOptions, compatibilityPartitioner, type MessageToProduce, Producer } from '@platformatic/kafka'
import type { Config } from '../../config/schema.ts'
import type { KafkaPlace } from '../../config/where.ts'
import { RetailError } from '../../errors.ts'
import type { EventPage } from '../../ports/destination.ts'
import { type Destination, type EventBatch, type EventSource, holding, type Progress } from '../../ports/index.ts'
import { facts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { clientOptions, namesOf, retailErrorIn } from './kafka-client.ts'
import { KafkaLease } from './kafka-lease.ts'
import { closed, KafkaLog } from './kafka-log.ts'
import { positionRecord, readPosition } from './kafka-positions.ts'
import { innermost, isUnknownHost, OPENING_MS, Patience, unknownHost } from './patience.ts'
import { SavedPosition } from './saved-position.ts'

/** Events of a request, in bytes: a broker takes at most 1 MB for one partition, and all may be of one. */
const SEND_BYTES = 800_000
const SEND_EVENTS = 4_000
/** A broker that is away must not keep a stream from ending. */
const CLOSE_MS = 2_000

type Message = MessageToProduce<Buffer, Buffer, Buffer, Buffer>

interface Opening {
  signal: AbortSignal | undefined
  /** The folder in which no secret may be. */
  workspace: { folder: string } | undefined
  /** Where Google's credentials are. */
  google: Pick<Config, 'workspace' | 'gcp'>
}

/** Opens the topics of a cluster, and creates those that are missing. */
export async function openKafka(
  place: KafkaPlace,
  source: EventSource,
  { signal, workspace, google }: Opening,
): Promise<Destination> {
  const options = await clientOptions(place, process.env, { workspace: workspace?.folder, google })
  const topics = new KafkaTopics(place, source, options, signal)
  return await holding(topics, async () => {
    await topics.open()
    return topics
  })
}

const positionsOf = ({ prefix }: KafkaPlace): string => `${prefix}.positions`

/** What the topic of positions says; it is read and not created. */
export async function readKafkaProgress(
  place: KafkaPlace,
  source: EventSource,
  { workspace, google }: Omit<Opening, 'signal'>,
): Promise<Progress> {
  const options = {
    ...(await clientOptions(place, process.env, { workspace: workspace?.folder, google })),
    retries: 2,
  }
  await using log = new KafkaLog(options, positionsOf(place))
  try {
    return await readPosition(log, source.world)
  } catch (error) {
    throw new RetailError('missing', `the position of ${place.location} cannot be read`, {
      why: innermost(error).message,
      hint: 'check the brokers and the prefix',
      cause: error,
    })
  }
}

/**
 * Events go to one topic per table, with the store as key, so that those of a store are in one partition. An idempotent
 * producer has one request in flight per broker: a retry neither repeats nor reorders. The position is saved after the
 * brokers have acknowledged the events, so a crash repeats the last second, and skips nothing. A lease keeps a second
 * stream of the same world out.
 */
class KafkaTopics implements Destination {
  readonly location: string
  private readonly place: KafkaPlace
  private readonly source: EventSource
  private readonly options: BaseOptions
  private readonly signal: AbortSignal | undefined
  private readonly patience: Patience
  private readonly log: KafkaLog
  private readonly lease: KafkaLease
  private readonly topics: readonly string[]
  private readonly keys: Buffer[]
  private readonly partitions: number[]
  private readonly headers: readonly [Buffer, Buffer][][]
  private producer: Producer | undefined
  private readonly saved: SavedPosition
  private opened = false

  constructor(place: KafkaPlace, source: EventSource, options: BaseOptions, signal: AbortSignal | undefined) {
    this.location = place.location
    this.place = place
    this.source = source
    this.options = options
    this.topics = facts.map(({ name }) => `${place.prefix}.${name}`)
    this.keys = Array.from({ length: source.storeCount }, (_, store) => Buffer.from(source.storeId(store)))
    // The same partitions as those that a Java client chooses for these keys.
    this.partitions = this.keys.map((key) => compatibilityPartitioner(undefined as never, key))
    this.headers = facts.map(({ name }) => [
      [Buffer.from('world'), Buffer.from(source.world)],
      [Buffer.from('table'), Buffer.from(name)],
    ])
    this.saved = new SavedPosition((since, position) =>
      this.send([
        {
          ...{ topic: this.positions, key: Buffer.from(source.world), partition: 0 },
          value: positionRecord(source.world, since, position),
        },
      ]),
    )
    this.signal = signal
    this.patience = new Patience(place.location, signal, (error) => this.refusal(error))
    this.log = new KafkaLog(options, this.positions)
    this.lease = new KafkaLease(this.log, source.world, place.location, options)
  }

  get position(): Second | undefined {
    return this.saved.position
  }

  get since(): Second | undefined {
    return this.saved.since
  }

  get trouble(): string | undefined {
    return this.patience.trouble
  }

  async open(): Promise<void> {
    await this.patience.keepTrying(async () => {
      await this.createTopics()
      await this.lease.take(this.signal)
      this.saved.restore(await readPosition(this.log, this.source.world))
    }, OPENING_MS)
    this.opened = true
  }

  async deliver(batch: EventBatch): Promise<void> {
    await this.saved.begin(batch)
    let sent: Promise<void> = Promise.resolve()
    for (const messages of this.requestsOf(batch)) {
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
    this.patience.end()
    await within(CLOSE_MS, this.lease.release())
    await Promise.all([this.dropProducer(), within(CLOSE_MS, this.log[Symbol.asyncDispose]())])
  }

  private get positions(): string {
    return positionsOf(this.place)
  }

  private *requestsOf(batch: EventBatch): Generator<Message[]> {
    let messages: Message[] = []
    let bytes = 0
    for (const page of batch.pages('event')) {
      // The next page overwrites the bytes.
      const copy = Buffer.from(page.bytes)
      for (let i = 0; i < page.n; i++) {
        const message = this.messageOf(copy, page, i)
        bytes += message.value!.length + OVERHEAD
        messages.push(message)
        if (bytes < SEND_BYTES && messages.length < SEND_EVENTS) continue
        yield messages
        messages = []
        bytes = 0
      }
    }
    if (messages.length > 0) yield messages
  }

  private messageOf(bytes: Buffer, { starts, tables, stores }: EventPage, i: number): Message {
    const [table, store] = [tables[i], stores[i]]
    const value = bytes.subarray(starts[i], starts[i + 1] - 1)
    const headers = new Map(this.headers[table])
    // A damaged event may have none.
    const id = value.indexOf(ID_BEGINS) + ID_BEGINS.length
    if (id >= ID_BEGINS.length) headers.set(ID, value.subarray(id, id + this.source.idLength))
    return { topic: this.topics[table], key: this.keys[store], partition: this.partitions[store], value, headers }
  }

  /** Resolves when all brokers have acknowledged. A failed request is repeated unchanged. */
  private async send(messages: Message[]): Promise<void> {
    await this.patience.keepTrying(async () => {
      await this.lease.hold()
      this.producer ??= new Producer({ ...this.options, idempotent: true, retries: 2, retryDelay: 100 })
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
    if (producer)
      await within(
        CLOSE_MS,
        closed(() => producer.close(true)),
      )
  }

  private async createTopics(): Promise<void> {
    const admin = new Admin(this.options)
    try {
      const known = new Set(await admin.listTopics())
      const { partitions, replicas } = this.place
      const events = this.topics.filter((topic) => !known.has(topic))
      const configs = [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'segment.ms', value: '600000' },
        { name: 'min.cleanable.dirty.ratio', value: '0.01' },
      ]
      if (events.length > 0) await admin.createTopics({ topics: events, partitions, replicas })
      if (!known.has(this.positions))
        await admin.createTopics({ topics: [this.positions], partitions: 1, replicas, configs })
    } finally {
      await closed(() => admin.close())
    }
  }

  private refusal(error: unknown): RetailError | undefined {
    const ours = retailErrorIn(error)
    // The credentials of the next session: a service that is away comes back.
    if (ours) return ours.passes ? undefined : ours
    const names = namesOf(error)
    const cause = innermost(error)
    if (!this.opened && isUnknownHost(cause)) return unknownHost(this.location, cause)
    const failed = (code: 'not_allowed' | 'refused', message: string, hint: string) =>
      new RetailError(code, message, { why: cause.message, hint, cause: error })
    if (names.some((name) => /CERT|SELF_SIGNED|UNABLE_TO/.test(name)))
      return failed(
        'not_allowed',
        `the certificate of ${this.location} is not trusted`,
        'name the certificate of its authority: add ca=FILE to the address',
      )
    if (names.some((name) => /AUTHENTICATION|AUTHORIZATION|SASL/.test(name)))
      return failed(
        'not_allowed',
        `${this.location} refuses the credentials`,
        this.place.sasl === 'google'
          ? 'the account needs the role Managed Kafka Client (roles/managedkafka.client)'
          : 'check sasl=, tls=, and RETAIL_KAFKA_USERNAME and RETAIL_KAFKA_PASSWORD, or the rights of the user',
      )
    if (names.some((name) => /TOO_LARGE|^INVALID_(PARTITIONS|REPLICATION|CONFIG|TOPIC)|POLICY_VIOLATION/.test(name)))
      return failed(
        'refused',
        `${this.location} refuses the request`,
        'create the topics by hand, or choose other options',
      )
    return undefined
  }
}

/** Resolves with the work, or after this time without it. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, ms).unref())
  await Promise.race([work, late])
}

/** Key, headers, and the frame of a record. */
const OVERHEAD = 120
const ID = Buffer.from('id')
const ID_BEGINS = Buffer.from('":"')
const LOST_PRODUCER = /SEQUENCE|PRODUCER/
