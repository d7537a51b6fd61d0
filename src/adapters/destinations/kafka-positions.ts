import type { KafkaLog } from './kafka-log.ts'
import { readRecord, type SentRecord, writtenRecord } from './saved-position.ts'

/** The record of a world: its key is the id of the world. */
export const positionRecord = (world: string, record: SentRecord): Buffer =>
  Buffer.from(JSON.stringify({ world, ...writtenRecord(record) }))

/** The last record of a world in the compacted topic of positions. */
export async function readPosition(log: KafkaLog, world: string): Promise<SentRecord> {
  let last: Parameters<typeof readRecord>[0]
  for (const { key, value } of await log.records(await log.begin(), await log.end()))
    if (key === world && value) last = JSON.parse(String(value))
  return readRecord(last)
}
