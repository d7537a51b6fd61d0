import { Admin, type BaseOptions } from '@platformatic/kafka'
import type { Config } from '../../config/schema.ts'
import type { KafkaPlace } from '../../config/where.ts'
import { RetailError } from '../../errors.ts'
import { type Destination, type EventBatch, type EventSource, holding, type Progress } from '../../ports/index.ts'
import { avroSchema } from '../../tables/emit.ts'
import { facts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import type { EncodeAvro } from './avro-events.ts'
import { clientOptions, namesOf, retailErrorIn } from './kafka-client.ts'
import { KafkaLease } from './kafka-lease.ts'
import { closed, KafkaLog, within } from './kafka-log.ts'
import { KafkaMessages } from './kafka-messages.ts'
import { readPosition } from './kafka-positions.ts'
import { AtLeastOnce, CLOSE_MS, type KafkaSender } from './kafka-sender.ts'
import { InTransactions } from './kafka-transactions.ts'
import { innermost, isUnknownHost, OPENING_MS, Patience, unknownHost } from './patience.ts'

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
  const encode = place.registry === undefined ? undefined : await avroEncoders(place, place.registry, source, signal)
  const topics = new KafkaTopics(place, source, { options, signal, encode })
  return await holding(topics, async () => {
    await topics.open()
    return topics
  })
}

/** Registers the schemas, if they are not, before anything is sent. Each topic has a subject of its own. */
async function avroEncoders(
  place: KafkaPlace,
  registry: string,
  { schema }: EventSource,
  signal: AbortSignal | undefined,
): Promise<EncodeAvro[]> {
  const [{ avroEncoder }, { registeredIds }] = await Promise.all([
    import('./avro-events.ts'),
    import('./schema-registry.ts'),
  ])
  const schemas = new Map(facts.map((fact) => [`${topicOf(place, fact.name)}-value`, avroSchema(fact, schema)]))
  const ids = await registeredIds(registry, schemas, { env: process.env, signal })
  return facts.map(({ name }, i) => avroEncoder(name, schema, ids[i]))
}

const topicOf = ({ prefix }: KafkaPlace, table: string): string => `${prefix}.${table}`
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
    return await readPosition(log, source, place.location)
  } catch (error) {
    if (error instanceof RetailError) throw error
    throw new RetailError('missing', `the position of ${place.location} cannot be read`, {
      why: innermost(error).message,
      hint: 'check the brokers and the prefix',
      cause: error,
    })
  }
}

/**
 * Events go to one topic per table, with the store as key, so that those of a store are in one partition. A lease keeps
 * a second stream of the same world out.
 */
class KafkaTopics implements Destination {
  readonly location: string
  private readonly place: KafkaPlace
  private readonly options: BaseOptions
  private readonly signal: AbortSignal | undefined
  private readonly patience: Patience
  private readonly log: KafkaLog
  private readonly lease: KafkaLease
  private readonly topics: readonly string[]
  private readonly sender: KafkaSender
  private opened = false

  constructor(
    place: KafkaPlace,
    source: EventSource,
    { options, signal, encode }: { options: BaseOptions; signal: AbortSignal | undefined; encode?: EncodeAvro[] },
  ) {
    this.location = place.location
    this.place = place
    this.options = options
    this.signal = signal
    this.topics = facts.map(({ name }) => topicOf(place, name))
    this.patience = new Patience(place.location, signal, (error) => this.refusal(error))
    this.log = new KafkaLog(options, positionsOf(place))
    this.lease = new KafkaLease(this.log, source.world, place.location, options)
    const messages = new KafkaMessages(this.topics, source, encode)
    const { patience, lease, log } = this
    const sending = { location: place.location, options, source, messages, patience, lease, log }
    this.sender = place.exactlyOnce ? new InTransactions(sending) : new AtLeastOnce(sending)
  }

  get position(): Second | undefined {
    return this.sender.position
  }

  get since(): Second | undefined {
    return this.sender.since
  }

  get trouble(): string | undefined {
    return this.patience.trouble
  }

  async open(): Promise<void> {
    await this.patience.keepTrying(async () => {
      await this.createTopics()
      await this.lease.take(this.signal)
      await this.sender.open()
    }, OPENING_MS)
    this.opened = true
  }

  async deliver(batch: EventBatch): Promise<void> {
    await this.sender.deliver(batch)
  }

  async flush(): Promise<void> {
    await this.sender.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.patience.end()
    await within(CLOSE_MS, this.lease.release())
    await Promise.all([this.sender[Symbol.asyncDispose](), within(CLOSE_MS, this.log[Symbol.asyncDispose]())])
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
      if (!known.has(this.log.topic))
        await admin.createTopics({ topics: [this.log.topic], partitions: 1, replicas, configs })
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
