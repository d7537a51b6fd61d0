import { type BaseOptions, Consumer, FetchIsolationLevels } from '@platformatic/kafka'

/** A record of the log; a deleted key has no value. */
export interface LogRecord {
  offset: bigint
  key: string
  value: Buffer | null
}

const LATEST = -1n
const EARLIEST = -2n
const FETCH_BYTES = 1 << 20

/** The first partition of a topic, read by offset, without a consumer group. */
export class KafkaLog implements AsyncDisposable {
  readonly topic: string
  private readonly consumer: Consumer

  constructor(options: BaseOptions, topic: string) {
    this.topic = topic
    // What is committed is decided here: the client mixes up several aborted transactions of one producer.
    const isolationLevel = FetchIsolationLevels.READ_UNCOMMITTED
    this.consumer = new Consumer({ ...options, groupId: 'retail-positions', isolationLevel })
  }

  begin = (): Promise<bigint> => this.offsetAt(EARLIEST)
  /** The offset of the next record. */
  end = (): Promise<bigint> => this.offsetAt(LATEST)

  /** The committed records of [from, to), which must exist. Those of a transaction are where it was committed. */
  async records(from: bigint, to: bigint): Promise<LogRecord[]> {
    const { topic, consumer } = this
    const all: LogRecord[] = []
    const open = new Map<bigint, LogRecord[]>()
    for (let offset = from; offset < to; ) {
      const about = (await consumer.metadata({ topics: [topic] })).topics.get(topic)!
      const partition = {
        partition: 0,
        currentLeaderEpoch: -1,
        fetchOffset: offset,
        lastFetchedEpoch: -1,
        partitionMaxBytes: FETCH_BYTES,
      }
      const { responses } = await consumer.fetch({
        node: about.partitions[0].leader,
        topics: [{ topicId: about.id, partitions: [partition] }],
        minBytes: 1,
        maxBytes: FETCH_BYTES,
        maxWaitTime: 500,
      })
      const before = offset
      for (const batch of responses[0]?.partitions[0]?.records ?? []) {
        const { firstOffset, producerId } = batch
        const isMarker = (batch.attributes & IS_CONTROL) !== 0
        const into = (batch.attributes & IS_TRANSACTIONAL) === 0 || isMarker ? all : opened(open, producerId)
        for (const { key, value, offsetDelta } of batch.records) {
          const at = firstOffset + BigInt(offsetDelta)
          // A batch may begin before the requested offset.
          if (at < before || at >= to) continue
          if (!isMarker) into.push({ offset: at, key: String(key), value })
          else if (key?.readInt16BE(MARKER_AT) === COMMITTED) into.push(...opened(open, producerId))
        }
        if (isMarker) open.delete(producerId)
        offset = firstOffset + BigInt(batch.lastOffsetDelta) + 1n
      }
      if (offset === before) throw new Error(`the topic ${topic} ends at ${to}, but cannot be read from ${offset}`)
    }
    return all
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await closed(() => this.consumer.close(true))
  }

  private async offsetAt(timestamp: bigint): Promise<bigint> {
    const { topic } = this
    const offsets = await this.consumer.listOffsets({ topics: [topic], partitions: { [topic]: [0] }, timestamp })
    return offsets.get(topic)![0]
  }
}

/** Attributes of a batch, and the marker that ends a transaction: its version, and its kind. */
const IS_TRANSACTIONAL = 0x10
const IS_CONTROL = 0x20
const MARKER_AT = 2
const COMMITTED = 1

function opened(open: Map<bigint, LogRecord[]>, producer: bigint): LogRecord[] {
  const records = open.get(producer) ?? []
  open.set(producer, records)
  return records
}

/** Resolves with the work, or after this time without it. */
export async function within(ms: number, work: Promise<void>): Promise<void> {
  const late = new Promise<void>((resolve) => setTimeout(resolve, ms).unref())
  await Promise.race([work, late])
}

/** Closes a client; what it was opened for has succeeded, or its error is thrown. */
export async function closed(close: () => unknown): Promise<void> {
  try {
    await close()
  } catch {
    // See above.
  }
}
