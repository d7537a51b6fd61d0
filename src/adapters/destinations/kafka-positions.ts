import { RetailError } from '../../errors.ts'
import { whoseEvents } from '../../ports/damage.ts'
import type { EventSource } from '../../ports/index.ts'
import { readRecord, type SentRecord, writtenRecord } from '../../ports/saved-position.ts'
import { shareTimeline } from '../../ports/source-name.ts'
import type { KafkaLog } from './kafka-log.ts'

/** The record of a world: its key is the id of the world. */
export const positionRecord = (world: string, record: SentRecord): Buffer =>
  Buffer.from(JSON.stringify({ world, ...writtenRecord(record) }))

/** The last record of a world in the compacted topic of positions. Rejects with `foreign_world` if another one has a record. */
export async function readPosition(
  log: KafkaLog,
  { world }: Pick<EventSource, 'world'>,
  location: string,
): Promise<SentRecord> {
  let last: Parameters<typeof readRecord>[0]
  for (const { key, value } of await log.records(await log.begin(), await log.end())) {
    if (!value) continue
    const record = JSON.parse(String(value)) as typeof last & { world?: string }
    if (key === world) last = record
    // Records of a lease name no world.
    else if (record.world !== undefined && record.world !== world && !shareTimeline(record.world, world))
      throw foreign(location, record.world, world)
  }
  return readRecord(last)
}

const foreign = (location: string, other: string, world: string) =>
  new RetailError('foreign_world', `${location} holds other events`, {
    why: whoseEvents(other, world),
    hint: 'choose other topics: add prefix=NAME to the address',
  })
