import { compatibilityPartitioner, type MessageToProduce } from '@platformatic/kafka'
import type { EventPage } from '../../ports/destination.ts'
import type { EventBatch, EventSource } from '../../ports/index.ts'
import { facts } from '../../tables/index.ts'
import type { EncodeAvro } from './avro-events.ts'

/** Events of a request, in bytes: a broker takes at most 1 MB for one partition, and all may be of one. */
const SEND_BYTES = 800_000
const SEND_EVENTS = 4_000

export type Message = MessageToProduce<Buffer, Buffer, Buffer, Buffer>

/** Events as messages, in requests that a broker takes. */
export class KafkaMessages {
  private readonly source: EventSource
  private readonly topics: readonly string[]
  private readonly keys: Buffer[]
  private readonly partitions: number[]
  private readonly headers: readonly [Buffer, Buffer][][]

  /** What a message holds instead of JSON, by table. */
  private readonly encode: readonly EncodeAvro[] | undefined

  /** `topics`, `encode`: one for each fact. */
  constructor(topics: readonly string[], source: EventSource, encode?: readonly EncodeAvro[]) {
    this.source = source
    this.encode = encode
    this.topics = topics
    this.keys = Array.from({ length: source.storeCount }, (_, store) => Buffer.from(source.storeId(store)))
    // The same partitions as those that a Java client chooses for these keys.
    this.partitions = this.keys.map((key) => compatibilityPartitioner(undefined as never, key))
    this.headers = facts.map(({ name }) => [
      [Buffer.from('world'), Buffer.from(source.origin)],
      [Buffer.from('table'), Buffer.from(name)],
    ])
  }

  *requestsOf(batch: EventBatch): Generator<Message[]> {
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
    const json = bytes.subarray(starts[i], starts[i + 1] - 1)
    const headers = new Map(this.headers[table])
    // A damaged event may have none.
    const id = json.indexOf(ID_BEGINS) + ID_BEGINS.length
    if (id >= ID_BEGINS.length) headers.set(ID, json.subarray(id, id + this.source.idLength))
    const value = this.encode ? this.encode[table](json) : json
    return { topic: this.topics[table], key: this.keys[store], partition: this.partitions[store], value, headers }
  }
}

/** Key, headers, and the frame of a record. */
const OVERHEAD = 120
const ID = Buffer.from('id')
const ID_BEGINS = Buffer.from('":"')
