import { type BaseOptions, Consumer } from '@platformatic/kafka'

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
    this.consumer = new Consumer({ ...options, groupId: 'retail-positions' })
  }

  begin = (): Promise<bigint> => this.offsetAt(EARLIEST)
  /** The offset of the next record. */
  end = (): Promise<bigint> => this.offsetAt(LATEST)

  /** The records of [from, to), which must exist. */
  async records(from: bigint, to: bigint): Promise<LogRecord[]> {
    const { topic, consumer } = this
    const all: LogRecord[] = []
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
      for (const { firstOffset, lastOffsetDelta, records } of responses[0]?.partitions[0]?.records ?? []) {
        for (const { key, value, offsetDelta } of records) {
          const at = firstOffset + BigInt(offsetDelta)
          // A batch may begin before the requested offset.
          if (at >= before && at < to) all.push({ offset: at, key: String(key), value })
        }
        offset = firstOffset + BigInt(lastOffsetDelta) + 1n
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

/** Closes a client; what it was opened for has succeeded, or its error is thrown. */
export async function closed(close: () => unknown): Promise<void> {
  try {
    await close()
  } catch {
    // See above.
  }
}
