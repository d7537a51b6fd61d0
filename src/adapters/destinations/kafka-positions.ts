import { type BaseOptions, Consumer } from '@platformatic/kafka'
import type { Progress } from '../../ports/index.ts'
import { formatSecond, parseSecond, type Second } from '../../time.ts'

/** The record of a world: its key is the id of the world. */
interface Recorded {
  world: string
  since: string
  position: string
}

export const positionRecord = (world: string, since: Second, position: Second): Buffer =>
  Buffer.from(
    JSON.stringify({ world, since: formatSecond(since), position: formatSecond(position) } satisfies Recorded),
  )

const LATEST = -1n
const EARLIEST = -2n
const FETCH_BYTES = 1 << 20

/** The last record of a world in the compacted topic of positions, read from its beginning, without a consumer group. */
export async function readPosition(options: BaseOptions, topic: string, world: string): Promise<Progress> {
  const consumer = new Consumer({ ...options, groupId: 'retail-positions' })
  try {
    const about = (await consumer.metadata({ topics: [topic] })).topics.get(topic)!
    const offsetAt = async (timestamp: bigint) =>
      (await consumer.listOffsets({ topics: [topic], partitions: { [topic]: [0] }, timestamp })).get(topic)![0]
    const [begin, end] = [await offsetAt(EARLIEST), await offsetAt(LATEST)]
    let last: Recorded | undefined
    for (let offset = begin; offset < end; ) {
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
        for (const { key, value } of batch.records)
          if (String(key) === world && value) last = JSON.parse(String(value)) as Recorded
        offset = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n
      }
      if (offset === before) throw new Error(`the topic ${topic} ends at ${end}, but cannot be read from ${offset}`)
    }
    return last
      ? { since: parseSecond(last.since), position: parseSecond(last.position) }
      : { since: undefined, position: undefined }
  } finally {
    await closed(() => consumer.close(true))
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
