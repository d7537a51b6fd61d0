import type { Progress } from '../../ports/index.ts'
import { formatSecond, parseSecond, type Second } from '../../time.ts'
import type { KafkaLog } from './kafka-log.ts'

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

/** The last record of a world in the compacted topic of positions. */
export async function readPosition(log: KafkaLog, world: string): Promise<Progress> {
  let last: Recorded | undefined
  for (const { key, value } of await log.records(await log.begin(), await log.end()))
    if (key === world && value) last = JSON.parse(String(value)) as Recorded
  return last
    ? { since: parseSecond(last.since), position: parseSecond(last.position) }
    : { since: undefined, position: undefined }
}
